/** The ways to copy and change rows that are attacked, and what each must come to. */
import type { EffectJob } from '../../../activities/contract.js';
import type { FaultPoint } from '../../../activities/fault-points.js';
import type { RowsAction } from '../../../strategy/plan.js';
import { type Attack, told } from './attack.js';
import type { Method } from './method.js';

/** Rows of the source, of which the first five are filtered. */
const ROWS = 600;
const CHANGED = ROWS - 5;

interface Change {
  readonly name: string;
  readonly action: Partial<RowsAction>;
  /** The connection and table that are written; each write is noted. */
  readonly written: { readonly side: 'here' | 'there'; readonly table: string; readonly on: string };
  /** How many rows the query finds on that side when all is done: what is missing, doubled or wrong. */
  readonly wrong: string;
}

const NEW = { schema: 'public', table: 'orders_new' };
const RULE = { set: [{ column: 'email', value: 'lower(email)' }] };
const COPIED = `select count(*)::int - ${CHANGED} as n from orders_new where id > 5 and email = 'user' || id`;

const CHANGES: readonly Change[] = [
  {
    name: 'copy within a server',
    action: { change: { do: 'copy', target: NEW }, ...RULE },
    written: { side: 'here', table: 'orders_new', on: 'insert' },
    wrong: COPIED,
  },
  {
    name: 'copy between servers',
    action: { change: { do: 'copy', target: NEW }, ...RULE, to: 'there' },
    written: { side: 'there', table: 'orders_new', on: 'insert' },
    wrong: COPIED,
  },
  {
    name: 'copy by 3 workers',
    action: { change: { do: 'copy', target: NEW }, ...RULE, to: 'there', workers: 3 },
    written: { side: 'there', table: 'orders_new', on: 'insert' },
    wrong: COPIED,
  },
  {
    name: 'update',
    action: { change: { do: 'update' }, ...RULE },
    written: { side: 'here', table: 'orders', on: 'update' },
    wrong: `select count(*)::int - ${CHANGED} as n from orders where id > 5 and email = 'user' || id`,
  },
  {
    name: 'delete',
    action: { change: { do: 'delete' } },
    written: { side: 'here', table: 'orders', on: 'delete' },
    wrong: 'select count(*)::int as n from orders where id > 5',
  },
  {
    name: 'archive',
    action: { change: { do: 'archive', target: NEW } },
    written: { side: 'here', table: 'orders_new', on: 'insert' },
    wrong: `select count(*)::int - ${CHANGED} as n from orders_new`,
  },
];

const BALANCE = `${ROWS} rows read: ${CHANGED} written, 5 filtered, 0 quarantined`;

const BASE: RowsAction = {
  kind: 'rows',
  item: 'DATA-1',
  connection: 'here',
  source: { schema: 'public', table: 'orders' },
  change: { do: 'update' },
  ...{ set: [], omit: [], where: '(id > 5)', direction: 'apply', batchSize: 20, ratePerSecond: 600 },
};

export const ROWS_METHODS: readonly Method[] = CHANGES.map((change) => ({
  name: change.name,
  sides: change.action.to === undefined ? ['here'] : ['here', 'there'],
  carryOut: (attack, run) => carryOut(attack, run, change),
}));

const POINTS: readonly FaultPoint[] = ['before-commit', 'after-commit', 'before-return'];
const SET_UP = `create table orders (shop int, id int, email text, primary key (shop, id));
create table orders_new (like orders including all); create table log (id int);
create function note() returns trigger language plpgsql as $$ begin insert into log values (coalesce(new.id, old.id)); return null; end $$;`;
const FINGERPRINT = "select md5(string_agg(o::text, '|' order by shop, id)) as hash from orders o";

/** The change and its undo. */
async function carryOut(
  attack: Attack,
  run: string,
  { action, written, wrong }: Change,
): Promise<readonly string[]> {
  const { bed } = attack;
  const { side, table, on } = written;
  for (const each of ['here', 'there'] as const) await bed.ask(each, SET_UP);
  await bed.ask('here', `insert into orders select n % 3, n, 'User' || n from generate_series(1, ${ROWS}) n`);
  await bed.ask(side, `create trigger note after ${on} on ${table} for each row execute function note()`);
  const [before] = await bed.ask('here', FINGERPRINT);
  const job = (direction: RowsAction['direction']): EffectJob<RowsAction> =>
    bed.job(run, { ...BASE, ...action, direction }, { purpose: direction });
  const problems: string[] = [];
  const output = told(await attack.worker('change', job('apply'), POINTS));
  if (!output.includes(BALANCE)) problems.push(`the balance is "${output}"`);
  const [rows] = await bed.ask(side, wrong);
  if (rows?.n !== 0) problems.push(`${String(rows?.n)} rows too many or too few`);
  const [writes] = await bed.ask(
    side,
    'select count(*)::int as n, count(distinct id)::int as different from log',
  );
  if (writes?.n !== CHANGED || writes.different !== CHANGED)
    problems.push(`${String(writes?.n)} writes of ${String(writes?.different)} rows`);
  const undone = told(await attack.worker('undo', job('undo'), POINTS));
  if (!undone.includes(`${CHANGED} restored or removed`)) problems.push(`the undo came to "${undone}"`);
  const [after] = await bed.ask('here', FINGERPRINT);
  if (after?.hash !== before?.hash) problems.push('the undo left other rows than there were');
  const [left] = await bed.ask(side, 'select count(*)::int as n from orders_new');
  if (left?.n !== 0) problems.push(`the undo left ${String(left?.n)} copied rows`);
  return problems;
}
