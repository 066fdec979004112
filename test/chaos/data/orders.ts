/** A table of orders and its copy with other columns, which clients write while they are kept in step. */
import type { Bed, Side } from './bed.js';
import { type Door, Writer } from './writer.js';

export const ORDERS = { schema: 'public', table: 'orders' };
export const COPY = { schema: 'public', table: 'orders_new' };

/** Rows that are there at the start. */
export const ROWS = 600;

export const SOURCE = (table = 'orders'): string =>
  `create table ${table} (id bigint primary key, name text not null, total numeric not null default 0, at timestamptz not null default clock_timestamp());
create index on ${table} (at);`;
export const TARGET = (table = 'orders_new'): string =>
  `create table ${table} (id bigint primary key, name text not null, cents bigint not null default 0);`;
export const FILL = `insert into orders select n, 'User ' || n, n * 1.5 from generate_series(1, ${ROWS}) n;`;

export const RULES = { set: [{ column: 'cents', value: '(total * 100)::bigint' }], omit: ['total', 'at'] };

/** How clients write the table of the shape of the source, or that of the target. */
export function doorTo(bed: Bed, side: Side, table: string, shape: 'source' | 'target'): Door {
  const [money, of, at] =
    shape === 'source'
      ? ['total', (id: number) => id * 1.5, ', at = clock_timestamp()']
      : ['cents', (id: number) => id * 150, ''];
  return {
    url: bed.servers[side].postgres.url,
    insert: (id, name) => `insert into ${table} (id, name, ${money}) values (${id}, '${name}', ${of(id)})`,
    update: (id, name) => `update ${table} set name = '${name}'${at} where id = ${id}`,
    remove: (id) => `delete from ${table} where id = ${id}`,
  };
}

/** A client with rows of its own: the `number`th tenth of those that are there, and new ones. */
export function writerOf(doors: readonly Door[], number: number): Writer {
  const from = 1 + (number * ROWS) / 10;
  const given = Array.from({ length: ROWS / 10 }, (_, index): [number, string] => [
    from + index,
    `User ${from + index}`,
  ]);
  return new Writer(doors, 1_000_000 * (number + 1), new Map(given));
}

/** Ids and names. */
export async function namesIn(bed: Bed, side: Side, table: string): Promise<ReadonlyMap<number, string>> {
  const rows = await bed.ask(side, `select id::int, name from ${table}`);
  return new Map(rows.map(({ id, name }) => [Number(id), String(name)]));
}

/** All rows as the target has them, as one text per row. */
async function rowsOf(
  bed: Bed,
  side: Side,
  table: string,
  shape: 'source' | 'target',
): Promise<readonly string[]> {
  const cents = shape === 'source' ? '(total * 100)::bigint' : 'cents';
  const rows = await bed.ask(
    side,
    `select id || ' ' || name || ' ' || ${cents} as row from ${table} order by id`,
  );
  return rows.map(({ row }) => String(row));
}

/** How both sides differ, in words; empty when they do not. */
export async function differences(
  bed: Bed,
  target: Side,
  tables: { readonly source: string; readonly target: string },
): Promise<readonly string[]> {
  const source = await rowsOf(bed, 'here', tables.source, 'source');
  const copied = await rowsOf(bed, target, tables.target, 'target');
  const [inSource, inTarget] = [new Set(source), new Set(copied)];
  const missing = source.filter((row) => !inTarget.has(row));
  const extra = copied.filter((row) => !inSource.has(row));
  const twice = copied.length - inTarget.size;
  if (missing.length + extra.length + twice === 0) return [];
  return [
    `${missing.length} rows are missing or old (${missing[0] ?? ''}), ${extra.length} are extra (${extra[0] ?? ''}), ${twice} are there twice`,
  ];
}

/** Everything that a method may leave behind on both servers; empty when nothing is left. */
export async function leftBehind(bed: Bed): Promise<readonly string[]> {
  const found: string[] = [];
  for (const side of ['here', 'there'] as const) {
    const rows = await bed.ask(
      side,
      `select 'publication ' || pubname as what from pg_publication
union all select 'slot ' || slot_name from pg_replication_slots
union all select 'subscription ' || subname from pg_subscription
union all select 'trigger ' || tgname from pg_trigger where not tgisinternal and tgname <> 'note'
union all select 'function ' || proname from pg_proc where pronamespace = to_regnamespace('sluice')`,
    );
    found.push(...rows.map(({ what }) => `${String(what)} is left ${side}`));
  }
  return found;
}
