/** `x-sync` becomes a copy, rounds and a cut-over with a way back; and a person's work with the reason where it is not understood. */
import { expect, test } from 'vitest';
import { compileText, type Given, planOf, stepOf, strategyOf } from './support/compile-text.js';

const BINDINGS = 'connections: { shop: { postgres: "${env:SHOP}" }, other: { postgres: "${env:OTHER}" } }';
const TABLES = 'source: { system: shop, tables: [orders] }, target: { system: other, tables: [orders_v2] }';

function given(fields: string, uses = 'DATA-1'): Given {
  const beside = `data_migration: { migrations: [{ migration_id: DATA-1, ${fields} }] }`;
  const step = stepOf('A', 1, `x-uses: ${uses}\nresponsible_party: DBA`, 'data_migration');
  return { bindings: BINDINGS, strategy: strategyOf(step, beside) };
}

function stepFrom(fields: string, uses?: string) {
  const step = planOf(given(fields, uses)).phases[0]?.steps[0];
  if (step === undefined) throw new Error('the plan has no step');
  return step;
}

test('changes are followed before the rows are copied, and rounds go on until both sides are in step', () => {
  const { actions, undo } = stepFrom(
    `${TABLES}, x-sync: { interval: 5 s, batchSize: 100, maxLag: 10 s }, x-conflicts: manual`,
  );
  const sync = {
    kind: 'sync',
    detect: { by: 'tracking' },
    conflicts: 'manual',
    intervalMs: 5_000,
    maxLagMs: 10_000,
  };
  expect(actions).toMatchObject([
    { ...sync, do: 'start' },
    { kind: 'rows', change: { do: 'join' }, connection: 'shop', to: 'other', batchSize: 100 },
    { ...sync, do: 'rounds' },
  ]);
  expect(undo).toMatchObject({ actions: [{ do: 'undo' }, { kind: 'rows', direction: 'undo' }] });
});

test('the cut-over waits until nobody writes, does the last round and compares, and its undo brings back what was written since', () => {
  const { actions, undo } = stepFrom(`${TABLES}, x-sync: {}`, 'DATA-1/cut-over');
  expect(actions).toMatchObject([
    { kind: 'sync', do: 'rounds' },
    { kind: 'observe', requirements: [{ text: 'nothing writes to orders' }] },
    { kind: 'sync', do: 'last' },
    { kind: 'observe', requirements: [{ text: 'Reconciliation of DATA-1 passes' }] },
  ]);
  expect(undo).toMatchObject({ actions: [{ kind: 'sync', do: 'back' }] });
  expect(stepFrom(`${TABLES}, x-sync: {}`, 'DATA-1/finish')).toMatchObject({
    actions: [{ kind: 'sync', do: 'finish' }],
    undo: { kind: 'impossible' },
  });
});

test.each([
  ['dual_write', 'dual_write_period', { conflicts: 'manual', reviewer: null }],
  ['shadow_write', 'shadow_write_validation', { conflicts: null }],
])(
  '%s between two databases is an outbox that is read for the period, and compared',
  (method, period, more) => {
    const fields = `${TABLES}, migration_approach: { method: ${method}, ${period}: 2 days }`;
    const sync = { kind: 'sync', detect: { by: 'tracking' }, ...more };
    expect(stepFrom(fields)).toMatchObject({
      actions: [
        { ...sync, do: 'start' },
        { kind: 'rows', change: { do: 'join' } },
        { ...sync, do: 'rounds', periodMs: 172_800_000, compares: true },
      ],
      undo: { actions: [{ do: 'undo' }, { kind: 'rows', direction: 'undo' }] },
    });
    expect(stepFrom(fields, 'DATA-1/finish').actions).toMatchObject([{ kind: 'sync', do: 'finish' }]);
  },
);

test('check says what a way of detecting changes cannot see', () => {
  const { coverage } = compileText(given(`${TABLES}, x-sync: { detect: timestamp, column: at }`));
  expect(coverage.sentences).toContainEqual(
    expect.objectContaining({
      how: expect.stringContaining('a row that is deleted, or changed without a new at'),
    }),
  );
});

test.each([
  ['x-sync: { detect: timestamp }', 'x-sync.column must name'],
  ['x-sync: { detect: hash }, x-conflicts: manual', 'x-conflicts needs "detect: tracking"'],
  ['x-sync: { interval: soon }', 'x-sync.interval "soon" is not understood'],
  ['x-sync: {}, type: data_archival', 'x-sync keeps both sides'],
])('with %s a person does it, and check says why', (fields, why) => {
  const own = `${TABLES}, ${fields}`;
  expect(stepFrom(own).actions).toMatchObject([{ kind: 'manual' }]);
  expect(compileText(given(own)).coverage.sentences).toContainEqual(
    expect.objectContaining({ kind: 'person', how: expect.stringContaining(why) }),
  );
});
