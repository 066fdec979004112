/**
 * The way back: all rows of the tables as they are in the backup, in one transaction that keeps writers out, with their sums compared
 * before it commits. It begins only when a person has approved what is lost, and the tables are still as that person saw them.
 */
import { type Losses, lossesOf, type TableLosses } from '../../../strategy/backup/losses.js';
import { tableText } from '../../../strategy/kinds/effects/rows.js';
import type { BackupAction, TableName } from '../../../strategy/plan.js';
import type { EffectJob } from '../../contract.js';
import { parentsFirst } from '../../reconcile/parents-first.js';
import { Refusal } from '../../refusal.js';
import type { Session } from '../../sql/session.js';
import type { Ending } from '../rows/ending.js';
import { type Column, quoted, quotedTable, readTable } from '../rows/table.js';
import { NO_ROWS, savedTable, transferId, writeTransfer } from '../rows/transfer.js';
import { compareTable, keepLost } from './compare.js';
import type { Limits } from './make.js';
import { quietly } from './quiet.js';
import { list, readShape, rowsOf, type Shape, sameKey, sumOf, textOf } from './shape.js';
import { type Backup, backupId, beginBackup, holdBackup, nameText, setState } from './state.js';

type Job = EffectJob<BackupAction>;

/** `losses`: nothing was restored, because a person has to approve first. */
export type Restored = Ending & { readonly losses?: Losses };

/** Within a transaction that must be READ COMMITTED: what it sees is read behind the locks. Commit when it is done, else roll back. Throws `Refusal`. */
export async function restoreBackup(session: Session, job: Job, limits: Limits): Promise<Restored> {
  const { action } = job;
  const id = backupId(job);
  // A slow attempt at the backup or the item does not begin any more.
  const never = await beginBackup(session, job, { id, state: 'restored', sums: {} });
  const ended = await endTransfers(session, job);
  if (never) return { outcome: 'done', output: 'No backup had been made, and no row changed.\n' };
  const backup = await holdBackup(session, id);
  if (backup === null) throw new Refusal('The backup is gone: sluice.backup has no row of it.');
  if (backup.state === 'restored')
    return { outcome: 'done', output: 'already done: the rows are as before\n' };
  await session.query(`lock table ${action.tables.map(quotedTable).join(', ')} in share row exclusive mode`);
  const shapes: Shape[] = [];
  for (const table of action.tables) shapes.push(await unchangedShape(session, id, table));
  const looked = await look(session, shapes, backup, limits);
  const differing = looked.losses.reduce((sum, losses) => sum + losses.differing, 0);
  if (differing === 0) {
    await forget(session, shapes);
    await setState(session, id, 'restored');
    return { outcome: 'done', output: 'No row had changed since the backup.\n' };
  }
  const approved = action.task.do === 'restore' ? action.task.approved : null;
  if (approved !== looked.state) {
    const { madeAt, state } = backup;
    const asked = { item: action.item, madeAt, marked: state === 'marked', again: approved !== null };
    return { outcome: 'done', output: '', losses: lossesOf({ ...asked, tables: looked.losses, ...looked }) };
  }
  const output = await putBack(session, shapes, backup, limits);
  for (const id of ended) await session.query(`drop table if exists ${savedTable(id)}`);
  await forget(session, shapes);
  await setState(session, id, 'restored');
  return { outcome: 'done', output };
}

/** Whoever still works on a batch of the item finds out, and so does one that has not begun. Returns their ids. */
async function endTransfers(session: Session, { context, key, action }: Job): Promise<readonly string[]> {
  const ids: string[] = [];
  for (const source of action.transfers) {
    const job = { context, key, action: { item: action.item, source } };
    const id = transferId(job);
    ids.push(id);
    const { rowCount } = await session.query(
      "update sluice.transfer set state = 'undone', at = now() where id = $1 or starts_with(id, $1 || '#')",
      [id],
    );
    if (rowCount !== 0) continue;
    const never = {
      ...NO_ROWS,
      state: 'undone',
      attempt: key.attempt,
      lastKey: null,
      upperKey: null,
    } as const;
    await writeTransfer(session, job, id, never);
  }
  return ids;
}

/** The table as it is now, which must have the columns of its backup. */
async function unchangedShape(session: Session, id: string, table: TableName): Promise<Shape> {
  const shape = await readShape(session, id, table);
  const kept = await readTable(session, shape.names.rows);
  const name = tableText(table);
  if (kept === null) throw new Refusal(`The backup of ${name} is gone: ${nameText(shape.names.rows)}.`);
  const columns = ({ name: column, type }: Column): string => `${column} ${type}`;
  const [was, is] = [kept.columns.map(columns), shape.written.map(columns)];
  const gone = was.filter((column) => !is.includes(column));
  const more = is.filter((column) => !was.includes(column));
  if (gone.length + more.length === 0) return shape;
  const parts = [
    ...(gone.length > 0 ? [`${gone.join(', ')} in the backup only`] : []),
    ...(more.length > 0 ? [`${more.join(', ')} in the table only`] : []),
  ];
  throw new Refusal(
    `${name} has other columns than its backup (${parts.join('; ')}). Change the columns back, and retry. The rows are in ${nameText(shape.names.rows)}.`,
  );
}

interface Looked {
  readonly losses: readonly TableLosses[];
  /** What the tables come to. */
  readonly state: string;
}

async function look(
  session: Session,
  shapes: readonly Shape[],
  { state }: Backup,
  { leftMs, say }: Limits,
): Promise<Looked> {
  const losses: TableLosses[] = [];
  const sums: string[] = [];
  for (const shape of shapes) {
    say(`compares ${tableText(shape.table)} with its backup`);
    losses.push(await compareTable(session, shape, state === 'marked', leftMs));
    sums.push(await sumOf(session, shape, shape.table, leftMs));
  }
  return { losses, state: sums.join(' ') };
}

/** Throws `Refusal` when the backup is damaged, or the tables are not as it says afterwards. */
async function putBack(
  session: Session,
  shapes: readonly Shape[],
  { state, sums }: Backup,
  { leftMs, say }: Limits,
): Promise<string> {
  for (const shape of shapes) {
    const sum = await sumOf(session, shape, shape.names.rows, leftMs);
    if (sum !== sums[shape.name]) {
      throw new Refusal(
        `The backup of ${tableText(shape.table)} in ${nameText(shape.names.rows)} has been changed since it was made. No row was restored.`,
      );
    }
  }
  const lines: string[] = [];
  const names = shapes.map(({ name }) => name);
  await quietly(session, names, async () => {
    const ordered = await parentsFirst(
      session,
      shapes.map((shape) => ({ target: shape.table, shape })),
    );
    // Of all tables first: a foreign key may delete rows of one along with those of another.
    const lost = new Map<Shape, number>();
    for (const { shape } of ordered) {
      lost.set(shape, await keepLost(session, shape, state === 'marked', leftMs));
    }
    for (const { shape } of ordered) {
      say(`restores ${tableText(shape.table)}`);
      const done = await putRowsBack(session, shape, leftMs);
      lines.push(`${done}${lostText(shape, lost.get(shape) ?? 0, state)}\n`);
    }
    await session.query('set constraints all immediate');
    for (const shape of shapes) {
      const sum = await sumOf(session, shape, shape.table, leftMs);
      if (sum === sums[shape.name]) continue;
      throw new Refusal(
        `${tableText(shape.table)} has ${rowsOf(sum)} rows after the restore, which are not equal to the ${rowsOf(sums[shape.name] ?? '')} of the backup: a trigger that always fires, or a foreign key, changed them. No row was restored.`,
      );
    }
  });
  return lines.join('');
}

function lostText({ names }: Shape, lost: number, state: Backup['state']): string {
  if (lost === 0) return '';
  const what = state === 'marked' ? 'later writes' : 'what was not as in the backup';
  return `; ${what}, in ${nameText(names.lost)}: ${lost}`;
}

/** Each statement looks anew: what a foreign key deletes along with a row is put back by a later one. */
async function putRowsBack(session: Session, shape: Shape, limitMs: number): Promise<string> {
  const { name, key, written, names } = shape;
  const rows = quotedTable(names.rows);
  const change = async (text: string): Promise<number> =>
    (await session.query(text, [], limitMs)).rowCount ?? 0;
  const deleted = await change(
    `delete from ${name} t where not exists (select from ${rows} b where ${sameKey(shape, 't.', 'b.')})`,
  );
  const others = written.filter((column) => !key.includes(column));
  const set = others.map((column) => `${quoted(column.name)} = b.${quoted(column.name)}`).join(', ');
  const updated =
    others.length === 0
      ? 0
      : await change(
          `update ${name} t set ${set} from ${rows} b where ${sameKey(shape, 't.', 'b.')} and ${textOf(written, 't.')} is distinct from ${textOf(written, 'b.')}`,
        );
  const inserted = await change(
    `insert into ${name} (${list(written)}) overriding system value select ${list(written)} from ${rows} b
where not exists (select from ${name} t where ${sameKey(shape, 't.', 'b.')})`,
  );
  return `${tableText(shape.table)}: restored, ${inserted} rows inserted, ${updated} set back, ${deleted} deleted`;
}

/** The tables now have what was kept. */
async function forget(session: Session, shapes: readonly Shape[]): Promise<void> {
  for (const { names } of shapes) {
    await session.query(`drop table if exists ${quotedTable(names.rows)}, ${quotedTable(names.end)}`);
  }
}
