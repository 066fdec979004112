/** The pages of the documentation's pictures: the shop's migration at the moments that matter. */
import type { StepAhead } from '../../strategy/run/ahead.js';
import type { AskedBefore } from '../../strategy/run/asked-before.js';
import type { Decision } from '../../strategy/run/decision.js';
import type { Electorate } from '../../strategy/run/electorate.js';
import type { MigrationView } from '../../strategy/run/view.js';
import { possibleVoters } from '../../strategy/run/voters.js';
import type { CommandsModel } from '../../web/pages/commands.js';
import { type DecisionModel, DecisionPage } from '../../web/pages/decision.js';
import { Events } from '../../web/pages/events.js';
import { Inbox } from '../../web/pages/inbox.js';
import { KeyPage } from '../../web/pages/key.js';
import { type Frame, layout } from '../../web/pages/layout.js';
import { LogPage, type ShownLog } from '../../web/pages/log.js';
import { Message } from '../../web/pages/message.js';
import { Run } from '../../web/pages/run.js';
import { Runs } from '../../web/pages/runs.js';
import { StepPage } from '../../web/pages/step.js';
import { event, step } from '../cli/fixtures.js';
import {
  aborted,
  approval,
  atGate,
  copying,
  failing,
  failure,
  minutes,
  paused,
  rollingBack,
  soaking,
  watched,
} from './shop-run.js';

const electorate: Electorate = {
  roles: {
    'DBA Lead': { members: ['alice', 'dora'], votes: 1 },
    'Product Owner': { members: ['omar'], votes: 1 },
  },
  authority: { pause: [], abort: [], rollback: [], override: [] },
  submittedBy: 'erin',
  forbidSelfApproval: true,
};

const frame = (title: string, path: string, waiting: number): Frame => ({
  now: minutes(112),
  elsewhere: null,
  ...{ title, path, waiting, by: 'dora', nameToken: '', account: null, verified: false, live: null },
  ...{ insecure: false, noWorker: false, receipt: null, retry: false },
});

function commands(view: MigrationView): CommandsModel {
  const allowed = { token: '', refusal: null, signing: null };
  return {
    run: view.run,
    paused: view.pausedBy !== null,
    landings: ['start', ...view.applied.slice(0, -1)].reverse(),
    commands: { pause: allowed, resume: allowed, abort: allowed, rollback: allowed, throttle: allowed },
  };
}

const run = (view: MigrationView, minute: number): string =>
  layout(
    frame(view.strategy.name, '/runs/shop-discounts', view.decisions.length),
    <Run view={view} now={minutes(minute)} trouble={null} commands={commands(view)} hideDone={false} />,
  );

function decide(
  view: MigrationView,
  decision: Decision,
  now: number,
  context: Pick<DecisionModel, 'before' | 'ahead'>,
): string {
  const voters = possibleVoters(decision, { by: 'dora', named: true }, electorate, new Date()).map(
    (voter) => ({
      ...voter,
      signing: null,
    }),
  );
  return layout(
    frame(decision.id, '/runs/shop-discounts/decisions', 1),
    <DecisionPage
      {...{ view, decision, voters, now, refusal: null, token: '', typed: '', ...context }}
      claim={{ command: 'claim', refusal: null, token: '', signing: null }}
    />,
  );
}

const askedBefore: AskedBefore = {
  id: 'approval:GATE-2',
  at: new Date(minutes(96)).toISOString(),
  outcome: 'omar rejected it: orders with two codes have a wrong total.',
  changes: [
    {
      text: 'Orders with a code have the right total',
      before: { ...{ text: '', how: 'sql', verdict: 'fail' }, evidence: '14 differ of 2,805' },
      after: { ...{ text: '', how: 'sql', verdict: 'pass' }, evidence: '0 differ of 3,310' },
    },
  ],
};

const contracting: readonly StepAhead[] = [
  {
    ...{ id: 'STEP-3-1', name: 'Send all carts to version 2.1', irreversible: false },
    lines: ['kubectl apply -f k8s/cart-all.yaml', 'kubectl rollout status deployment/cart --timeout=10m'],
  },
  {
    ...{ id: 'STEP-3-2', name: 'Drop the old coupon table', irreversible: true },
    lines: ['DROP TABLE coupon_v1  [SQL on cart-db]'],
  },
];

const deploying: readonly StepAhead[] = [
  {
    ...{ id: 'STEP-2-2', name: 'Deploy version 2.1 to the canary', irreversible: false },
    lines: [
      'kubectl apply -f k8s/cart-canary.yaml',
      'kubectl rollout status deployment/cart-canary --timeout=6m',
    ],
  },
];

const canaryStep =
  failing.phases.flatMap(({ steps }) => steps).find(({ id }) => id === 'STEP-2-2') ?? step('STEP-2-2');

const failedLog: ShownLog = {
  ...{ job: '0-apply-1-1.1', title: 'Action 2, attempt 1', what: 'kubectl rollout status --timeout=6m' },
  ...{ total: 1204, found: null },
  outcome: {
    ...{ seq: 20, at: '', type: 'action-finished', phase: 'PHASE-2', step: 'STEP-2-2', purpose: 'apply' },
    ...{ index: 1, what: '', outcome: 'failed', cause: 'exit status 1', exitCode: 1, output: '' },
    durationMs: 360_000,
  },
  lines: [
    'Waiting for deployment "cart-canary" rollout to finish: 0 of 2 updated replicas are available...',
    '\u001b[33mwarning\u001b[0m pod cart-canary-7d9c: back-off pulling image "registry.example/cart:2.1"',
    '\u001b[31mpod cart-canary-7d9c: ImagePullBackOff: registry.example/cart:2.1 is not found\u001b[0m',
    '\u001b[1;31merror:\u001b[0m deployment "cart-canary" exceeded its progress deadline',
  ].map((text, place) => ({ number: 1201 + place, text })),
};

const logs: readonly ShownLog[] = [
  {
    ...{ job: '0-apply-0-1.1', title: 'Action 1, attempt 1', what: 'kubectl apply -f k8s/cart-canary.yaml' },
    ...{ outcome: null, total: 2, found: null },
    lines: ['deployment.apps/cart-canary created', 'service/cart-canary unchanged'].map((text, place) => ({
      ...{ number: place + 1, text },
    })),
  },
  failedLog,
];

const RECORD = [
  event(20, { type: 'step-started', phase: 'PHASE-2', step: 'STEP-2-1', attempt: 1 }),
  event(21, {
    type: 'throttled',
    step: 'STEP-2-1',
    ratePerSecond: 500,
    by: 'dora',
    reason: 'The evening peak.',
  }),
  event(22, {
    type: 'step-status',
    phase: 'PHASE-2',
    step: 'STEP-2-1',
    status: 'completed',
    reason: 'Done.',
  }),
  event(23, { type: 'decision-opened', decision: approval }),
  event(24, {
    type: 'message-refused',
    ...{
      message: 'decide approval:GATE-2',
      by: 'mallory',
      why: 'mallory does not hold a role that this decision needs.',
    },
  }),
];

const others = (['search-index', 'ledger-split', 'invoice-ids'] as const).map((run, index) => ({
  run,
  strategy: ['Reindex the catalogue', 'Split the ledger', 'Wider invoice numbers'][index] ?? run,
  submittedBy: ['omar', 'alice', 'erin'][index] ?? 'erin',
  status: (['running', 'completed', 'rolled_back'] as const)[index] ?? 'running',
  reason: ['STEP-4 runs.', 'Everything is done.', 'Everything is undone.'][index] ?? '',
  startedAt: new Date(minutes(-600 * (index + 1))).toISOString(),
  endedAt: index === 0 ? null : new Date(minutes(-500)).toISOString(),
  decisions: [],
}));

const shop = {
  run: atGate.run,
  strategy: atGate.strategy.name,
  submittedBy: 'erin',
  status: atGate.status,
  reason: atGate.reason,
  startedAt: atGate.startedAt,
  endedAt: null,
  decisions: [approval.id],
};

const entries = [
  { run: failing.run, strategy: failing.strategy.name, decision: failure, electorate },
  { run: atGate.run, strategy: atGate.strategy.name, decision: approval, electorate },
];

/** Whole documents, by name. */
export const SHOP_PAGES = {
  'run at a gate': run(atGate, 112),
  'soaking run': run(soaking, 72),
  'failing run': run(failing, 52),
  'rolling back': run(rollingBack, 61),
  'copying run': run(copying, 30),
  'paused run': run(paused, 60),
  'aborted run': run(aborted, 60),
  'watched run': run(watched, 140),
  'lost connection': run(soaking, 72).replace('id="connection" hidden', 'id="connection"'),
  'no worker': layout(
    { ...frame('Shop', '/runs/shop-discounts', 0), noWorker: true },
    <Run
      {...{ view: soaking, now: minutes(72), commands: commands(soaking), hideDone: false }}
      trouble="No engine answers at 127.0.0.1:7233. Start it again: sluice up."
    />,
  ),
  refused: layout(
    {
      ...frame('Shop', '/runs/shop-discounts', 1),
      receipt: {
        tone: 'bad',
        text: 'The evidence of approval:GATE-2 has changed since this vote was prepared. Review the decision again, then vote.',
        reason: '',
      },
    },
    <Run
      {...{ view: atGate, now: minutes(112), commands: commands(atGate), hideDone: true }}
      trouble={null}
    />,
  ),
  message: layout(
    frame('Refused', '/runs', 0),
    <Message
      title="Refused"
      text="This form is out of date, or was not made for you. Load its page again, and repeat it."
      links={[{ href: '/', text: 'Back' }]}
    />,
  ),
  'empty inbox': layout(
    { ...frame('Needs you', '/', 0), by: null },
    <Inbox entries={[]} from={0} now={minutes(112)} actor={null} />,
  ),
  'no runs': layout(
    frame('Runs', '/runs', 0),
    <Runs runs={[]} filter={{ words: '', show: 'all' }} from={0} />,
  ),
  record: layout(
    frame('Record', '/runs/shop-discounts/events', 1),
    <Events run="shop-discounts" events={RECORD} from={0} total={RECORD.length} />,
  ),
  log: layout(
    frame('Output', '/runs/shop-discounts/steps/STEP-2-2', 0),
    <LogPage run="shop-discounts" step="STEP-2-2" log={failedLog} from={1200} />,
  ),
  decision: decide(atGate, approval, minutes(112), { before: askedBefore, ahead: contracting }),
  failure: decide(failing, failure, minutes(52), { before: null, ahead: deploying }),
  step: layout(
    frame('STEP-2-2', '/runs/shop-discounts/steps/STEP-2-2', 1),
    <StepPage
      {...{ view: failing, step: canaryStep, now: minutes(52), logs, earlier: 0, actions: [], search: '' }}
      planned={null}
    />,
  ),
  key: layout(frame('Your key', '/key', 0), <KeyPage by="dora" />),
  inbox: layout(
    frame('Needs you', '/', 2),
    <Inbox entries={entries} from={0} now={minutes(112)} actor={{ by: 'dora' }} />,
  ),
  runs: layout(
    frame('Runs', '/runs', 1),
    <Runs runs={[shop, ...others]} filter={{ words: '', show: 'all' }} from={0} />,
  ),
} as const;
