/** A table changes its shape while clients of the old and of the new shape write, and gets its old shape back. */
import type { FaultPoint } from '../../../activities/fault-points.js';
import { isMachineAction, type MachineAction } from '../../../strategy/kinds/effects/index.js';
import type { Action } from '../../../strategy/plan.js';
import { planOf, stepOf, strategyOf } from '../../strategy/support/compile-text.js';
import { type Attack, told } from './attack.js';
import type { Bed } from './bed.js';
import type { Method } from './method.js';
import { namesIn, ROWS, writerOf } from './orders.js';
import type { Door } from './writer.js';

const RULES = [
  'add column first text',
  'add column last text',
  "first = split_part(name, ' ', 1)",
  "last = substr(name, length(split_part(name, ' ', 1)) + 2)",
  "name = first || ' ' || last",
  'set not null first',
  "add constraint first_given check (first <> '')",
  'add index orders_last (last)',
  'drop column name',
];
const ITEM = `migration_id: DATA-1, type: schema_change, source: { tables: [orders] }, transformation_logic: { transformation_rules: [${RULES.map((rule) => JSON.stringify(rule)).join(', ')}] }, execution_plan: { rate_limit: "600 rows/s", batch_size: 40 }`;
const POINTS: readonly FaultPoint[] = [
  ...(['before-journal-row', 'after-journal-row'] as const),
  ...(['before-commit', 'after-commit', 'before-return'] as const),
];
const SHAPE = `select string_agg(what, ', ' order by what) as shape from (
  select 'column ' || attname || ' ' || attnotnull as what from pg_attribute where attrelid = 'orders'::regclass and attnum > 0 and not attisdropped
  union all select 'constraint ' || conname from pg_constraint where conrelid = 'orders'::regclass
  union all select 'index ' || indexrelid::regclass from pg_index where indrelid = 'orders'::regclass
  union all select 'trigger ' || tgname from pg_trigger where tgrelid = 'orders'::regclass
  union all select 'function ' || proname from pg_proc where pronamespace = to_regnamespace('sluice')) s`;

export const EXPAND_METHODS: readonly Method[] = [{ name: 'expand and contract', sides: ['here'], carryOut }];

/** The steps of the expansion and of the contract, as the compiler makes them. */
function steps(): readonly { readonly apply: readonly Action[]; readonly undo: readonly Action[] }[] {
  const plan = planOf({
    bindings: 'connections: { here: { postgres: "${env:HERE}" } }',
    strategy: strategyOf(
      [
        stepOf('EXPAND', 1, 'x-uses: DATA-1', 'data_migration'),
        stepOf('CONTRACT', 2, 'x-uses: DATA-1/contract', 'data_migration'),
      ].join('\n'),
      `data_migration: { migrations: [{ ${ITEM} }] }`,
    ),
  });
  return plan.phases.flatMap((phase) =>
    phase.steps.map(({ actions, undo }) => ({
      apply: actions,
      undo: undo.kind === 'actions' ? undo.actions : [],
    })),
  );
}

async function carryOut(attack: Attack, run: string): Promise<readonly string[]> {
  const { bed } = attack;
  await bed.ask(
    'here',
    'create schema sluice; create table orders (id bigint primary key, name text not null)',
  );
  await bed.ask('here', `insert into orders select n, 'User ' || n from generate_series(1, ${ROWS}) n`);
  const [before] = await bed.ask('here', SHAPE);
  const [expand, contract] = steps();
  if (expand === undefined || contract === undefined) throw new Error('The plan has not both steps.');
  const problems: string[] = [];
  const part = async (state: string, step: string, actions: readonly Action[], purpose: 'apply' | 'undo') => {
    for (const [index, action] of actions.entries()) {
      if (!isMachineAction(action)) throw new Error(`A person is asked in ${state}.`);
      const key = { subject: step, purpose, index } as const;
      const outcome = await attack.worker(state, bed.job<MachineAction>(run, action, key), POINTS);
      if (outcome.outcome !== 'done') {
        problems.push(`${state}, action ${index + 1}: ${told(outcome)}`);
        return false;
      }
    }
    return true;
  };
  const old = writerOf([oldDoor(bed)], 1);
  const next = writerOf([newDoor(bed)], 2);
  const both = [old, next];
  const check = async (): Promise<void> => {
    const rows = await namesIn(bed, 'here', "(select id, first || ' ' || last as name from orders) o");
    problems.push(...both.flatMap((client) => client.wrong(rows)));
    if (rows.size < ROWS / 2) problems.push(`there are ${rows.size} rows`);
  };
  old.start();
  try {
    if (!(await part('expand', 'EXPAND', expand.apply, 'apply'))) return problems;
    next.start();
    for (const client of both) await client.more(15);
    await attack.idle('both shapes');
    await old.stop();
    const odd = await bed.ask(
      'here',
      "select id from orders where name is distinct from first || ' ' || last",
    );
    if (odd.length > 0) problems.push(`${odd.length} rows have two names`);
    if (!(await part('contract', 'CONTRACT', contract.apply, 'apply'))) return problems;
    await next.more(15);
    await attack.idle('new shape');
    if (!(await part('undo of the contract', 'CONTRACT', contract.undo, 'undo'))) return problems;
    await next.more(5);
  } finally {
    for (const client of both) await client.stop();
  }
  await check();
  if (!(await part('undo of the expansion', 'EXPAND', expand.undo, 'undo'))) return problems;
  const rows = await namesIn(bed, 'here', 'orders');
  problems.push(...both.flatMap((client) => client.wrong(rows)));
  const [after] = await bed.ask('here', SHAPE);
  if (after?.shape !== before?.shape)
    problems.push(`the shape became ${String(after?.shape)}, and was ${String(before?.shape)}`);
  return problems;
}

function oldDoor(bed: Bed): Door {
  return {
    url: bed.servers.here.postgres.url,
    insert: (id, name) => `insert into orders (id, name) values (${id}, '${name}')`,
    update: (id, name) => `update orders set name = '${name}' where id = ${id}`,
    remove: (id) => `delete from orders where id = ${id}`,
  };
}

function newDoor(bed: Bed): Door {
  const parts = (name: string): readonly string[] => name.split(' ');
  return {
    url: bed.servers.here.postgres.url,
    insert: (id, name) =>
      `insert into orders (id, first, last) values (${id}, '${parts(name)[0] ?? ''}', '${parts(name)[1] ?? ''}')`,
    update: (id, name) =>
      `update orders set first = '${parts(name)[0] ?? ''}', last = '${parts(name)[1] ?? ''}' where id = ${id}`,
    remove: (id) => `delete from orders where id = ${id}`,
  };
}
