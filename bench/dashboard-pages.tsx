/** The largest pages of the dashboard, each rendered when it is called. */
import { applyEvent, initialView } from '../strategy/run/apply.js';
import type { Decision } from '../strategy/run/decision.js';
import type { StepOutline } from '../strategy/run/outline.js';
import type { MigrationView } from '../strategy/run/view.js';
import type { CommandsModel } from '../web/pages/commands.js';
import { Inbox } from '../web/pages/inbox.js';
import { type Frame, layout } from '../web/pages/layout.js';
import { Run } from '../web/pages/run.js';
import { Runs } from '../web/pages/runs.js';

const RUNS = 1_000;
const STEPS = 10_000;
const PHASES = 20;
const NOW = Date.parse('2026-01-01T12:00:00.000Z');
const START = '2026-01-01T00:00:00.000Z';

const frame = (title: string): Frame => ({
  ...{ title, path: '/', now: NOW, by: 'dora', nameToken: 't', account: null, verified: false, live: null },
  ...{ waiting: RUNS, elsewhere: null, insecure: false, noWorker: false, receipt: null, retry: false },
});

const decision = (run: number): Decision => ({
  ...{ id: 'approval:GATE-1', kind: 'approval', subject: 'GATE-1', options: ['approve', 'reject'] },
  question: `Approve GATE-1 of run ${run}? All criteria hold.`,
  needs: [{ role: 'DBA Lead', votes: 1, members: ['dora', 'alice'] }],
  ...{ votes: [], openedAt: START, deadline: null, evidence: [], checklist: [], reasonFor: [] },
  ...{ planHash: 'f'.repeat(64), evidenceHash: 'e'.repeat(64), claimedBy: null },
});

const electorate = {
  roles: { 'DBA Lead': { members: ['dora', 'alice'], votes: 1 } },
  authority: { pause: [], abort: [], rollback: [], override: [] },
  ...{ submittedBy: 'erin', forbidSelfApproval: true },
};

const numbers = Array.from({ length: RUNS }, (_, run) => run);

const runs = numbers.map((run) => ({
  ...{
    run: `run-${run}`,
    strategy: `Migration of shard ${run}`,
    submittedBy: 'erin',
    status: 'waiting' as const,
  },
  reason: 'Waits for "DBA Lead" (dora, alice) to decide approval:GATE-1.',
  ...{ startedAt: START, endedAt: null, decisions: ['approval:GATE-1'] },
}));

const entries = numbers.map((run) => ({
  ...{ run: `run-${run}`, strategy: `Migration of shard ${run}`, decision: decision(run), electorate },
}));

/** Half of it is done. */
function large(): MigrationView {
  const outline = (place: number): StepOutline => ({
    ...{
      id: `STEP-${place}`,
      name: `Move shard ${place}`,
      type: 'data_migration',
      undo: { kind: 'actions' },
    },
  });
  const phases = Array.from({ length: PHASES }, (_, phase) => ({
    ...{
      id: `PHASE-${phase}`,
      name: `Phase ${phase}`,
      gate: { id: `GATE-${phase}`, name: 'The shards answer' },
    },
    steps: Array.from({ length: STEPS / PHASES }, (_, step) => outline((phase * STEPS) / PHASES + step)),
  }));
  const started = initialView('large', {
    ...{ type: 'run-started', at: START, by: 'erin', plan: 'f'.repeat(64), steps: STEPS, compress: 1 },
    ...{
      onFailure: 'strategy',
      outline: { strategy: { name: 'Shards', version: '1' }, prerequisites: [], phases },
    },
  });
  const done = started.phases.map((phase, place) =>
    place >= PHASES / 2
      ? phase
      : {
          ...phase,
          status: 'completed' as const,
          steps: phase.steps.map((step) => ({
            ...{
              ...step,
              status: 'completed' as const,
              startedAt: START,
              endedAt: '2026-01-01T00:00:05.000Z',
            },
          })),
        },
  );
  const applied = done.flatMap(({ steps }) =>
    steps.flatMap(({ id, startedAt }) => (startedAt === null ? [] : [id])),
  );
  const wayBack = applied
    .toReversed()
    .map((step) => ({ step, undo: 'actions' as const, irreversible: false }));
  return applyEvent(
    { ...started, phases: done, applied, wayBack },
    { seq: 40_000, at: START, type: 'decision-opened', decision: decision(0) },
  );
}

const view = large();
const allowed = { token: 't', refusal: null, signing: null };
const commands: CommandsModel = {
  ...{ run: view.run, paused: false, landings: ['start'] },
  commands: { pause: allowed, resume: allowed, abort: allowed, rollback: allowed, throttle: allowed },
};

export const LARGE_PAGES: Readonly<Record<string, () => string>> = {
  'needs-you': () =>
    layout(frame('Needs you'), <Inbox entries={entries} from={0} now={NOW} actor={{ by: 'dora' }} />),
  runs: () => layout(frame('Runs'), <Runs runs={runs} filter={{ words: '', show: 'all' }} from={0} />),
  run: () =>
    layout(
      frame('Shards'),
      <Run view={view} now={NOW} trouble={null} commands={commands} hideDone={false} />,
    ),
};
