/** An online migration becomes three parts of a stream, and a person's work with the reason otherwise. */
import { expect, test } from 'vitest';
import { stream } from '../../strategy/kinds/effects/stream.js';
import { compileText, type Given, planOf, stepOf, strategyOf } from './support/compile-text.js';

const BINDINGS = 'connections: { shop: { postgres: "${env:SHOP}" }, other: { postgres: "${env:OTHER}" } }';
const ITEM =
  'migration_id: DATA-1, name: Move, type: data_transformation, migration_approach: { method: online }, source: { system: shop, tables: [orders] }';

function given(more: string): Given {
  const steps = ['DATA-1', 'DATA-1/cut-over', 'DATA-1/finish'].map((id, index) =>
    stepOf(`S${index}`, index + 1, `x-uses: ${id}`, 'data_migration'),
  );
  return {
    bindings: BINDINGS,
    strategy: strategyOf(steps.join('\n'), `data_migration: { migrations: [{ ${ITEM}, ${more} }] }`),
  };
}

test('each part is one action, the cut-over compares and is switched back, and the end is a point of no return', () => {
  const text = `target: { system: other }, rollback: { rollback_method: switch_back }, downtime: { required: true },
    transformation_logic: { transformation_rules: ["email = lower(email)", "omit note"] }, x-stream: { maxLag: 5 s, maxWal: 2 GB, reverse: ["a = b"] }`;
  const [start, cutOver, finish] = planOf(given(text)).phases[0]?.steps ?? [];
  const shared = {
    kind: 'stream',
    item: 'DATA-1',
    connection: 'shop',
    to: 'other',
    maxLagMs: 5_000,
    maxWalBytes: 2e9,
  };
  const lower = [{ column: 'email', value: 'lower(email)' }];
  expect(start?.actions).toEqual([
    expect.objectContaining({
      ...shared,
      part: 'start',
      set: lower,
      omit: ['note'],
      back: [{ column: 'a', value: 'b' }],
    }),
  ]);
  expect(start?.undo).toMatchObject({ kind: 'actions', actions: [{ part: 'start', direction: 'undo' }] });
  expect(start?.conditions).toEqual([]);
  expect(cutOver?.conditions).toMatchObject([{ text: 'nothing writes to orders' }]);
  expect(cutOver?.actions).toMatchObject([
    { part: 'cut-over', compare: { method: { kind: 'rows' }, threshold: 1 } },
  ]);
  expect(cutOver?.undo).toMatchObject({
    kind: 'actions',
    actions: [{ part: 'cut-over', direction: 'undo' }],
  });
  expect(finish?.actions).toMatchObject([{ part: 'finish' }]);
  expect(finish?.undo).toEqual({ kind: 'impossible' });
});

test('the slots are watched in every step from the start on, until the stream is finished', () => {
  const soak = stepOf(
    'SOAK',
    3,
    'x-soak: 1 day\nexecution_details: { commands: ["$ date"] }',
    'code_deployment',
  );
  const uses = (['DATA-1', 'DATA-1/cut-over', 'DATA-1/finish'] as const).map((id, index) =>
    stepOf(`S${index}`, index === 2 ? 4 : index + 1, `x-uses: ${id}`),
  );
  const item = `${ITEM}, target: { system: other }, x-stream: { maxWal: 2 GB }`;
  const strategy = strategyOf([...uses, soak].join('\n'), `data_migration: { migrations: [{ ${item} }] }`);
  const steps = planOf({ bindings: BINDINGS, strategy }).phases[0]?.steps ?? [];
  const watched = steps.map(({ id, watch }) => [
    id,
    ...(watch?.conditions ?? []).map(({ onFire, probe }) =>
      probe.how === 'slots' ? `${onFire} at ${probe.maxWalBytes}` : '',
    ),
  ]);
  expect(watched).toEqual([
    ['S0', 'fail at 2000000000', 'notify at 1000000000'],
    ['S1', 'fail at 2000000000', 'notify at 1000000000'],
    ['SOAK', 'fail at 2000000000', 'notify at 1000000000'],
    ['S2'],
  ]);
});

test('the slots are watched while people are asked at a start, a step, a gate or the completion, from the start on until the stream is finished', () => {
  const gated = (id: string, order: number, step: string, uses: string): string =>
    `- { phase_id: ${id}, name: ${id}, order: ${order}, start_condition: [ready], steps: [{ step_id: ${step}, name: ${step}, order: 1, type: data_migration, x-uses: ${uses} }], validation_gate: { gate_id: G-${id}, name: G, criteria: [good], approval_required: true, approvers: [Lead] } }`;
  const phases = [
    gated('P1', 1, 'S1', 'DATA-1'),
    gated('P2', 2, 'S2', 'DATA-1/cut-over'),
    gated('P3', 3, 'S3', 'DATA-1/finish'),
  ];
  const strategy = `metadata: { version: "1.0.0", migration_name: M }
migration_phases:
${phases.map((text) => `  ${text}`).join('\n')}
data_migration: { migrations: [{ ${ITEM}, target: { system: other } }] }
validation_strategy: { validation_gates: [{ gate_id: V1, name: V, type: manual, location: after S1, criteria: [{ criterion: fine }] }] }`;
  const plan = planOf({ bindings: BINDINGS, strategy });
  const watched = (of: { readonly whileAsked?: { readonly conditions: readonly unknown[] } } | null = null) =>
    of?.whileAsked?.conditions.length ?? 0;
  expect(plan.phases.map((of) => [watched(of), watched(of.steps[0]), watched(of.gate)])).toEqual([
    [0, 2, 2],
    [2, 2, 2],
    [2, 2, 0],
  ]);
  expect(plan.phases[0]?.gates?.map(watched)).toEqual([2]);
  expect(watched(plan.completion)).toBe(0);
});

test.each([
  ['target: { tables: [orders_v2] }', 'needs two connections'],
  ['target: { system: other, tables: [orders_v2] }', 'to one of the same name'],
  [
    'target: { system: other }, transformation_logic: { transformation_rules: ["where id > 1"] }',
    'not for the method online',
  ],
  ['target: { system: other }, execution_plan: { rate_limit: "5 rows/s" }', 'rate_limit'],
  ['target: { system: other }, x-stream: { maxWal: "10" }', 'is not understood'],
  ['target: { system: other }, x-stream: { reverse: ["nonsense"] }', 'x-stream.reverse is not understood'],
])('%s is asked of a person, who is told why', (more, why) => {
  const { coverage, plan } = compileText(given(more));
  expect(plan?.phases[0]?.steps.map(({ actions }) => actions[0]?.kind)).toEqual([
    'manual',
    'manual',
    'manual',
  ]);
  expect(coverage.sentences.map(({ how }) => how).join('\n')).toContain(why);
});

test('a relay that the strategy asks for is in the plan, and what it does between the steps is said', () => {
  const [start] =
    planOf(given('target: { system: other }, x-stream: { relay: true }')).phases[0]?.steps ?? [];
  const [action] = start?.actions ?? [];
  expect(action).toMatchObject({ kind: 'stream', relay: true });
  const lines = action?.kind === 'stream' ? stream.lines?.(action).join('\n') : '';
  expect(lines).toContain('relayed, as x-stream.relay says: the worker carries changes only while DATA-1');
});
