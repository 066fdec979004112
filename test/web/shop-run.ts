/** A migration of a shop as its record tells it, stopped at the moments that the documentation shows. */
import { applyEvent, initialView } from '../../strategy/run/apply.js';
import type { Decision } from '../../strategy/run/decision.js';
import type { EventBody } from '../../strategy/run/event.js';
import type { StepOutline, UndoKind } from '../../strategy/run/outline.js';
import type { RequirementView } from '../../strategy/run/requirement.js';
import type { MigrationView } from '../../strategy/run/view.js';
import { decision } from '../cli/fixtures.js';

const START = Date.parse('2026-03-09T13:00:00.000Z');

/** The minutes after the start at which each story stops. */
export const minutes = (count: number): number => START + count * 60_000;

const step = (id: string, name: string, estimate: string, undo: UndoKind = 'actions'): StepOutline => ({
  ...{ id, name, type: 'configuration', undo: { kind: undo }, estimate },
});

const first = initialView('shop-discounts', {
  type: 'run-started',
  at: new Date(START).toISOString(),
  by: 'erin',
  plan: '4be19c07d2a8f6531e',
  steps: 8,
  onFailure: 'strategy',
  compress: 1,
  outline: {
    timeline: {
      milestones: [
        {
          ...{ id: 'M1', name: 'Canary serves 10%', parts: ['PHASE-1', 'STEP-2-3'] },
          due: new Date(START + 3 * 3_600_000).toISOString(),
        },
        {
          ...{ id: 'M2', name: 'Old schema is gone', parts: ['PHASE-1', 'PHASE-2', 'PHASE-3'] },
          due: new Date(START + 11 * 3_600_000).toISOString(),
        },
      ],
      criticalPath: [
        { step: 'STEP-2-3', durationMs: 3_600_000 },
        { step: 'STEP-3-1', durationMs: 600_000 },
      ],
      bufferPercentage: 20,
    },
    risks: [
      {
        ...{
          id: 'RISK-1',
          text: 'Customers pay the wrong total (likely: low, bad: high)',
          phases: ['PHASE-2'],
        },
        ...{
          steps: [],
          measures: ['Totals are compared order by order', 'If it happens: back to version 2.0 (alice)'],
        },
      },
      {
        ...{ id: 'RISK-2', text: 'Old reports still read the coupon table', phases: [], steps: ['STEP-3-2'] },
        measures: ['The log of its readers is looked through for a week'],
      },
    ],
    afterwards: {
      followUps: [
        {
          ...{ kind: 'criterion', id: 'CRIT-1', name: 'Support has no more tickets than before' },
          ...{ timing: '7 days after completion', irreversible: false },
        },
        {
          ...{ kind: 'cleanup', id: 'CLEAN-1', name: 'Drop the copy of the old codes' },
          ...{ timing: '14 days after completion', irreversible: true },
        },
      ],
      optimizations: ['Index the codes by campaign'],
    },
    strategy: { name: 'Discount codes for the cart', version: '2.1.0' },
    prerequisites: [
      { id: 'PRE-1', name: 'A backup of the cart database is younger than a day' },
      { id: 'PRE-2', name: 'Error rates have been measured for a week' },
    ],
    phases: [
      {
        id: 'PHASE-1',
        name: 'Expand the schema',
        steps: [
          step('STEP-1-1', 'Add the discount columns', '5 minutes'),
          step('STEP-1-2', 'Index the codes concurrently', '15 minutes'),
        ],
        gate: { id: 'GATE-1', name: 'The old version still works' },
      },
      {
        id: 'PHASE-2',
        name: 'Move the traffic',
        steps: [
          step('STEP-2-1', 'Copy the codes of the last year', '20 minutes'),
          step('STEP-2-2', 'Deploy version 2.1 to the canary', '5 minutes'),
          step('STEP-2-3', 'Send 10% of the carts to the canary', '1 hour'),
        ],
        gate: { id: 'GATE-2', name: 'The canary is as good as the old version' },
      },
      {
        id: 'PHASE-3',
        name: 'Contract the schema',
        steps: [
          step('STEP-3-1', 'Send all carts to version 2.1', '10 minutes'),
          step('STEP-3-2', 'Drop the old coupon table', '1 minute', 'impossible'),
        ],
        gate: { id: 'GATE-3', name: 'Nobody reads the old table' },
      },
    ],
  },
});

/** What happens, with the minute at which it does. */
type Story = readonly (readonly [number, EventBody])[];

function told(story: Story): MigrationView {
  return story.reduce(
    (view, [minute, body], seq) =>
      applyEvent(view, { seq: seq + 1, at: new Date(minutes(minute)).toISOString(), ...body }),
    first,
  );
}

const result = (
  text: string,
  how: RequirementView['how'],
  verdict: RequirementView['verdict'],
  evidence: string | null,
): RequirementView => ({ text, how, verdict, evidence });

function applied(phase: string, id: string, from: number, to: number, output: string): Story {
  return [
    [from, { type: 'step-started', phase, step: id, attempt: 1 }],
    [from, { type: 'undo-registered', phase, step: id }],
    [
      to,
      {
        ...{ type: 'action-finished', phase, step: id, purpose: 'apply', index: 0, what: output },
        ...{ outcome: 'done', cause: null, exitCode: 0, durationMs: (to - from) * 60_000, output },
      },
    ],
    [to, { type: 'step-status', phase, step: id, status: 'completed', reason: '' }],
  ];
}

const verified = (id: string, at: number, evidence: string): Story => [
  [
    at,
    {
      type: 'requirements-evaluated',
      subject: { kind: 'prerequisite', id },
      results: [result('Verified before the first step', 'command', 'pass', evidence)],
    },
  ],
  [at, { type: 'prerequisite-status', id, status: 'verified', reason: evidence }],
];

const gateResults: readonly RequirementView[] = [
  result('Version 2.0 answers all cart requests', 'http', 'pass', 'GET /healthz gave 200'),
  result('No rows were lost', 'sql', 'pass', '0 differ of 1,204,113'),
];

const expanded: Story = [
  ...verified('PRE-1', 0, 'backup of 03:12 today, 41 GB'),
  ...verified('PRE-2', 0, '10,080 samples'),
  [1, { type: 'phase-status', phase: 'PHASE-1', status: 'running', reason: 'Its steps run.' }],
  ...applied('PHASE-1', 'STEP-1-1', 1, 3, 'ALTER TABLE'),
  ...applied('PHASE-1', 'STEP-1-2', 3, 14, 'CREATE INDEX'),
  [
    15,
    {
      type: 'requirements-evaluated',
      subject: { kind: 'gate', id: 'GATE-1', phase: 'PHASE-1' },
      results: gateResults,
    },
  ],
  [15, { type: 'gate-status', phase: 'PHASE-1', gate: 'GATE-1', status: 'passed', reason: '' }],
  [15, { type: 'phase-status', phase: 'PHASE-1', status: 'completed', reason: 'Its gate passed.' }],
  [16, { type: 'phase-status', phase: 'PHASE-2', status: 'running', reason: 'Its steps run.' }],
  ...applied('PHASE-2', 'STEP-2-1', 16, 41, 'COPY 1204113'),
  ...applied('PHASE-2', 'STEP-2-2', 41, 46, 'deployment "cart" rolled out'),
];

const canary: Story = [
  [46, { type: 'step-started', phase: 'PHASE-2', step: 'STEP-2-3', attempt: 1 }],
  [46, { type: 'undo-registered', phase: 'PHASE-2', step: 'STEP-2-3' }],
];

const CONDITIONS = ['Error rate > 0.5%', 'p95 latency > 1.3x baseline'];

/** A soak of an hour, 24 minutes in, while an approver has been asked early. */
export const soaking: MigrationView = {
  ...told([
    ...expanded,
    ...canary,
    [
      48,
      {
        ...{ type: 'step-status', phase: 'PHASE-2', step: 'STEP-2-3', status: 'soaking' },
        reason: 'Must stay quiet for 1h 00m.',
        until: new Date(minutes(108)).toISOString(),
      },
    ],
    [
      48,
      {
        type: 'run-status',
        status: 'running',
        reason: 'STEP-2-3 soaks: it is done when its conditions stayed quiet for 1h 00m.',
        until: new Date(minutes(108)).toISOString(),
      },
    ],
  ]),
  host: 'deploy-1',
  progress: [
    {
      ...{ step: 'STEP-2-3', done: 1440, total: 3600, unit: 'seconds', ratePerSecond: 1 },
      since: new Date(minutes(48)).toISOString(),
      endsAt: new Date(minutes(108)).toISOString(),
      sentence: 'soaked 24m 00s of 1h 00m: quiet',
    },
  ],
  samples: CONDITIONS.flatMap((text, kind) =>
    Array.from({ length: 24 }, (_, minute) => ({
      ...{ step: 'STEP-2-3', text, verdict: 'pass' as const, limit: kind === 0 ? 0.5 : 236 },
      value: Math.round((kind === 0 ? 0.12 : 181) * (1 + Math.sin(minute * 1.7 + kind) / 5) * 100) / 100,
      at: new Date(minutes(48 + minute)).toISOString(),
    })),
  ),
};

export const approval: Decision = decision({
  id: 'approval:GATE-2',
  subject: 'GATE-2',
  question: 'Does the canary carry on? Approve GATE-2 to begin contracting the schema.',
  needs: [
    { role: 'DBA Lead', votes: 1, members: ['alice', 'dora'] },
    { role: 'Product Owner', votes: 1, members: ['omar'] },
  ],
  votes: [
    {
      ...{ by: 'omar', role: 'Product Owner', option: 'approve' },
      reason: 'Support has no tickets about codes.',
      at: new Date(minutes(111)).toISOString(),
    },
  ],
  evidence: [
    result('Error rate < 0.5%', 'metric', 'pass', '0.13% over 60 minutes'),
    result('p95 latency < 1.3x baseline', 'metric', 'pass', '188 ms, baseline 176 ms'),
    result('Orders with a code have the right total', 'sql', 'pass', '0 differ of 3,310'),
    result('FF-TEST-001: discount codes at checkout', 'command', 'pass', '42 passed'),
    result('Cache hit rate > 90%', 'metric', 'inconclusive', 'no data since 14:31'),
  ],
  checklist: ['Finance has compared the totals of ten orders', 'The help pages describe the new codes'],
  openedAt: new Date(minutes(109)).toISOString(),
  deadline: new Date(minutes(349)).toISOString(),
  planHash: first.strategy.hash,
  evidenceHash: 'a07c41e9d35b8812f6',
});

const soaked: Story = [
  ...expanded,
  ...canary,
  [108, { type: 'step-status', phase: 'PHASE-2', step: 'STEP-2-3', status: 'completed', reason: '' }],
];

/** The gate after the soak waits for its second vote. */
export const atGate: MigrationView = {
  ...told([
    ...soaked,
    [
      109,
      {
        type: 'requirements-evaluated',
        subject: { kind: 'gate', id: 'GATE-2', phase: 'PHASE-2' },
        results: approval.evidence,
      },
    ],
    [
      109,
      {
        ...{ type: 'gate-status', phase: 'PHASE-2', gate: 'GATE-2', status: 'waiting' },
        reason: 'Waits for "DBA Lead".',
      },
    ],
    [109, { type: 'decision-opened', decision: approval }],
    [
      111,
      {
        type: 'run-status',
        status: 'waiting',
        reason: 'Waits for "DBA Lead" (alice, dora) to decide approval:GATE-2.',
      },
    ],
  ]),
  host: 'deploy-1',
};

const CAUSE = 'STEP-2-3: "Error rate > 0.5%" fired (2.31%)';

/** The canary failed: one step is undone, one is being undone. */
export const rollingBack: MigrationView = {
  ...told([
    ...expanded,
    ...canary,
    [58, { type: 'alert', step: 'STEP-2-3', text: 'Error rate > 0.5%', evidence: '2.31%' }],
    [58, { type: 'step-status', phase: 'PHASE-2', step: 'STEP-2-3', status: 'failed', reason: CAUSE }],
    [
      59,
      {
        type: 'rollback-started',
        number: 1,
        level: 'phase',
        landing: 'PHASE-1',
        cause: CAUSE,
        by: 'dora',
      },
    ],
    [
      59,
      {
        type: 'step-undone',
        phase: 'PHASE-2',
        step: 'STEP-2-3',
        reason: 'Undone in 4s: all carts go to version 2.0.',
      },
    ],
    [
      60,
      {
        ...{ type: 'step-status', phase: 'PHASE-2', step: 'STEP-2-2', status: 'rolling_back' },
        reason: 'Its undo runs: kubectl rollout undo deployment/cart',
      },
    ],
    [60, { type: 'run-status', status: 'rolling_back', reason: 'STEP-2-2 is being undone. 1 more follows.' }],
  ]),
  host: 'deploy-1',
};

const OUTPUT = `applying k8s/cart-canary.yaml
waiting for deployment "cart-canary" rollout to finish: 0 of 2 updated replicas are available
pod cart-canary-7d9c: ImagePullBackOff: registry.example/cart:2.1 is not found
error: deployment "cart-canary" exceeded its progress deadline`;

const failure: Decision = decision({
  id: 'failure:STEP-2-2',
  kind: 'failure',
  subject: 'STEP-2-2',
  question: 'STEP-2-2 failed: its command ended with exit status 1. What happens next?',
  options: ['retry', 'skip', 'rollback-phase', 'rollback-full', 'abort'],
  reasonFor: ['skip'],
  needs: [{ role: 'DBA Lead', votes: 1, members: ['alice', 'dora'] }],
  openedAt: new Date(minutes(47)).toISOString(),
  planHash: first.strategy.hash,
});

/** A deployment that failed: somebody chooses what happens. */
export const failing: MigrationView = told([
  ...expanded.slice(0, -4),
  [41, { type: 'step-started', phase: 'PHASE-2', step: 'STEP-2-2', attempt: 1 }],
  [41, { type: 'undo-registered', phase: 'PHASE-2', step: 'STEP-2-2' }],
  [
    47,
    {
      ...{ type: 'action-finished', phase: 'PHASE-2', step: 'STEP-2-2', purpose: 'apply', index: 0 },
      ...{ what: 'kubectl rollout status', outcome: 'failed', cause: 'exit status 1', exitCode: 1 },
      ...{ durationMs: 360_000, output: OUTPUT },
    },
  ],
  [
    47,
    {
      ...{ type: 'step-status', phase: 'PHASE-2', step: 'STEP-2-2', status: 'failed' },
      reason: '"kubectl rollout status deployment/cart-canary" ended with exit status 1 after 6m 00s.',
    },
  ],
  [47, { type: 'decision-opened', decision: failure }],
  [
    47,
    {
      type: 'run-status',
      status: 'waiting',
      reason: 'Waits for "DBA Lead" (alice, dora) to decide failure:STEP-2-2.',
    },
  ],
]);

/** Rows are copied, and somebody has limited them. */
export const copying: MigrationView = {
  ...told([
    ...expanded.slice(0, -8),
    [16, { type: 'step-started', phase: 'PHASE-2', step: 'STEP-2-1', attempt: 1 }],
    [16, { type: 'undo-registered', phase: 'PHASE-2', step: 'STEP-2-1' }],
    [
      16,
      {
        type: 'step-status',
        phase: 'PHASE-2',
        step: 'STEP-2-1',
        status: 'running',
        reason: 'Its actions run.',
      },
    ],
    [
      22,
      { type: 'throttled', step: 'STEP-2-1', ratePerSecond: 500, by: 'dora', reason: 'The evening peak.' },
    ],
    [22, { type: 'run-status', status: 'running', reason: 'STEP-2-1 runs: it copies rows.' }],
  ]),
  host: 'deploy-1',
  progress: [
    {
      ...{ step: 'STEP-2-1', done: 402_000, total: 1_204_113, unit: 'rows', ratePerSecond: 501 },
      since: new Date(minutes(16)).toISOString(),
      endsAt: new Date(minutes(51)).toISOString(),
      sentence: '402,000 of about 1,204,113 rows, 501 rows/s, limited to 500 rows/s',
    },
  ],
};

export const paused: MigrationView = {
  ...told([
    ...expanded,
    [47, { type: 'paused', by: 'erin', reason: 'Until the fire drill is over.' }],
    [47, { type: 'run-status', status: 'paused', reason: 'Paused by erin: resume it with sluice resume.' }],
  ]),
  host: 'deploy-1',
};

export const aborted: MigrationView = told([
  ...expanded,
  [
    48,
    {
      ...{ type: 'run-ended', status: 'aborted', landing: null },
      reason:
        'Aborted by erin: the shop closes for the holidays. Still applied: STEP-1-1, STEP-1-2, STEP-2-1, STEP-2-2.',
    },
  ],
]);

const done: Story = [
  ...soaked,
  [120, { type: 'phase-status', phase: 'PHASE-2', status: 'completed', reason: 'Its gate passed.' }],
  ...applied('PHASE-3', 'STEP-3-1', 121, 130, 'deployment "cart" rolled out'),
  ...applied('PHASE-3', 'STEP-3-2', 130, 131, 'DROP TABLE'),
  [132, { type: 'phase-status', phase: 'PHASE-3', status: 'completed', reason: 'Its gate passed.' }],
  [133, { type: 'completion-status', status: 'passed', reason: 'Approved by omar.' }],
  [133, { type: 'migration-completed', reason: 'Everything is done.' }],
  [133, { type: 'afterwards-begun' }],
  [
    133,
    {
      ...{ type: 'follow-up-status', id: 'CRIT-1', status: 'pending', reason: '' },
      due: new Date(minutes(133 + 7 * 1440)).toISOString(),
    },
  ],
];

/** Completed, and what comes afterwards is open. */
export const watched: MigrationView = told(done);

export { failure };
