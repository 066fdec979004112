/** A dual or shadow write becomes triggers, a copy beside them, and comparisons for its period; a person's work with the reason otherwise. */
import { expect, test } from 'vitest';
import { parseRowRule } from '../../strategy/sentence/row-rule.js';
import { compileText, type Given, planOf, stepOf, strategyOf } from './support/compile-text.js';

const BINDINGS = 'connections: { shop: { postgres: "${env:SHOP}" }, other: { postgres: "${env:OTHER}" } }';
const TABLES = 'source: { system: shop, tables: [orders, items] }, target: { tables: [orders_v2, items_v2] }';
const RULES =
  'transformation_logic: { transformation_rules: ["cents = total * 100", "omit total", "where shop > 1", "source.total = cents / 100.0"] }';

function given(fields: string, uses = 'DATA-1'): Given {
  const beside = `data_migration: { migrations: [{ migration_id: DATA-1, ${fields} }] }`;
  const step = stepOf('A', 1, `x-uses: [${uses}]\nresponsible_party: DBA`, 'data_migration');
  return { bindings: BINDINGS, strategy: strategyOf(step, beside) };
}

function stepFrom(fields: string, uses?: string) {
  const step = planOf(given(fields, uses)).phases[0]?.steps[0];
  if (step === undefined) throw new Error('the plan has no step');
  return step;
}

const APPROACH = 'migration_approach: { method: dual_write, dual_write_period: "3 days" }';

test('each table gets its triggers before its rows are copied, both sides are compared for the period, and triggers go before rows', () => {
  const { actions, undo } = stepFrom(`${TABLES}, ${RULES}, ${APPROACH}`);
  const orders = { source: { table: 'orders' }, where: '(shop > 1\n)', omit: ['total'] };
  const mirror = {
    kind: 'mirror',
    method: 'dual_write',
    back: [{ column: 'total', value: 'cents / 100.0' }],
  };
  const join = { kind: 'rows', change: { do: 'join' }, set: [{ column: 'cents', value: 'total * 100' }] };
  expect(actions).toMatchObject([
    { ...mirror, ...orders, target: { table: 'orders_v2' }, do: 'start' },
    { ...join, ...orders },
    { ...mirror, source: { table: 'items' } },
    { ...join, source: { table: 'items' } },
    {
      kind: 'observe',
      requirements: [{ text: 'Reconciliation of DATA-1 passes', probe: { how: 'reconcile' } }],
      conditions: [{ probe: { how: 'reconcile', inverted: true }, onFire: 'fail', everyMs: 900_000 }],
      soakMs: 3 * 86_400_000,
    },
  ]);
  expect(undo).toMatchObject({
    kind: 'actions',
    actions: [
      { kind: 'mirror', do: 'undo', source: { table: 'items' } },
      { kind: 'mirror', do: 'undo', source: { table: 'orders' } },
      { kind: 'rows', direction: 'undo', source: { table: 'items' } },
      { kind: 'rows', direction: 'undo', source: { table: 'orders' } },
    ],
  });
});

test('a shadow write settles what its target refused before both sides are compared', () => {
  const approach = 'migration_approach: { method: shadow_write, shadow_write_validation: "2 hours" }';
  expect(stepFrom(`${TABLES}, ${approach}`).actions).toMatchObject([
    { do: 'start', method: 'shadow_write', back: [] },
    { kind: 'rows' },
    { do: 'start' },
    { kind: 'rows' },
    { kind: 'mirror', do: 'settle' },
    { kind: 'mirror', do: 'settle' },
    { kind: 'observe', soakMs: 7_200_000 },
  ]);
});

test('the step that uses ITEM/finish ends the triggers, and is a point of no return', () => {
  const step = stepFrom(`${TABLES}, ${APPROACH}`, 'DATA-1/finish');
  expect(step.actions).toMatchObject([
    { do: 'finish', item: 'DATA-1', source: { table: 'items' } },
    { do: 'finish', source: { table: 'orders' } },
  ]);
  expect(step.undo).toEqual({ kind: 'impossible' });
  expect(compileText(given(`${TABLES}, ${APPROACH}`)).problems).toContainEqual(
    expect.objectContaining({ code: 'unused-item', message: expect.stringContaining('DATA-1/finish') }),
  );
});

test('a period or a validation that is not understood is asked of a person, who is asked while both sides are compared', () => {
  const step = stepFrom(
    `${TABLES}, migration_approach: { method: dual_write, dual_write_period: "until all are happy" }`,
  );
  expect(step.actions.at(-1)).toMatchObject({
    kind: 'observe',
    requirements: [{ probe: { how: 'reconcile' } }, { probe: { how: 'person' } }],
    soakMs: 0,
  });
});

test.each([
  ['type: data_archival, target: { tables: [a, b] }', 'keeps both sides'],
  ['estimated: 1', 'needs a target table'],
  [
    'target: { tables: [a, b] }, transformation_logic: { code_location: x }',
    'code_location is not run by triggers',
  ],
  [
    'target: { tables: [a, b] }, transformation_logic: { transformation_rules: ["source.a = 1", "source.a = 2"] }',
    'two rules set the column "source.a"',
  ],
])('with %s a person does it, and check says why', (fields, why) => {
  const own = `source: { system: shop, tables: [orders, items] }, ${APPROACH}, ${fields.replace('estimated', 'x-estimated')}`;
  expect(stepFrom(own).actions).toMatchObject([{ kind: 'manual' }]);
  expect(compileText(given(own)).coverage.sentences).toContainEqual(
    expect.objectContaining({ kind: 'person', how: expect.stringContaining(why) }),
  );
});

test('a rule for the way back is only for a target that is written', () => {
  expect(parseRowRule('source."Total" = cents / 100.0')).toEqual({
    kind: 'back',
    column: 'Total',
    value: 'cents / 100.0',
  });
  for (const approach of ['method: shadow_write', 'method: offline']) {
    const own = `${TABLES}, ${RULES}, migration_approach: { ${approach} }`;
    expect(compileText(given(own)).coverage.sentences).toContainEqual(
      expect.objectContaining({ kind: 'person', how: expect.stringContaining('is for dual_write') }),
    );
  }
});
