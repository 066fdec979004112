/** How both sides of a data migration are compared is read whole, or asked; and a sample that cannot prove its threshold is said. */
import { expect, test } from 'vitest';
import { rowsForMargin, rowsToProve, upperBound } from '../../strategy/reconcile/bound.js';
import { withinTolerance } from '../../strategy/reconcile/decimal.js';
import { judge, type TableFindings } from '../../strategy/reconcile/result.js';
import { parseMethod, parseReconciliation, parseThreshold } from '../../strategy/sentence/reconciliation.js';
import { compileText, type Given, planOf, stepOf, strategyOf } from './support/compile-text.js';

const BINDINGS = 'connections: { shop: { postgres: "${env:SHOP}" }, other: { postgres: "${env:OTHER}" } }';
const TABLES = 'source: { system: shop, tables: [orders] }, target: { system: other, tables: [orders_new] }';

function given(fields: string, gate = 'Reconciliation of DATA-1 passes'): Given {
  const beside = `data_migration: { migrations: [{ migration_id: DATA-1, ${fields} }] }`;
  const step = stepOf(
    'A',
    1,
    `x-uses: DATA-1\nresponsible_party: DBA\nvalidation: { validation_checks: ["${gate}"] }`,
    'data_migration',
  );
  return { bindings: BINDINGS, strategy: strategyOf(step, beside) };
}

test('an item with a method that is understood is compared by machine, in its own check and wherever a sentence says so', () => {
  const checks =
    planOf(
      given(`${TABLES}, transformation_logic: { transformation_rules: ["a = lower(a)", "where b > 5"] },
        validation: { reconciliation: { method: "checksum", acceptance_threshold: "99.9 %" } },
        x-reconcile: { exclude: [at], filter: "b < 9", times: ["a <= b", "b <= now", "a by key"], rules: [{ name: Totals, source: "select 1", target: "select 2", tolerance: 0.01 }] }`),
    ).phases[0]?.steps[0]?.checks ?? [];
  expect(checks).toHaveLength(2);
  expect(checks[1]).toEqual(checks[0]);
  expect(checks[0]).toEqual({
    text: 'Reconciliation of DATA-1 passes',
    probe: {
      how: 'reconcile',
      item: 'DATA-1',
      source: 'shop',
      target: 'other',
      method: { kind: 'rows' },
      threshold: 0.999,
      rules: [{ name: 'Totals', source: 'select 1', target: 'select 2', tolerance: '0.01' }],
      tables: [
        {
          source: { schema: 'public', table: 'orders' },
          target: { schema: 'public', table: 'orders_new' },
          set: [{ column: 'a', value: 'lower(a)' }],
          omit: [],
          where: '(b > 5\n)',
          filter: '(b < 9\n)',
          exclude: ['at'],
          groupBy: [],
          times: [
            { kind: 'before', earlier: 'a', later: 'b' },
            { kind: 'before', earlier: 'b', later: null },
            { kind: 'by-key', column: 'a' },
          ],
        },
      ],
    },
  });
});

test.each([
  ['type: data_cleanup, source: { system: shop, tables: [orders] }', 'no other side to compare with'],
  [
    `${TABLES}, validation: { reconciliation: { method: "Checksum per day" } }`,
    'method "Checksum per day" is not understood',
  ],
  [
    `${TABLES}, validation: { reconciliation: { acceptance_threshold: most } }`,
    'threshold "most" is not understood',
  ],
  [`${TABLES}, x-reconcile: { filter: "a) or (b" }`, 'is not an SQL condition'],
  [`${TABLES}, x-reconcile: { times: ["a before b"] }`, 'x-reconcile.times "a before b" is not understood'],
  [
    'type: data_archival, source: { system: shop, tables: [a] }, target: { system: other, tables: [b] }',
    'an archival leaves nothing',
  ],
])('with %s a person is asked, and check says why', (fields, why) => {
  expect(compileText(given(fields)).coverage.sentences).toContainEqual(
    expect.objectContaining({
      text: 'Reconciliation of DATA-1 passes',
      kind: 'person',
      how: expect.stringContaining(why),
    }),
  );
});

test('a sample that cannot prove its threshold is a warning with the number of rows that can', () => {
  const problems = (method: string, threshold: string) =>
    compileText(
      given(
        `${TABLES}, validation: { reconciliation: { method: "${method}", acceptance_threshold: "${threshold}" } }`,
      ),
    ).problems.filter(({ code }) => code === 'small-sample');
  expect(problems('sample 95% +-1%', '99.99 %')).toMatchObject([
    { severity: 'warning', message: expect.stringContaining('it takes 29,956 rows without a difference') },
  ]);
  expect(problems('sample of 1,000,000 rows', '100%')).toMatchObject([
    { message: expect.stringContaining('only a comparison of every row') },
  ]);
  expect(problems('sample of 30,000 rows', '99.99%')).toEqual([]);
});

test('methods, thresholds and sentences are read whole, or not at all', () => {
  expect(
    ['row counts', 'Checksums', 'rows', 'business rules'].map((text) => parseMethod(text)?.kind),
  ).toEqual(['count', 'rows', 'rows', 'rules']);
  expect(parseMethod('sample 99% ±0.5%')).toEqual({
    kind: 'sample',
    rows: rowsForMargin(0.005, 0.99),
    confidence: 0.99,
  });
  expect(parseMethod('sample of 30,000 rows at 99 %')).toEqual({
    kind: 'sample',
    rows: 30_000,
    confidence: 0.99,
  });
  for (const text of ['changed by updated_at', 'Incremental by "updated_at"', 'rows changed by updated_at'])
    expect(parseMethod(text)).toEqual({ kind: 'rows', changedBy: 'updated_at' });
  for (const text of [
    'by hand',
    'changed',
    'changed by the team',
    'sample',
    'sample 10%',
    'counts per day',
    'checksum, then sample',
  ])
    expect(parseMethod(text)).toBeNull();
  expect(['99.99 %', '>= 99.9% of rows', 'at least 100% match'].map(parseThreshold)).toEqual([
    0.9999, 0.999, 1,
  ]);
  for (const text of ['99.99', '101 %', '0 %', '99% by Friday']) expect(parseThreshold(text)).toBeNull();
  expect(
    ['Reconciliation of DATA-1 passes', 'reconciliation for "DATA-1" passed', 'DATA-1 reconciles'].map(
      parseReconciliation,
    ),
  ).toEqual(['DATA-1', 'DATA-1', 'DATA-1']);
  expect(parseReconciliation('Reconciliation of DATA-1 is discussed')).toBeNull();
});

test('the bound of a sample is the exact one: about 3/n without an error', () => {
  expect(rowsForMargin(0.05, 0.95)).toBe(385);
  expect(rowsToProve(0.9999, 0.95)).toBe(29_956);
  expect(upperBound(0, 384, 0.95)).toBeCloseTo(0.00777, 5);
  // Published tables: 95 % one-sided for 1 of 100 and 5 of 1,000.
  expect(upperBound(1, 100, 0.95)).toBeCloseTo(0.04656, 4);
  expect(upperBound(5, 1_000, 0.95)).toBeCloseTo(0.01048, 4);
  expect(upperBound(3, 3, 0.95)).toBe(1);
});

const EQUAL: TableFindings = {
  source: 'a',
  target: 'b',
  compared: 100,
  equal: 100,
  missing: 0,
  extra: 0,
  different: 0,
  temporal: 0,
  shifts: [],
  disorder: [],
  groups: 0,
  columns: [],
  drift: [],
  stopped: false,
  sampled: false,
};

test('one failing part fails all of it, and nothing to compare never passes', () => {
  const verdict = (tables: readonly Partial<TableFindings>[], orphans = 0) =>
    judge(
      { method: { kind: 'rows' }, threshold: 0.99 },
      { tables: tables.map((table) => ({ ...EQUAL, ...table })), rules: [], orphans, seed: null },
    ).verdict;
  expect(verdict([{}, { equal: 99 }])).toBe('pass');
  expect(verdict([{}, { equal: 98 }])).toBe('fail');
  expect(verdict([{}, { compared: 0, equal: 0 }])).toBe('inconclusive');
  expect(verdict([{ compared: 0, equal: 0 }, { equal: 0 }])).toBe('fail');
  expect(verdict([{}], 1)).toBe('fail');
  expect(verdict([{ drift: ['lost'] }])).toBe('fail');
  expect(verdict([])).toBe('inconclusive');
});

test('tolerances are decimal', () => {
  expect(withinTolerance('0.30', '0.3', '0')).toBe(true);
  expect(withinTolerance('123456789012345678.01', '123456789012345678.02', '0.01')).toBe(true);
  expect(withinTolerance('123456789012345678.01', '123456789012345678.03', '0.01')).toBe(false);
  expect(withinTolerance('1e3', '1000', '0')).toBe(true);
  expect(withinTolerance(null, '0', '1')).toBe(false);
  expect(withinTolerance('open', 'Open', '1')).toBe(false);
});

test('with "changed by", decisions compare every row, and what is repeated beside the steps only what changed', () => {
  const beside = `data_migration: { migrations: [{ migration_id: DATA-1, ${TABLES}, x-reconcile: { method: changed by Updated_at, schedule: hourly } }] }
validation_strategy: { continuous_validation: [{ validation_id: C-1, checks: ["Reconciliation of DATA-1 passes"] }] }`;
  const steps = [
    stepOf('A', 1, 'x-uses: DATA-1\nresponsible_party: DBA', 'data_migration'),
    stepOf('B', 2, 'responsible_party: DBA'),
  ];
  const both = { bindings: BINDINGS, strategy: strategyOf(steps.join('\n'), beside) };
  const [copy, after] = planOf(both).phases[0]?.steps ?? [];
  expect(copy?.checks).toMatchObject([{ probe: { method: { kind: 'rows', changedBy: 'Updated_at' } } }]);
  const watched = (after?.watch?.conditions ?? []).map(({ probe }) => probe);
  expect(watched).toHaveLength(2);
  for (const probe of watched)
    expect(probe).toMatchObject({ method: { kind: 'changed', column: 'Updated_at' } });
  const limits = compileText(both).coverage.sentences.filter(({ how }) =>
    how.includes('without a new Updated_at is not seen'),
  );
  expect(limits).toHaveLength(2);
});
