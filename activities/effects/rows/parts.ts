/**
 * The parts of a transfer that several workers carry out at once: disjoint ranges of the key, about equal in rows. Each is a row of
 * `sluice.transfer` of its own, whose first `last_key` is the end of the part before it, and commits with its batches. The row of
 * the whole says what the whole is, and gets the sums at its end.
 */
import type { RowsAction } from '../../../strategy/plan.js';
import type { EffectJob } from '../../contract.js';
import type { Session } from '../../sql/session.js';
import type { Pass } from './pass.js';
import { between, countIn, nextEnd } from './range.js';
import { readTexts } from './table.js';
import { type Counts, NO_ROWS, type Transfer, writeTransfer } from './transfer.js';

export interface Begun {
  readonly id: string;
  readonly pass: Pass;
  readonly transfer: Transfer;
}

const OF_WHOLE = "starts_with(id, $1 || '#')";

/** Their ids, in the order of the key; empty for a transfer that one worker carries out. */
export async function partsOf(session: Session, id: string): Promise<readonly string[]> {
  const query = `select to_json(array_agg(id order by split_part(id, '#', 2)::int))::text as ids from sluice.transfer where ${OF_WHOLE}`;
  return readTexts((await session.query(query, [id])).rows[0]?.ids) ?? [];
}

/** Divides a transfer that has just begun. `from`: where its rows are read. */
export async function divide(
  session: Session,
  from: Session,
  job: EffectJob<RowsAction>,
  { id, pass, transfer }: Begun,
): Promise<void> {
  const { upperKey } = transfer;
  const workers = job.action.workers ?? 1;
  if (workers < 2 || upperKey === null) return;
  // It takes as long as it takes to go through the keys once.
  await from.query("select set_config('statement_timeout', '0', true)");
  const rows = await countIn(from, pass.over, between(pass.key, null, upperKey), null);
  const size = Math.ceil(rows / workers);
  for (let [number, lastKey] = [1, transfer.lastKey]; ; number += 1) {
    const left = { rest: between(pass.key, lastKey, upperKey), upTo: upperKey };
    const next = await nextEnd(from, pass, left, Math.max(1, size));
    if (next === null) return;
    await writeTransfer(session, job, `${id}#${number}`, { ...transfer, lastKey, upperKey: next.end });
    lastKey = next.end;
  }
}

/** Another attempt, or another state: whoever still works on a part finds out at its next batch. */
export async function markParts(
  session: Session,
  id: string,
  { state, attempt }: Pick<Transfer, 'state' | 'attempt'>,
): Promise<void> {
  await session.query(
    `update sluice.transfer set state = $2, attempt = $3, at = now() where ${OF_WHOLE} and (state, attempt) <> ($2, $3)`,
    [id, state, attempt],
  );
}

/** What the parts have come to together. */
export async function sumOfParts(session: Session, id: string): Promise<Counts> {
  const sums = ['read', 'written', 'filtered', 'quarantined'].map((name) => `sum(${name})::text as ${name}`);
  const [row] = (
    await session.query(`select ${sums.join(', ')} from sluice.transfer where ${OF_WHOLE}`, [id])
  ).rows;
  if (row === undefined) return NO_ROWS;
  return {
    read: Number(row.read),
    written: Number(row.written),
    filtered: Number(row.filtered),
    quarantined: Number(row.quarantined),
  };
}
