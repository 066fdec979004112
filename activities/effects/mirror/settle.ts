/** Writes to a shadow again what it refused, while nobody writes to the source: what it takes is set aside no more. */
import { tableText } from '../../../strategy/kinds/effects/rows.js';
import type { MirrorAction } from '../../../strategy/plan.js';
import type { EffectJob } from '../../contract.js';
import type { Session } from '../../sql/session.js';
import type { Ending } from '../rows/ending.js';
import { quotedTable, readTable } from '../rows/table.js';
import { transferId } from '../rows/transfer.js';
import { writerOf } from './one-way.js';
import { namesOf, quarantineOf } from './ways.js';

/** Milliseconds for all of them. */
const LIMIT_MS = 300_000;

/** Within a transaction. */
export async function settle(session: Session, job: EffectJob<MirrorAction>): Promise<Ending> {
  const { action } = job;
  const id = transferId(job);
  const into = tableText(action.target);
  const count =
    'select count(*)::text as rows, min(error) as error from sluice.quarantine where transfer = $1';
  const [before] = (await session.query(count, [quarantineOf(id)])).rows;
  if (before?.rows === '0') return { outcome: 'done', output: `${into} refused nothing\n` };
  const source = await readTable(session, action.source);
  if (source === null || source.key.length === 0) {
    return {
      outcome: 'failed',
      cause: `The table ${tableText(action.source)}, or its key, does not exist any more.`,
    };
  }
  await session.query(`lock table ${quotedTable(action.source)} in share mode`);
  const writer = writerOf({ name: namesOf(id).forward, quarantine: quarantineOf(id) });
  const parts = source.key.map(({ type }, index) => `key[${index + 1}]::${type}`).join(', ');
  await session.query(
    `with refused as materialized (select key from sluice.quarantine where transfer = $1 order by key)
select ${writer}(${parts}) from refused`,
    [quarantineOf(id)],
    LIMIT_MS,
  );
  const [after] = (await session.query(count, [quarantineOf(id)])).rows;
  if (after?.rows === '0')
    return { outcome: 'done', output: `${into} took ${before?.rows ?? ''} rows that it had refused\n` };
  return {
    outcome: 'failed',
    cause: `${into} refuses ${after?.rows ?? ''} rows of ${tableText(action.source)}, such as: ${after?.error ?? ''}. They are in sluice.quarantine under the transfer ${quarantineOf(id)}. Correct the rows or ${into}, and retry.`,
  };
}
