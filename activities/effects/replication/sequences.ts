/** Lets the sequences of one side go on where those of the other one, and the rows, have come to. */
import type { TableName } from '../../../strategy/plan.js';
import type { Session } from '../../sql/session.js';
import { quoted, readTable } from '../rows/table.js';

export async function advanceSequencesFrom(
  from: Session,
  to: Session,
  tables: readonly TableName[],
): Promise<void> {
  for (const name of tables) {
    const there = await readTable(from, name);
    const here = await readTable(to, name);
    for (const { name: column, sequence } of here?.columns ?? []) {
      if (sequence === null || here === null) continue;
      const other = there?.columns.find((own) => own.name === column)?.sequence ?? null;
      const used = other === null ? null : await usedOf(from, other);
      await to.query(
        `select setval($1::regclass, q.most, true) from (
  select greatest(max(${quoted(column)})::bigint, $2::bigint) as most from ${here.name}) q where q.most > 0`,
        [sequence, used],
      );
    }
  }
}

/** The last value that was given out; null before the first. */
async function usedOf(session: Session, sequence: string): Promise<string | null> {
  const [row] = (
    await session.query(`select case when is_called then last_value end::text as used from ${sequence}`)
  ).rows;
  return row?.used ?? null;
}
