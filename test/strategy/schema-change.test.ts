/** A schema change becomes transactions that keep no traffic waiting, and a person's work with the reason otherwise. */
import { expect, test } from 'vitest';
import { compileText, type Given, planOf, stepOf, strategyOf } from './support/compile-text.js';

const BINDINGS = 'connections: { shop: { postgres: "${env:SHOP}" } }';
const SOURCE = 'type: schema_change, source: { tables: [orders] }';

function given(rules: readonly string[], more = SOURCE): Given {
  const listed = rules.map((rule) => JSON.stringify(rule)).join(', ');
  const item = `migration_id: DATA-1, ${more}, transformation_logic: { transformation_rules: [${listed}] }`;
  const beside = `data_migration: { migrations: [{ ${item} }] }`;
  return {
    bindings: BINDINGS,
    strategy: strategyOf(stepOf('A', 1, 'x-uses: DATA-1', 'data_migration'), beside),
  };
}

function stepFrom(rules: readonly string[], more?: string) {
  const step = planOf(given(rules, more)).phases[0]?.steps[0];
  if (step === undefined) throw new Error('the plan has no step');
  return step;
}

/** What each transaction does, without the bodies. */
function transactions(rules: readonly string[]) {
  return stepFrom(rules).actions.map((action) =>
    action.kind === 'sql'
      ? action.statements.filter((statement) => !/^(?:do|insert|create table)\b/.test(statement))
      : action.kind,
  );
}

test('a constraint is added, and validated in a transaction of its own', () => {
  expect(transactions(['add constraint positive check (total > 0)'])).toEqual([
    [],
    ['alter table "public"."orders" add constraint "positive" check (total > 0) not valid'],
    ['alter table "public"."orders" validate constraint "positive"'],
  ]);
});

test('NOT NULL is set once a validated constraint proves it', () => {
  expect(transactions(['set not null Total']).slice(1)).toEqual([
    [expect.stringContaining('check ("total" is not null) not valid')],
    [expect.stringContaining('validate constraint')],
    [expect.stringContaining('"total" set not null'), expect.stringContaining('drop constraint')],
  ]);
});

test('an index is built concurrently, also that of a unique constraint', () => {
  expect(
    transactions(['add constraint one_code unique (code)', 'add unique index by_day using btree (day)']),
  ).toEqual([
    [],
    ['create unique index concurrently "one_code" on "public"."orders" (code)'],
    ['alter table "public"."orders" add constraint "one_code" unique using index "one_code"'],
    ['create unique index concurrently "by_day" on "public"."orders" using btree (day)'],
  ]);
});

test('computed columns are filled in batches, and only where they are empty', () => {
  const step = stepFrom(['add column cents bigint', 'cents = (total * 100)::bigint']);
  expect(step.actions[1]).toMatchObject({
    kind: 'rows',
    change: { do: 'fill' },
    set: [{ column: 'cents', value: '(total * 100)::bigint' }],
    where: '"cents" is null',
  });
  expect(step.undo).toMatchObject({ kind: 'actions', actions: [{ kind: 'sql' }] });
});

test('with parallel_execution, several workers fill the rows', () => {
  const rules = ['add column cents bigint', 'cents = (total * 100)::bigint'];
  const plan = 'execution_plan: { parallel_execution: true, max_parallel_workers: 2 }';
  expect(stepFrom(rules, `${SOURCE}, ${plan}`).actions[1]).toMatchObject({ kind: 'rows', workers: 2 });
  expect(stepFrom(rules).actions[1]).not.toHaveProperty('workers');
});

test.each([
  [['add column a text not null'], 'says NOT NULL: write it as a rule of its own'],
  [['add column a int references b'], 'says REFERENCES'],
  [["add column a text default 'x'", 'a = upper(b)'], 'both a default and a value'],
  [['add column a text', 'add column a int'], 'two rules say "add column a"'],
  [['add column a text', 'drop column a'], 'is added and dropped'],
  [['b = upper(c)'], 'needs an added column'],
  [['Add a column for the e-mail'], 'not understood'],
  [['add column a int, drop column b'], 'not understood'],
  [['add column a int; drop table orders'], 'not understood'],
  [["add column a text default E'\\'' , drop column b, add column c text default ''"], 'not understood'],
  [['add constraint n check (a > 0) /* ( */ , drop column b /* ) */'], 'not understood'],
  [['a = 1) from x; --'], 'not understood'],
  [['add index i (a) where (b > 0); drop table c'], 'not understood'],
  [['drop column a cascade'], 'not understood'],
  [[], 'no transformation rule'],
])('with %j a person does it, and check says why', (rules, why) => {
  expect(stepFrom(rules).actions).toMatchObject([{ kind: 'manual' }]);
  expect(compileText(given(rules)).coverage.sentences).toContainEqual(
    expect.objectContaining({ kind: 'person', how: expect.stringContaining(why) }),
  );
});

test('two tables are two changes', () => {
  const step = stepFrom(['drop column a'], 'type: schema_change, source: { tables: [orders, items] }');
  expect(step.actions).toMatchObject([{ kind: 'manual' }]);
});

test('a contract that no step carries out is told', () => {
  expect(compileText(given(['add column a int', 'drop column b'])).problems).toContainEqual(
    expect.objectContaining({ code: 'unused-item', message: expect.stringContaining('"DATA-1/contract"') }),
  );
});

/** A change with its contract, and a cleanup task that drops what the contract put aside. */
function dropping(item: string, task: string) {
  const rules = 'transformation_rules: ["add column a int", "drop column b"]';
  const steps = `${stepOf('A', 1, 'x-uses: DATA-1', 'data_migration')}\n${stepOf('B', 2, 'x-uses: DATA-1/contract', 'data_migration')}`;
  const beside = `
data_migration: { migrations: [{ migration_id: DATA-1, ${SOURCE}, transformation_logic: { ${rules} } ${item} }] }
post_migration: { cleanup_tasks: [{ task_id: C-1, name: Drop it, x-uses: DATA-1/drop ${task} }] }
`;
  return compileText({ bindings: BINDINGS, strategy: strategyOf(steps, beside) });
}

const DAY_MS = 86_400_000;

test.each([
  ['', '', 7 * DAY_MS],
  [', x-keep-old: 2 days', '', 2 * DAY_MS],
  [', x-keep-old: 2 days', ', timing: 30 days after completion', 30 * DAY_MS],
])(
  'with "%s" and "%s", a cleanup task drops the old columns so long after the completion',
  (item, task, ms) => {
    const { plan, problems } = dropping(item, task);
    expect(problems).toEqual([]);
    expect(plan?.afterwards?.followUps).toMatchObject([
      {
        id: 'C-1',
        due: { kind: 'after', ms },
        irreversible: true,
        actions: [
          {
            kind: 'sql',
            statements: [
              expect.stringContaining('has put no column aside in this run'),
              'alter table "public"."orders" drop column if exists "sluice_old_b"',
            ],
          },
        ],
      },
    ]);
  },
);

test.each([
  ['', ', timing: 6 days after completion', 'dropped-early', 'what x-keep-old keeps for 7 days'],
  [', x-keep-old: a while', '', 'keep-old', '"a while" is no duration'],
])('"%s" and "%s" are refused', (item, task, code, why) => {
  expect(dropping(item, task).problems).toContainEqual(
    expect.objectContaining({ code, message: expect.stringContaining(why) }),
  );
});

test('no step drops the old columns: they stay until after the completion', () => {
  const steps = stepOf('A', 1, 'x-uses: [DATA-1, DATA-1/contract, DATA-1/drop]', 'data_migration');
  const rules = 'transformation_rules: ["add column a int", "drop column b"]';
  const beside = `data_migration: { migrations: [{ migration_id: DATA-1, ${SOURCE}, transformation_logic: { ${rules} } }] }`;
  expect(compileText({ bindings: BINDINGS, strategy: strategyOf(steps, beside) }).problems).toContainEqual(
    expect.objectContaining({ code: 'only-in-cleanup' }),
  );
});
