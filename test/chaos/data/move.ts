/** An archival from one server to another: three actions, and the undos of two, each of which is attacked. */
import type { FaultPoint } from '../../../activities/fault-points.js';
import type { RowsAction } from '../../../strategy/plan.js';
import { type Attack, told } from './attack.js';
import type { Method } from './method.js';

/** Rows of the source, of which the first five stay. */
const ROWS = 600;
const MOVED = ROWS - 5;

const BASE: RowsAction = {
  kind: 'rows',
  item: 'DATA-1',
  connection: 'here',
  source: { schema: 'public', table: 'orders' },
  change: { do: 'delete' },
  ...{ set: [], omit: [], where: null, direction: 'apply', batchSize: 20, ratePerSecond: 600 },
};
const OLD = { schema: 'public', table: 'orders_old' };
const RULE = { set: [{ column: 'email', value: 'lower(orders.email)' }], to: 'there' };
const CHECK: RowsAction = { ...BASE, ...RULE, change: { do: 'deliver', target: OLD, check: true } };
const DELETE: RowsAction = { ...BASE, where: '(id > 5)' };
const DELIVER: RowsAction = { ...BASE, ...RULE, change: { do: 'deliver', target: OLD } };

const POINTS: readonly FaultPoint[] = ['before-commit', 'after-commit', 'before-return'];
const TABLE = 'create table orders (shop int, id int, email text, primary key (shop, id));';
const NOTED = `create table log (id int);
create function note() returns trigger language plpgsql as $$ begin insert into log values (coalesce(new.id, old.id)); return null; end $$;
create trigger note after insert or delete on orders_old for each row execute function note();`;
const ORDERS =
  "select md5(string_agg(o::text, '|' order by shop, id)) as hash, count(*)::int as n from orders o";

async function carryOut(attack: Attack, run: string): Promise<readonly string[]> {
  const { bed } = attack;
  await bed.ask('here', TABLE);
  await bed.ask('here', `insert into orders select n % 3, n, 'User' || n from generate_series(1, ${ROWS}) n`);
  // The archive has rows of its own.
  await bed.ask(
    'there',
    `${TABLE.replace('orders', 'orders_old')} insert into orders_old values (0, 3, 'own'), (9, 9, 'own'); ${NOTED}`,
  );
  const [before] = await bed.ask('here', ORDERS);
  const problems: string[] = [];
  const part = async (state: string, action: RowsAction, says: string): Promise<void> => {
    const job = bed.job(run, action, { purpose: action.direction });
    const output = told(await attack.worker(state, job, POINTS));
    if (!output.includes(says)) problems.push(`${state}: "${output}"`);
  };
  const writes = async (): Promise<void> => {
    const [log] = await bed.ask(
      'there',
      'select count(*)::int as n, count(distinct id)::int as different from log',
    );
    if (log?.n !== MOVED || log.different !== MOVED)
      problems.push(`${String(log?.n)} writes of ${String(log?.different)} rows`);
    await bed.ask('there', 'truncate log');
  };
  await part('check', CHECK, 'can be moved');
  await part('delete', DELETE, `${MOVED} written, 5 filtered`);
  await part('delivery', DELIVER, `${MOVED} rows read: ${MOVED} written`);
  await writes();
  const [moved] = await bed.ask(
    'there',
    "select count(*)::int as n from orders_old where email = 'user' || id",
  );
  const [stayed] = await bed.ask('here', ORDERS);
  if (moved?.n !== MOVED || stayed?.n !== 5)
    problems.push(`${String(moved?.n)} rows moved, ${String(stayed?.n)} stayed`);
  await part('undo of the delivery', { ...DELIVER, direction: 'undo' }, `${MOVED} restored or removed`);
  await writes();
  await part('undo of the delete', { ...DELETE, direction: 'undo' }, `${MOVED} restored or removed`);
  const [after] = await bed.ask('here', ORDERS);
  if (after?.hash !== before?.hash) problems.push('the undo left other rows than there were');
  const [own] = await bed.ask(
    'there',
    "select count(*)::int as n, count(*) filter (where email = 'own')::int as own from orders_old",
  );
  if (own?.n !== 2 || own.own !== 2) problems.push(`the undo left ${String(own?.n)} rows in the archive`);
  return problems;
}

export const MOVE_METHODS: readonly Method[] = [
  { name: 'move between servers', sides: ['here', 'there'], carryOut },
];
