/** The keys of a round in pages, so that memory stays flat: what the triggers noted, what a timestamp says, or what checksums find. */
import type { ComparedTable, SyncAction } from '../../../strategy/plan.js';
import { compareRows } from '../../reconcile/compare-rows.js';
import { commonHash } from '../../reconcile/hash.js';
import { lookNow } from '../../reconcile/moment.js';
import { openSides } from '../../reconcile/open-sides.js';
import { Refusal } from '../../refusal.js';
import { changedSince } from '../rows/changed-since.js';
import { type Column, quoted, readTexts, type Table } from '../rows/table.js';
import { refusedBy } from './apply.js';
import { changedKeys, type Span } from './changes.js';
import type { Flow } from './flow.js';
import { type Key, keyJson, readKeys } from './keys.js';

export type Pages = AsyncIterable<readonly Key[]>;

/** Milliseconds that one statement of a comparison may take. */
const COMPARE_MS = 3_600_000;

/** What was put off or refused before comes first. */
export async function* trackedPages(flow: Flow, span: Span, size: number): Pages {
  yield* leftPages(flow, size);
  for (let after: Key | null = null; ; ) {
    const keys: readonly Key[] = await changedKeys(flow.from.session, flow.from.changes, span, after, size);
    const last: Key | undefined = keys.at(-1);
    if (last === undefined) return;
    yield keys;
    after = last;
  }
}

export async function* leftPages({ id, from, to }: Flow, size: number): Pages {
  const { rows } = await to.session.query(
    `select to_json(key)::text as key from (select key from sluice.sync_pending where id = $1 and role = $2
  union select key from sluice.quarantine where transfer = $3) k order by k.key`,
    [id, from.role, refusedBy(id, to.role)],
  );
  const keys = readKeys(rows);
  for (let first = 0; first < keys.length; first += size) yield keys.slice(first, first + size);
}

/** Rows whose column says that they changed since. */
export async function* timestampPages(flow: Flow, column: string, since: string | null, size: number): Pages {
  yield* leftPages(flow, size);
  const { from, order } = flow;
  const names = `(${order.map(({ name }) => quoted(name)).join(', ')})`;
  const changed = since === null ? 'true' : changedSince(columnOf(from.table, column), 1);
  const types = order.map(({ name }) => from.table.key.find((own) => own.name === name)?.type ?? 'text');
  for (let after: Key | null = null; ; ) {
    const values: readonly string[] = [...(since === null ? [] : [since]), ...(after ?? [])];
    const first = values.length - (after?.length ?? 0) + 1;
    const rest =
      after === null
        ? ''
        : ` and ${names} > (${types.map((type, index) => `$${first + index}::${type}`).join(', ')})`;
    const { rows } = await from.session.query(
      `select ${keyJson(order)} as key from ${from.table.name} where ${changed}${rest} order by ${names.slice(1, -1)} limit ${size}`,
      values,
      COMPARE_MS,
    );
    const keys: readonly Key[] = readKeys(rows);
    const last: Key | undefined = keys.at(-1);
    if (last === undefined) return;
    yield keys;
    after = last;
  }
}

function columnOf({ name, columns }: Table, wanted: string): Column {
  const column = columns.find((own) => own.name === wanted);
  if (column === undefined)
    throw new Refusal(`${name} has no column "${wanted}" any more, which x-sync names.`);
  return column;
}

/** Rows that checksums of both sides find different. */
export async function* differentPages(flow: Flow, action: SyncAction, size: number): Pages {
  const pair = { source: flow.from.session, target: flow.to.session };
  const { source, target, set, omit, where } = action;
  const compared: ComparedTable = {
    source,
    target,
    set,
    omit,
    where,
    filter: null,
    exclude: [],
    groupBy: [],
  };
  await lookNow(pair, COMPARE_MS);
  const hash = await commonHash(pair);
  const { sides } = await openSides(compared, pair, { hash, limitMs: COMPARE_MS });
  const found = await compareRows(sides, '', () => undefined);
  for (const session of [pair.source, pair.target]) await session.query('rollback');
  const keys = (found?.differences ?? []).flatMap(({ key }) => {
    const texts = readTexts(key);
    return texts === null ? [] : [texts];
  });
  for (let first = 0; first < keys.length; first += size) yield keys.slice(first, first + size);
}
