/** The pages of the dashboard in the states that matter, with texts that a strategy, a log or a person may hold. */
import type { Child } from 'hono/jsx';
import type { AskedBefore } from '../../strategy/run/asked-before.js';
import type { Electorate } from '../../strategy/run/electorate.js';
import type { MigrationView, RequirementView } from '../../strategy/run/view.js';
import type { CommandsModel } from '../../web/pages/commands.js';
import { DecisionPage } from '../../web/pages/decision.js';
import { Events } from '../../web/pages/events.js';
import { Inbox } from '../../web/pages/inbox.js';
import { KeyPage } from '../../web/pages/key.js';
import { type Frame, layout } from '../../web/pages/layout.js';
import { LogPage, type ShownLog } from '../../web/pages/log.js';
import { Message } from '../../web/pages/message.js';
import { PhasePage } from '../../web/pages/phase.js';
import { Run } from '../../web/pages/run.js';
import { Runs } from '../../web/pages/runs.js';
import { StepPage } from '../../web/pages/step.js';
import { decision, event, gate, phase, step, view } from '../cli/fixtures.js';
import { planOf, stepOf, strategyOf } from '../strategy/support/compile-text.js';

export const HOSTILE = '<script>alert(1)</script> "\' & <b>bold</b> javascript:alert(2)';
const NOW = Date.parse('2026-01-01T00:10:00.000Z');

const results: readonly RequirementView[] = [
  { text: 'Error rate < 1%', how: 'metric', verdict: 'pass', evidence: '0.2%' },
  { text: HOSTILE, how: 'command', verdict: 'fail', evidence: HOSTILE },
  { text: 'Rows match', how: 'sql', verdict: 'inconclusive', evidence: 'no data' },
  { text: 'Looks good', how: 'person', verdict: null, evidence: null },
];

export const failed = step('S2', {
  name: HOSTILE,
  status: 'failed',
  reason: HOSTILE,
  attempts: 2,
  startedAt: '2026-01-01T00:01:00.000Z',
  endedAt: '2026-01-01T00:02:00.000Z',
  output: Array.from({ length: 40 }, (_, line) => `line ${line} ${HOSTILE}`).join('\n'),
  requirements: results,
});

export const soaking = step('S3', {
  status: 'soaking',
  reason: 'Must stay quiet for 3 days.',
  startedAt: '2026-01-01T00:02:00.000Z',
  waited: 60_000,
  estimate: '30 minutes, then 3 days observation',
});

export const approval = decision({
  question: `Approve GATE-1 (${HOSTILE})?`,
  evidence: results,
  checklist: [HOSTILE],
  votes: [
    { by: HOSTILE, role: 'DBA Lead', option: 'approve', reason: HOSTILE, at: '2026-01-01T00:05:00.000Z' },
  ],
  needs: [{ role: 'DBA Lead', votes: 2, members: ['dora', 'dan'] }],
  deadline: '2026-01-02T00:00:00.000Z',
});

export const failure = decision({
  id: 'failure:S2',
  kind: 'failure',
  subject: 'S2',
  question: 'S2 failed. What now?',
  options: ['retry', 'skip', 'rollback-phase', 'abort'],
  reasonFor: ['skip'],
  needs: [],
});

export const busy: MigrationView = view({
  status: 'waiting',
  reason: `Waits for "DBA Lead" to decide approval:GATE-1: ${HOSTILE}`,
  waitingUntil: '2026-01-01T02:00:00.000Z',
  prerequisites: [{ id: 'PRE-1', name: 'Backup', status: 'verified', reason: '', requirements: results }],
  phases: [
    phase(
      'P1',
      [
        step('S1', {
          status: 'completed',
          startedAt: '2026-01-01T00:00:00.000Z',
          endedAt: '2026-01-01T00:01:00.000Z',
        }),
        failed,
        soaking,
      ],
      {
        status: 'running',
        gate: gate('GATE-1', { status: 'waiting', reason: 'Waits.', requirements: results }),
      },
    ),
    phase('P2', [step('S4', { undo: 'impossible', estimate: HOSTILE })]),
  ],
  applied: ['S1', 'S2'],
  wayBack: [
    { step: 'S2', undo: 'impossible', irreversible: true },
    { step: 'S1', undo: 'actions', irreversible: false },
  ],
  decisions: [approval, failure],
  overrides: [
    {
      ...{ decision: 'failure:S1', subject: 'S1', option: 'skip', by: [HOSTILE, 'dora'] },
      ...{ reason: HOSTILE, at: '2026-01-01T00:01:00.000Z' },
    },
  ],
  incidents: [
    {
      ...{ key: 'failure:S2', decision: 'failure:S2', text: HOSTILE, asked: HOSTILE, answeredBy: null },
      ...{ openedAt: '2026-01-01T00:02:00.000Z', since: '2026-01-01T00:05:00.000Z' },
      ...{ until: '2026-01-01T00:20:00.000Z', passedOver: ['On-call'] },
    },
  ],
  reports: [
    {
      ...{ id: 'status', number: 3, at: '2026-01-01T00:09:00.000Z', next: '2026-01-01T00:12:00.000Z' },
      figures: [{ text: HOSTILE, value: '0.2%' }],
    },
  ],
  deafChannels: [{ channel: HOSTILE, failures: 2, why: HOSTILE, at: '2026-01-01T00:08:00.000Z' }],
  progress: [
    {
      step: 'S3',
      done: 86_400,
      total: 259_200,
      unit: 'seconds',
      ratePerSecond: null,
      since: '2026-01-01T00:02:00.000Z',
      endsAt: '2026-01-04T00:02:00.000Z',
      sentence: 'soaked 1 day of 3 days: quiet',
    },
  ],
  samples: [1, 3, 2].map((value, minute) => ({
    step: 'S3',
    text: 'Error rate > 5%',
    value,
    limit: 5,
    verdict: 'pass' as const,
    at: `2026-01-01T00:0${minute}:00.000Z`,
  })),
  risks: [
    { id: HOSTILE, text: HOSTILE, measures: [HOSTILE], phases: ['P1'], steps: [] },
    { id: 'R-2', text: 'Orders are lost', measures: [], phases: [], steps: ['S4'] },
  ],
  seq: 12,
});

export const rollingBack: MigrationView = {
  ...busy,
  status: 'rolling_back',
  reason: 'S1 is being undone.',
  decisions: [],
  rollback: { number: 1, level: 'full', landing: 'start', cause: HOSTILE, by: 'dora' },
  phases: [
    phase('P1', [
      step('S1', { status: 'rolling_back', reason: 'Being undone.' }),
      step('S2', { status: 'rolled_back' }),
    ]),
  ],
};

/** Rows are copied, and somebody has limited them. */
const copying: MigrationView = {
  ...busy,
  progress: [
    {
      ...{ step: 'S3', done: 1_000, total: 9_000, unit: 'rows', ratePerSecond: 500 },
      ...{ since: '2026-01-01T00:02:00.000Z', endsAt: null, sentence: '1,000 of about 9,000 rows' },
    },
  ],
  throttles: [{ step: 'S3', ratePerSecond: 500, by: HOSTILE, at: '2026-01-01T00:05:00.000Z' }],
};

export const commands: CommandsModel = {
  run: busy.run,
  paused: false,
  landings: ['S1', 'start'],
  commands: {
    pause: { token: 't', refusal: null, signing: null },
    resume: { token: 't', refusal: null, signing: null },
    rollback: { token: 't', refusal: null, signing: null },
    throttle: { token: 't', refusal: null, signing: null },
    abort: { token: 't', refusal: 'dora may not abort this run.', signing: null },
  },
};

const frame = (title: string, over: Partial<Frame> = {}): Frame => ({
  title,
  path: '/',
  by: 'dora',
  now: NOW,
  nameToken: 't',
  account: null,
  verified: false,
  waiting: 2,
  elsewhere: { first: { run: HOSTILE, id: 'approval:GATE-1', question: HOSTILE }, more: 3 },
  live: null,
  insecure: false,
  noWorker: false,
  receipt: null,
  retry: false,
  ...over,
});

const summary = {
  run: 'shop-1',
  strategy: HOSTILE,
  submittedBy: HOSTILE,
  status: 'waiting' as const,
  reason: HOSTILE,
  startedAt: '2026-01-01T00:00:00.000Z',
  endedAt: null,
  decisions: ['approval:GATE-1'],
};

const electorate: Electorate = {
  roles: { 'DBA Lead': { members: ['dora', 'dan'], votes: 2 } },
  authority: { pause: [], abort: [], rollback: [], override: [] },
  submittedBy: 'rob',
  forbidSelfApproval: false,
};
const entry = { run: 'shop-1', strategy: 'shop', decision: approval, electorate };
const many = Array.from({ length: 1001 }, (_, index) => ({ ...entry, run: `shop-${index}` }));
const voter = { by: 'dora', role: 'DBA Lead', options: approval.options, signing: null };
const signing = { by: 'dora', typ: 'sluice-vote+jwt', claims: { iss: HOSTILE }, keys: ['x'] };

const log: ShownLog = {
  ...{ job: '0-apply-0-1.1', title: 'Action 1, attempt 1', what: HOSTILE, found: null, total: 1200 },
  outcome: null,
  lines: [HOSTILE, '\u001b[31mred \u001b[1;32mgreen\u001b[0m \u001b]0;title\u0007plain', '10%\r100%'].map(
    (text, place) => ({ number: 500 + place, text }),
  ),
};

const planned =
  planOf({
    strategy: strategyOf(
      stepOf('S2', 1, "execution_details: { commands: ['date -u', 'echo <b>bold</b>', 'true'] }"),
    ),
  }).phases[0]?.steps[0] ?? null;

const before: AskedBefore = {
  id: 'approval:GATE-1',
  at: '2026-01-01T00:03:00.000Z',
  outcome: HOSTILE,
  changes: [
    {
      text: HOSTILE,
      before: { text: HOSTILE, how: 'command', verdict: 'pass', evidence: HOSTILE },
      after: { text: HOSTILE, how: 'command', verdict: 'fail', evidence: HOSTILE },
    },
  ],
};

const ahead = [
  { id: 'S4', name: HOSTILE, irreversible: true, lines: [HOSTILE, ...Array.from({ length: 20 }, String)] },
];

function decided(model: Partial<Parameters<typeof DecisionPage>[0]>): Child {
  return (
    <DecisionPage
      {...{
        view: busy,
        decision: approval,
        now: NOW,
        before,
        ahead,
        voters: [voter],
        refusal: null,
        token: 't',
        typed: '',
        claim: { command: 'claim', refusal: null, token: 't', signing: null },
        ...model,
      }}
    />
  );
}

/** Whole documents, by name. */
export const PAGES: Readonly<Record<string, string>> = {
  inbox: layout(frame('Needs you'), <Inbox entries={[entry]} from={0} now={NOW} actor={{ by: 'dan' }} />),
  'long inbox': layout(
    frame('Needs you'),
    <Inbox entries={many} from={50} now={NOW} actor={{ by: 'dora' }} />,
  ),
  'empty inbox': layout(
    frame('Needs you', { by: null, waiting: 0 }),
    <Inbox entries={[]} from={0} now={NOW} actor={null} />,
  ),
  runs: layout(
    frame('Runs'),
    <Runs
      runs={[summary, { ...summary, run: 'gone', status: 'unknown' }]}
      filter={{ words: '', show: 'all' }}
      from={0}
    />,
  ),
  'many runs': layout(
    frame('Runs'),
    <Runs
      runs={many.map(({ run }) => ({ ...summary, run }))}
      filter={{ words: '<script>', show: 'open' }}
      from={950}
    />,
  ),
  'no runs': layout(frame('Runs'), <Runs runs={[]} filter={{ words: 'x', show: 'open' }} from={0} />),
  run: layout(
    frame('shop', { live: '/live' }),
    <Run view={busy} now={NOW} trouble={null} commands={commands} hideDone={false} />,
  ),
  'run that copies rows': layout(
    frame('shop'),
    <Run view={copying} now={NOW} trouble={null} commands={commands} hideDone={false} />,
  ),
  'run without connection': layout(
    frame('shop', { insecure: true }),
    <Run
      view={busy}
      now={NOW}
      trouble={`No engine answers. ${HOSTILE}`}
      commands={commands}
      hideDone={false}
    />,
  ),
  'rollback under way': layout(
    frame('shop'),
    <Run view={rollingBack} now={NOW} trouble={null} commands={commands} hideDone={false} />,
  ),
  'ended run': layout(
    frame('shop'),
    <Run
      view={{
        ...rollingBack,
        status: 'rolled_back',
        endedAt: '2026-01-01T00:09:00.000Z',
        applied: [],
        wayBack: [],
      }}
      now={NOW}
      trouble={null}
      commands={commands}
      hideDone={false}
    />,
  ),
  decision: layout(frame('decision'), decided({})),
  'refused vote': layout(
    frame('decision', { receipt: { tone: 'bad', text: HOSTILE, reason: HOSTILE } }),
    decided({ typed: HOSTILE }),
  ),
  'decision by signature': layout(frame('decision'), decided({ voters: [{ ...voter, signing }] })),
  'decision of others': layout(
    frame('decision'),
    decided({ voters: [], refusal: 'dora does not hold a role that this decision needs.' }),
  ),
  failure: layout(
    frame('failure'),
    decided({ decision: failure, voters: [{ by: 'dora', options: failure.options, signing: null }] }),
  ),
  step: layout(
    frame('step'),
    <StepPage
      view={busy}
      step={failed}
      planned={planned}
      now={NOW}
      logs={[log]}
      earlier={3}
      actions={[]}
      search=""
    />,
  ),
  log: layout(frame('log'), <LogPage run="shop-1" step="S2" log={log} from={499} />),
  phase: layout(
    frame('phase'),
    <PhasePage view={busy} now={NOW} phase="P1" steps={[failed, soaking]} from={100} more />,
  ),
  record: layout(
    frame('record'),
    <Events
      run="shop-1"
      events={[event(0, { type: 'paused', by: HOSTILE, reason: HOSTILE })]}
      from={500}
      total={1200}
    />,
  ),
  'read-only decision': layout(
    frame('decision', {
      by: 'https://id.example|1',
      account: { label: HOSTILE, token: 't' },
      verified: true,
    }),
    decided({ voters: [], refusal: 'You may only read here.' }),
  ),
  key: layout(frame('Your key'), <KeyPage by={HOSTILE} />),
  'key of nobody': layout(frame('Your key', { by: null }), <KeyPage by={null} />),
  message: layout(
    frame('message'),
    <Message title="Refused" text={HOSTILE} links={[{ href: '/', text: 'Back' }]} />,
  ),
};
