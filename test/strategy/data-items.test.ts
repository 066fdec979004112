/** A data migration becomes batches of rows when all of it is understood, and a person's work with the reason otherwise. */
import { expect, test } from 'vitest';
import { renderPlan } from '../../strategy/render/plan.js';
import { parseRowRate, parseRowRule } from '../../strategy/sentence/row-rule.js';
import { compileText, type Given, planOf, stepOf, strategyOf } from './support/compile-text.js';

const BINDINGS = 'connections: { shop: { postgres: "${env:SHOP}" }, other: { postgres: "${env:OTHER}" } }';

function given(fields: string, files: Given['files'] = {}): Given {
  const beside = `data_migration: { migrations: [{ migration_id: DATA-1, ${fields} }] }`;
  const step = stepOf('A', 1, 'x-uses: DATA-1\nresponsible_party: DBA', 'data_migration');
  return { bindings: BINDINGS, files, strategy: strategyOf(step, beside) };
}

function stepFrom(fields: string, files: Given['files'] = {}) {
  const step = planOf(given(fields, files)).phases[0]?.steps[0];
  if (step === undefined) throw new Error('the plan has no step');
  return step;
}

const SOURCE = 'source: { system: shop, schema: sales, tables: [orders, public.items] }';

test('tables pair up by position, each with the rules, the limits and its own way back', () => {
  const step = stepFrom(
    `${SOURCE}, target: { system: shop, schema: archive, tables: [orders, items] },
     transformation_logic: { transformation_rules: ["email = lower(email)", "where id > 5", "omit note"] },
     execution_plan: { batch_size: 100, rate_limit: "1,000 rows per second" }`,
  );
  const rules = {
    set: [{ column: 'email', value: 'lower(email)' }],
    omit: ['note'],
    where: '(id > 5\n)',
    batchSize: 100,
    ratePerSecond: 1_000,
  };
  const orders = {
    source: { schema: 'sales', table: 'orders' },
    change: { do: 'copy', target: { schema: 'archive', table: 'orders' } },
  };
  const items = {
    source: { schema: 'public', table: 'items' },
    change: { do: 'copy', target: { schema: 'archive', table: 'items' } },
  };
  expect(step.actions).toMatchObject([
    { kind: 'rows', item: 'DATA-1', connection: 'shop', direction: 'apply', ...rules, ...orders },
    { direction: 'apply', ...items },
  ]);
  expect(step.undo).toMatchObject({
    kind: 'actions',
    actions: [
      { direction: 'undo', ...items },
      { direction: 'undo', ...orders },
    ],
  });
});

test.each([
  ['', undefined],
  ['parallel_execution: true', 4],
  ['parallel_execution: true, max_parallel_workers: 2', 2],
  ['max_parallel_workers: 2', undefined],
])('execution_plan: { %s } has the rows changed by %s workers', (plan, workers) => {
  const step = stepFrom(`${SOURCE}, target: { system: other }, execution_plan: { ${plan} }`);
  expect(step.actions.map((action) => action.kind === 'rows' && action.workers)).toEqual([workers, workers]);
});

test('x-throttle holds every batch back, but no undo', () => {
  const busy = 'select count(*) > 50 from pg_stat_activity';
  const more = `target: { tables: [new, new_items] }, x-throttle: { replicaLag: 256 MB, busy: "${busy}" }`;
  const throttle = { replicaLagBytes: 256_000_000, busy };
  expect(stepFrom(`${SOURCE}, ${more}`).actions).toMatchObject([{ throttle }, { throttle }]);
  const shown = renderPlan(planOf(given(`${SOURCE}, ${more}`)));
  expect(shown.match(/waits while a replica has more than 256 MB of WAL to replay/g)).toHaveLength(2);
  expect(shown.match(/waits while select count/g)).toHaveLength(2);
});

test('a target on another connection is copied to, also under the same names', () => {
  const step = stepFrom(`${SOURCE}, target: { system: other }`);
  const copy = {
    kind: 'rows',
    connection: 'shop',
    to: 'other',
    change: { do: 'copy', target: { table: 'orders' } },
  };
  expect(step.actions).toMatchObject([copy, {}]);
  expect(step.undo).toMatchObject({ actions: [{}, { ...copy, direction: 'undo' }] });
});

test.each([
  ['type: data_transformation', ', transformation_logic: { transformation_rules: ["a = b"] }', 'update'],
  ['type: data_cleanup', ', transformation_logic: { transformation_rules: ["where a is null"] }', 'delete'],
  ['type: data_archival', ', target: { tables: [old, old_items] }', 'archive'],
])('%s', (type, more, change) => {
  expect(stepFrom(`${type}, ${SOURCE}${more}`).actions).toMatchObject([{ change: { do: change } }, {}]);
});

test.each([
  ['migration_approach: { method: online }', 'online needs two connections'],
  ['target: { system: "Oracle 12" }', '"Oracle 12" is no connection'],
  ['target: { tables: [a] }', 'pair up by position'],
  ['transformation_logic: { transformation_rules: ["Convert to cents"] }', 'not understood'],
  ['transformation_logic: { transformation_rules: ["a = 1) or (2"] }', 'not understood'],
  ['transformation_logic: { transformation_rules: ["a = 1; drop table b"] }', 'not understood'],
  ['type: data_cleanup', 'no transformation rule'],
  ['execution_plan: { rate_limit: "gently" }', 'rate_limit "gently" is not understood'],
  ['x-throttle: { replicaLag: "10 s" }', 'x-throttle.replicaLag "10 s" is not understood'],
  ['x-throttle: { busy: "when it rains" }', 'x-throttle.busy "when it rains" is no query'],
  [
    'migration_approach: { method: online }, target: { system: other }, x-throttle: { replicaLag: 1 MB }',
    'x-throttle cannot hold back the initial copy',
  ],
])('with %s a person does it, and check says why', (fields, why) => {
  const own = `${SOURCE}, ${fields}`;
  expect(stepFrom(own).actions).toMatchObject([{ kind: 'manual' }]);
  expect(compileText(given(own)).coverage.sentences).toContainEqual(
    expect.objectContaining({ kind: 'person', how: expect.stringContaining(why) }),
  );
});

test('a script of its own is run for every method, with its own undo and the checks of the item', () => {
  const step = stepFrom(
    `migration_approach: { method: online }, execution_plan: { execution_script: ./copy.sh },
     validation: { pre_migration_checks: ["$ ./before"], post_migration_checks: ["$ ./after"] },
     rollback: { rollback_script: ./back.sh }`,
    { 'copy.sh': {}, 'back.sh': {} },
  );
  expect(step.actions).toMatchObject([{ kind: 'script', path: 'copy.sh' }]);
  expect(step.undo).toMatchObject({ kind: 'actions', actions: [{ kind: 'script', path: 'back.sh' }] });
  expect(step.conditions).toMatchObject([{ text: '$ ./before' }]);
  expect(step.checks).toMatchObject([{ text: '$ ./after' }]);
});

test('can_rollback: false is a point of no return, whatever the method', () => {
  const rules = 'transformation_logic: { transformation_rules: ["a = b"] }';
  const back = 'rollback: { can_rollback: false, rollback_method: restore_backup }';
  const step = stepFrom(`${SOURCE}, ${rules}, ${back}`);
  expect(step.undo).toEqual({ kind: 'impossible' });
  expect(step.actions.map(({ kind }) => kind)).toEqual(['rows', 'rows']);
});

const RESTORE = 'rollback: { rollback_method: restore_backup }';
const named = (...names: readonly string[]) =>
  names.map((name) => {
    const [schema = '', table = ''] = name.split('.');
    return { schema, table };
  });

test.each([
  [
    `${SOURCE}, transformation_logic: { transformation_rules: ["a = b"] }`,
    'shop',
    ['sales.orders', 'public.items'],
  ],
  [`${SOURCE}, target: { system: other }`, 'other', ['sales.orders', 'public.items']],
  [
    `type: data_archival, ${SOURCE}, target: { schema: old, tables: [orders, items] }`,
    'shop',
    ['sales.orders', 'old.orders', 'public.items', 'old.items'],
  ],
  [
    `${SOURCE}, target: { tables: [a, b] }, execution_plan: { execution_script: ./go.sh }`,
    'shop',
    ['sales.a', 'sales.b'],
  ],
  [`${SOURCE}, execution_plan: { execution_script: ./go.sh }`, 'shop', ['sales.orders', 'public.items']],
])('%s is backed up before it begins, and restored to undo it', (fields, connection, tables) => {
  const step = stepFrom(`${fields}, ${RESTORE}`, { 'go.sh': {} });
  const backup = { kind: 'backup', item: 'DATA-1', connection, tables: named(...tables) };
  expect(step.actions.at(0)).toMatchObject({ ...backup, task: { do: 'make' } });
  expect(step.actions.at(-1)).toMatchObject({ ...backup, task: { do: 'mark' } });
  expect(step.undo).toMatchObject({
    kind: 'actions',
    actions: [{ ...backup, task: { do: 'restore', approved: null } }],
  });
});

test('an archival by a script between two databases is backed up in both', () => {
  const step = stepFrom(
    `type: data_archival, ${SOURCE}, target: { system: other }, execution_plan: { execution_script: ./go.sh }, ${RESTORE}`,
    { 'go.sh': {} },
  );
  expect(step.undo).toMatchObject({ actions: [{ connection: 'other' }, { connection: 'shop' }] });
});

test.each([
  ['source: { system: shop }, execution_plan: { execution_script: ./go.sh }', 'source.tables names no table'],
  [
    `${SOURCE}, target: { tables: [a, b] }, migration_approach: { method: shadow_write }, validation: { reconciliation: { method: rows } }`,
    'only for rows that are copied or changed in batches',
  ],
])('restore_backup of %s is for a person, and check says why', (fields, why) => {
  const own = given(`${fields}, ${RESTORE}`, { 'go.sh': {} });
  expect(planOf(own).phases[0]?.steps[0]?.undo).toEqual({ kind: 'none' });
  expect(compileText(own).coverage.sentences).toContainEqual(
    expect.objectContaining({ kind: 'person', how: expect.stringContaining(why) }),
  );
});

const THROUGH =
  'transformation_logic: { code_location: scripts/cents.py, transformation_rules: ["Convert to cents", "where id > 5"] }';
const PROGRAM = { 'scripts/cents.py': {} };

test.each([
  [`${SOURCE}, ${THROUGH}`, 'update'],
  [`${SOURCE}, target: { system: other }, ${THROUGH}`, 'copy'],
])('with %s each row passes through the program, and prose says what it does', (fields, change) => {
  const own = given(fields, PROGRAM);
  const program = { path: 'scripts/cents.py', sha256: 'hash of scripts/cents.py' };
  const rows = { kind: 'rows', change: { do: change }, set: [], where: '(id > 5\n)', program };
  expect(planOf(own).phases[0]?.steps[0]?.actions).toMatchObject([rows, rows]);
  expect(compileText(own).coverage.sentences).toContainEqual(
    expect.objectContaining({
      ...{ text: 'Convert to cents', kind: 'automated' },
      how: 'by the program scripts/cents.py, with rows on its stdin',
    }),
  );
});

test.each([
  [`${SOURCE}, ${THROUGH}`, {}, 'there is no script "scripts/cents.py"'],
  [`type: data_archival, ${SOURCE}, target: { tables: [a, b] }, ${THROUGH}`, PROGRAM, 'copied or updated'],
  [
    `${SOURCE}, ${THROUGH.replace('where id > 5', 'where id')}, migration_approach: { method: dual_write }, target: { tables: [a, b] }`,
    PROGRAM,
    'not run by triggers',
  ],
  [`${SOURCE}, ${THROUGH.replace('where id > 5', 'where id >')}`, PROGRAM, 'not understood'],
])('with %s a person does it, and check says why', (fields, files, why) => {
  const own = given(fields, files);
  expect(planOf(own).phases[0]?.steps[0]?.actions).toMatchObject([{ kind: 'manual' }]);
  expect(compileText(own).coverage.sentences).toContainEqual(
    expect.objectContaining({ kind: 'person', how: expect.stringContaining(why) }),
  );
});

test('columns that a program computes are compared only where the strategy says which ones are left out', () => {
  const compared = (more: string) =>
    stepFrom(
      `${SOURCE}, target: { system: other }, ${THROUGH}, validation: { reconciliation: { method: rows } }${more}`,
      PROGRAM,
    ).checks[0]?.probe.how;
  expect(compared('')).toBe('person');
  expect(compared(', x-reconcile: { exclude: [cents] }')).toBe('reconcile');
});

test('the way of comparing, its threshold and stopped writers are checked by a binding or asked', () => {
  const step = stepFrom(
    `${SOURCE}, transformation_logic: { transformation_rules: ["a = b"] }, downtime: { required: true },
     validation: { reconciliation: { method: "Checksum per day", acceptance_threshold: "99.99 %" } }`,
  );
  expect(step.conditions).toMatchObject([{ text: 'nothing writes to orders, public.items' }]);
  expect(step.checks).toMatchObject([{ text: 'Checksum per day' }, { text: '99.99 %' }]);
});

test('rules and rates are read whole, or not at all', () => {
  expect(parseRowRule('"Total" = round(a, 2)')).toEqual({
    kind: 'set',
    column: 'Total',
    value: 'round(a, 2)',
  });
  expect(parseRowRule('a == b')).toBeNull();
  expect(parseRowRule('Where the order is open, keep it')).toMatchObject({ kind: 'where' });
  expect(parseRowRate('60 rows/min')).toBe(1);
  expect(parseRowRate('about 60 rows/s')).toBeNull();
});

const EDGES = 'edge_cases: [{ scenario: no number, test_dataset_id: EDGE-1 }, { test_dataset_id: EDGE-2 }]';
const EDGE_FILES = {
  'data/EDGE-1.jsonl': { executable: false, shebang: false },
  'data/EDGE-2.sh': {},
  'scripts/split.py': {},
};

test('the rows of an edge case go through the rules and the program, and another dataset is run as it is', () => {
  const split = given(
    `source: { system: shop, tables: [orders] }, target: { system: other },
     transformation_logic: { code_location: scripts/split.py, transformation_rules: ["where id > 5"], ${EDGES} }`,
    EDGE_FILES,
  );
  const strategy = `${split.strategy}\nlinkage: { test_datasets_dir: data }`;
  const { conditions = [] } = planOf({ ...split, strategy }).phases[0]?.steps[0] ?? {};
  const orders = { schema: 'public', table: 'orders' };
  expect(conditions.map(({ probe }) => probe)).toMatchObject([
    {
      ...{ how: 'transform', connection: 'shop', to: 'other', where: '(id > 5\n)' },
      dataset: { path: 'data/EDGE-1.jsonl', sha256: 'hash of data/EDGE-1.jsonl' },
      program: { path: 'scripts/split.py' },
      tables: [{ source: orders, target: orders }],
    },
    { how: 'script', path: 'data/EDGE-2.sh' },
  ]);
});

test('an archival to another connection is checked first, deletes what it saves, and writes it there; the way back is that in reverse', () => {
  const { actions, undo } = stepFrom(
    `type: data_archival, ${SOURCE}, target: { system: other, tables: [a, b] },
     transformation_logic: { transformation_rules: ["where id < 9", "a = b"] }`,
  );
  const [to, where] = ['other', '(id < 9\n)'];
  expect(actions).toMatchObject([
    { to, change: { do: 'deliver', check: true }, source: { table: 'orders' } },
    { to, change: { do: 'deliver', check: true }, source: { table: 'items' } },
    { change: { do: 'delete' }, where, set: [] },
    { to, change: { do: 'deliver' }, where: null, set: [{ column: 'a' }] },
    { change: { do: 'delete' }, where },
    { to, change: { do: 'deliver' } },
  ]);
  const undone = ['deliver', 'delete', 'deliver', 'delete'].map((kind) => ({
    change: { do: kind },
    direction: 'undo',
  }));
  expect(undo).toMatchObject({ actions: undone });
});

test.each([
  [
    'a cleanup keeps what it does not delete',
    'type: data_cleanup, source: { system: shop, tables: [orders] }, transformation_logic: { transformation_rules: ["where id > 5"]',
    { connection: 'shop', to: 'shop', where: '(((id > 5\n)) is not true)' },
  ],
  [
    'a stream computes its rules in the target',
    'source: { system: shop, tables: [orders] }, target: { system: other }, migration_approach: { method: online }, transformation_logic: { transformation_rules: ["cents = total * 100"]',
    { connection: 'other', to: 'other', where: null, set: [{ column: 'cents', value: 'total * 100' }] },
  ],
])('%s, and the rows of its edge cases say so before it starts', (_, fields, transform) => {
  const item = given(`${fields}, ${EDGES} }`, EDGE_FILES);
  const strategy = `${item.strategy}\nlinkage: { test_datasets_dir: data }`;
  const { conditions = [] } = planOf({ ...item, strategy }).phases[0]?.steps[0] ?? {};
  expect(conditions.map(({ probe }) => probe)).toContainEqual(
    expect.objectContaining({ how: 'transform', ...transform }),
  );
});
