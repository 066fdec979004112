/** Rows that somebody sets to values that a reviewer stated: settled once the target has them. */
import { tableText } from '../../strategy/kinds/effects/rows.js';
import type { Reconciliation, Resolution } from '../../strategy/plan.js';
import { HOW_TO_STATE, readStated, type StatedRow } from '../../strategy/reconcile/stated.js';
import { quoted, readTable, type Table } from '../effects/rows/table.js';
import { Refusal } from '../refusal.js';
import { SETTINGS } from './change-row.js';
import { commonHash } from './hash.js';
import { lookNow, type Pair } from './moment.js';
import { openSides } from './open-sides.js';
import { valueHashes } from './ranges.js';
import { batchRows, type ReviewRow, tableOf } from './reviews.js';
import { canonical, keyText, type Side, type Sides } from './side.js';

/**
 * Keeps what was stated for every row of the batch.
 * @throws Refusal when it does not fit the rows; the batch is as it was then
 */
export async function stateBatch(
  reconciliation: Reconciliation,
  batch: string,
  { by, reason }: Resolution,
  pair: Pair,
  limitMs: number,
): Promise<void> {
  const rows = await batchRows(pair.target, batch, 'pending');
  const stated = readStated(reason);
  if (stated === null) throw new Refusal(HOW_TO_STATE);
  const found = new Map<string, StatedRow>();
  for (const name of new Set(rows.map(({ difference }) => difference.table))) {
    await inTable(reconciliation, name, pair, limitMs, async ({ target }, table) => {
      for (const row of stated) {
        const key = await keyIn(target, table, row);
        if (key !== null) found.set(`${name} ${key}`, row);
      }
    });
  }
  const without = rows.filter(({ difference: { table, key } }) => !found.has(`${table} ${key}`));
  if (without.length > 0) {
    const [first] = without;
    throw new Refusal(
      `The reason states no row for ${first?.difference.table ?? ''} ${first?.difference.key ?? ''}${without.length > 1 ? ` and ${without.length - 1} more` : ''}. ${HOW_TO_STATE}`,
    );
  }
  await pair.target.query('begin');
  for (const { id, difference } of rows) {
    await pair.target.query(
      "update sluice.review set status = 'custom-pending', stated = $2::jsonb, by = $3, reason = $4 where id = $1 and status = 'pending'",
      [id, JSON.stringify(found.get(`${difference.table} ${difference.key}`)), by, reason],
    );
  }
  await pair.target.querySteadily('commit');
}

/** The key of a stated row; null when it is a row of another table. @throws Refusal for a column that the table lacks */
async function keyIn({ key, session }: Side, table: Table, row: StatedRow): Promise<string | null> {
  const names = Object.keys(row);
  if (!key.every(({ name }) => names.some((own) => quoted(own) === name))) return null;
  const unknown = names.find((name) => !table.columns.some((column) => column.name === name));
  if (unknown !== undefined) throw new Refusal(`${table.name} has no column "${unknown}". ${HOW_TO_STATE}`);
  const query = `select ${keyText({ key })} as key from jsonb_populate_record(null::${table.name}, $1::jsonb)`;
  return (await session.query(query, [JSON.stringify(row)])).rows[0]?.key ?? null;
}

/** Closes the rows that are as stated. Returns those that are not yet. */
export async function confirmBatch(
  reconciliation: Reconciliation,
  batch: string,
  pair: Pair,
  limitMs: number,
): Promise<readonly ReviewRow[]> {
  const rows = await batchRows(pair.target, batch, 'custom-pending');
  const open: ReviewRow[] = [];
  for (const name of new Set(rows.map(({ difference }) => difference.table))) {
    const own = rows.filter(({ difference }) => difference.table === name);
    const settled = await inTable(reconciliation, name, pair, limitMs, async (sides, table) => {
      const there = await valueHashes(
        sides.source,
        own.map(({ difference }) => difference.key),
      );
      const closed: (readonly [string, string | null, string | null])[] = [];
      for (const row of own) {
        const { key } = row.difference;
        if (!(await isAsStated(sides.target, table, row))) open.push(row);
        else {
          const here = (await valueHashes(sides.target, [key])).get(key);
          closed.push([row.id, jsonOf(there.get(key)), jsonOf(here)]);
        }
      }
      return closed;
    });
    for (const [id, source, target] of settled ?? []) {
      await pair.target.query(
        "update sluice.review set status = 'applied', source_seen = $2::jsonb, target_seen = $3::jsonb, closed_at = now() where id = $1",
        [id, source, target],
      );
    }
  }
  return open;
}

function jsonOf(hashes: readonly (string | null)[] | undefined): string | null {
  return hashes === undefined ? null : JSON.stringify(hashes);
}

async function isAsStated({ session, key }: Side, table: Table, { stated }: ReviewRow): Promise<boolean> {
  const row: unknown = JSON.parse(stated ?? '{}');
  const names = typeof row === 'object' && row !== null ? Object.keys(row) : [];
  const columns = table.columns.filter(({ name }) => names.includes(name));
  const texts = (of: string): string =>
    columns.map((column) => canonical(`${of}.${quoted(column.name)}`, column)).join(', ');
  const same = key.map(({ name }) => `t.${name} = s.${name}`).join(' and ');
  const query = `select (row(${texts('t')}) is not distinct from row(${texts('s')}))::text as same
from jsonb_populate_record(null::${table.name}, $1::jsonb) s join ${table.name} t on ${same}`;
  return (await session.query(query, [stated])).rows[0]?.same === 'true';
}

/** Looks at the sides of one table; the transactions end afterwards. */
async function inTable<T>(
  reconciliation: Reconciliation,
  name: string,
  pair: Pair,
  limitMs: number,
  work: (sides: Sides, table: Table) => Promise<T>,
): Promise<T | null> {
  const compared = tableOf(reconciliation, { table: name });
  if (compared === undefined) return null;
  await lookNow(pair, limitMs);
  const hash = await commonHash(pair);
  try {
    const { sides } = await openSides(compared, pair, { hash, limitMs });
    const table = await readTable(pair.target, compared.target);
    if (table === null) throw new Refusal(`The table ${tableText(compared.target)} does not exist any more.`);
    await pair.target.query(SETTINGS);
    return await work(sides, table);
  } finally {
    for (const session of [pair.source, pair.target]) await session.query('rollback').catch(() => undefined);
  }
}
