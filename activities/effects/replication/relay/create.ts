/** The slot of a relayed direction, and the initial copy at the instant at which it begins. */
import { point } from '../../../fault-points.js';
import { quoted, quotedTable, readTable } from '../../rows/table.js';
import { createPublication, createSlot, type Direction, dropSlot } from '../objects.js';
import { inTransaction, type Setting } from '../setting.js';
import { estimateOf } from '../wait.js';
import { type NewSlot, withNewSlot } from './connection.js';
import { ensurePositions, readPosition, writeFirstPosition } from './positions.js';

/** Makes what is missing. All rows and the position commit at once, so a copy that was killed begins anew, with a new slot. */
export async function createRelayed(setting: Setting, direction: Direction): Promise<void> {
  const { name, positions, publisher, subscriber, from, copy } = direction;
  for (const session of [publisher, subscriber]) await ensurePositions(session, positions);
  await createPublication(publisher, name, [...setting.job.action.tables.map(quotedTable), positions]);
  point('after-publication');
  if ((await readPosition(subscriber, direction)) !== null) return;
  // Of an attempt that was killed: the rows it copied were rolled back.
  await dropSlot(publisher, name);
  if (copy) {
    await withNewSlot(from.url, name, (slot) => copyAt(setting, direction, slot));
    return;
  }
  const lsn = await createSlot(publisher, name);
  point('after-slot');
  await writeFirstPosition(subscriber, direction, lsn);
}

async function copyAt(setting: Setting, direction: Direction, { lsn, snapshot }: NewSlot): Promise<void> {
  const { publisher, subscriber } = direction;
  point('after-slot');
  await publisher.query('begin isolation level repeatable read read only');
  try {
    await publisher.query(`set transaction snapshot '${snapshot}'`);
    await publisher.query(`select ${PLAIN}`);
    await inTransaction(subscriber, setting.lockTimeoutMs, async () => {
      await subscriber.query(`select ${PLAIN}, set_config('session_replication_role', 'replica', true)`);
      await writeFirstPosition(subscriber, direction, lsn);
      await copyTables(setting, direction);
      point('before-copy-commit');
    });
  } finally {
    // Nothing was written there. When the connection is gone, so is the transaction.
    await publisher.querySteadily('rollback').catch(() => undefined);
  }
}

/** As text, like the changes after it: the types of both sides may differ. */
async function copyTables(setting: Setting, { publisher, subscriber }: Direction): Promise<void> {
  const { job, progress, deadline } = setting;
  const { tables } = job.action;
  const estimate = await estimateOf(publisher, job.action);
  let rows = 0;
  for (const [ready, table] of tables.entries()) {
    const there = (await readTable(publisher, table))?.columns ?? [];
    const here = (await readTable(subscriber, table))?.columns ?? [];
    const both = there.filter(
      ({ name, generated }) => !generated && here.some((own) => own.name === name && !own.generated),
    );
    const what = `${quotedTable(table)} (${both.map(({ name }) => quoted(name)).join(', ')})`;
    const seen = (chunk: Buffer): void => {
      // A line break inside a value is written as \n.
      for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) rows += 1;
      progress.copying(rows, estimate, ready, tables.length);
    };
    const left = Math.max(1_000, deadline - Date.now());
    await publisher.pipe(`copy ${what} to stdout`, subscriber, `copy ${what} from stdin`, left, seen);
  }
}

/** Settings under which every server reads what the other one has written, and which let a copy take its time. */
const PLAIN = `set_config('datestyle', 'ISO, YMD', true), set_config('intervalstyle', 'postgres', true),
  set_config('extra_float_digits', '3', true), set_config('statement_timeout', '0', true),
  set_config('idle_in_transaction_session_timeout', '0', true)`;
