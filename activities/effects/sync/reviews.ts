/** Conflicts as people see them: a batch of open ones is put to a person, and noted with what was decided. `decided.ts` carries it out. */
import { randomUUID } from 'node:crypto';
import type { ConflictAnswer } from '../../../strategy/plan.js';
import { asksConflicts, type ShownConflict } from '../../../strategy/reconcile/conflict-wording.js';
import type { RowsToSettle } from '../../../strategy/reconcile/settle.js';
import { HOW_TO_STATE, readRows, readStated, type StatedRow } from '../../../strategy/reconcile/stated.js';
import type { Session } from '../../sql/session.js';
import { isRefusal } from './apply.js';
import { askAgain, type Conflict, closeConflict, conflictsWhere } from './conflicts.js';
import { stateRow } from './custom.js';
import type { Flow, Flows } from './flow.js';
import { type Images, imagesNow } from './images.js';
import { type Key, keyJson, readKeys } from './keys.js';

/** Conflicts of one review; the others wait for the next one. */
const MOST_ASKED = 1_000;

/** Takes the open conflicts, the oldest first, as their rows are now. Null when none is left to ask about. */
export async function openReview(flows: Flows, item: string): Promise<RowsToSettle | null> {
  const { forward } = flows;
  const { session, table } = forward.to;
  const open = await conflictsWhere(forward, 'chosen is null', [], String(MOST_ASKED));
  if (open.length === 0) return null;
  const imagesOf = await imagesNow(
    forward,
    open.map(({ key }) => key),
  );
  const batch = randomUUID();
  const shown: ShownConflict[] = [];
  for (const conflict of open) {
    const now = imagesOf(conflict.key);
    // Somebody has made them alike by hand.
    if (now.source === now.target) await closeConflict(session, conflict);
    else
      shown.push({
        key: conflict.key,
        what: differenceOf(now),
        note: await show(session, conflict, now, batch),
      });
  }
  if (shown.length === 0) return null;
  const [row] = (
    await session.query(
      "select count(*)::text as rows from sluice.conflicts where sync = $1 and state = 'open' and batch is distinct from $2",
      [forward.id, batch],
    )
  ).rows;
  return asksConflicts({ item, batch, table: table.name, shown, later: Number(row?.rows ?? 0) });
}

/** Keeps what the person will be shown. Returns why an earlier decision about it came to nothing; null without one. */
async function show(session: Session, { id }: Conflict, now: Images, batch: string): Promise<string | null> {
  const [row] = (
    await session.query(
      'update sluice.conflicts set source = $2::jsonb, target = $3::jsonb, batch = $4 where id = $1 returning note',
      [id, now.source, now.target, batch],
    )
  ).rows;
  return row?.note ?? null;
}

function differenceOf({ source, target }: Images): string {
  if (source === null) return 'deleted in the source, changed in the target';
  if (target === null) return 'changed in the source, deleted in the target';
  const [left, right] = [valuesOf(source), valuesOf(target)];
  return `different: ${[...left].flatMap(([name, value]) => (right.get(name) === value ? [] : [name])).join(', ')}`;
}

function valuesOf(image: string): ReadonlyMap<string, string> {
  const row: unknown = JSON.parse(image);
  const entries = typeof row === 'object' && row !== null ? Object.entries(row) : [];
  return new Map(entries.map(([name, value]) => [name, JSON.stringify(value)]));
}

/** Notes the answer beside every conflict that it is about; the next round carries it out. A repeat notes nothing twice. */
export async function noteAnswer({ forward }: Flows, answer: ConflictAnswer): Promise<void> {
  const { session } = forward.to;
  const { batch, option, by, reason } = answer;
  const open = await conflictsWhere(forward, 'batch = $2 and chosen is null', [batch]);
  if (option === 'custom') {
    const stated = await byKey(forward, readStated(reason) ?? []);
    for (const conflict of open) {
      const row = stated.get(JSON.stringify(conflict.key));
      // What was not stated beside others is asked about next.
      if (row === undefined && stated.size > 0) continue;
      const why = row === undefined ? HOW_TO_STATE : await stateRow(forward, conflict, row, answer);
      if (why !== null) await askAgain(session, conflict, why);
    }
    return;
  }
  const named = await byKey(forward, readRows(reason) ?? []);
  for (const { id, key } of open) {
    // A reason that ends with keys decides about these only.
    if (named.size > 0 && !named.has(JSON.stringify(key))) continue;
    await session.query(
      'update sluice.conflicts set chosen = $2, by = $3, reason = $4 where id = $1 and chosen is null',
      [id, option === 'apply-source' ? 'source' : 'target', by, reason],
    );
  }
}

/** The rows that have the whole key, by their keys as JSON of texts. */
async function byKey(
  { to, order }: Flow,
  rows: readonly StatedRow[],
): Promise<ReadonlyMap<string, StatedRow>> {
  const found = new Map<string, StatedRow>();
  for (const row of rows) {
    if (!order.every(({ name }) => Object.hasOwn(row, name))) continue;
    const key = await keyOf(to.session, to.table.name, order, row);
    if (key !== null) found.set(JSON.stringify(key), row);
  }
  return found;
}

async function keyOf(
  session: Session,
  table: string,
  order: Flow['order'],
  row: StatedRow,
): Promise<Key | null> {
  const only = Object.fromEntries(order.map(({ name }) => [name, row[name]]));
  const query = `select ${keyJson(order)} as key from jsonb_populate_record(null::${table}, $1::jsonb)`;
  try {
    const { rows } = await session.query(query, [JSON.stringify(only)]);
    return readKeys(rows)[0] ?? null;
  } catch (error) {
    // No key of this table.
    if (!isRefusal(error)) throw error;
    return null;
  }
}
