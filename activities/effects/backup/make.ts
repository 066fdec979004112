/** The beginning and the end of an item: its tables copied and proven restorable, and later how it left them. */
import { tableText } from '../../../strategy/kinds/effects/rows.js';
import type { BackupAction } from '../../../strategy/plan.js';
import type { EffectJob } from '../../contract.js';
import type { Session } from '../../sql/session.js';
import type { Ending } from '../rows/ending.js';
import { quotedTable } from '../rows/table.js';
import { checkBackup } from './preflight.js';
import { hashOf, list, readShape, rowsOf, type Shape, sumOf } from './shape.js';
import { backupId, beginBackup, holdBackup, namesOf, setState } from './state.js';

export interface Limits {
  /** Milliseconds that a statement may take. */
  readonly leftMs: number;
  /** Told of what is under way. */
  readonly say: (sentence: string) => void;
}

type Job = EffectJob<BackupAction>;

/** All tables at the one snapshot of the transaction, which must be REPEATABLE READ. Commit when it is done, else roll back. */
export async function makeBackup(session: Session, job: Job, limits: Limits): Promise<Ending> {
  const { tables } = job.action;
  const id = backupId(job);
  const found = await holdBackup(session, id);
  if (found?.state === 'restored') return { outcome: 'failed', cause: 'It has been taken back meanwhile.' };
  if (found !== null) return { outcome: 'done', output: 'already done: the backup is there\n' };
  const problems = await checkBackup(session, job.action);
  if (problems.length > 0) return { outcome: 'failed', cause: refusal(problems) };
  const sums: Record<string, string> = {};
  const lines: string[] = [];
  for (const table of tables) {
    limits.say(`backs up ${tableText(table)}`);
    const shape = await readShape(session, id, table);
    await copyRows(session, shape, limits.leftMs);
    limits.say(`restores the backup of ${tableText(table)} on trial`);
    const sum = await sumOf(session, shape, table, limits.leftMs);
    const proven = await restoreOnTrial(session, shape, limits.leftMs);
    if (proven !== sum) return { outcome: 'failed', cause: notProven(shape, sum, proven) };
    sums[shape.name] = sum;
    const rows = rowsOf(sum).toLocaleString('en-US');
    lines.push(
      `${tableText(table)}: ${rows} rows in ${quotedTable(shape.names.rows)}, restored on trial: equal\n`,
    );
  }
  if (!(await beginBackup(session, job, { id, state: 'made', sums }))) {
    return { outcome: 'failed', cause: 'It has been taken back meanwhile.' };
  }
  return { outcome: 'done', output: lines.join('') };
}

async function copyRows(session: Session, { name, key, written, names }: Shape, limitMs: number) {
  const rows = quotedTable(names.rows);
  await session.query(`create table ${rows} as select ${list(written)} from ${name}`, [], limitMs);
  await session.query(`alter table ${rows} add primary key (${list(key)})`, [], limitMs);
}

/** Into a table with the same constraints, defaults and indexes. Returns the sum of what is there then. */
async function restoreOnTrial(session: Session, shape: Shape, limitMs: number): Promise<string> {
  const { name, written, names } = shape;
  const proof = quotedTable(names.proof);
  await session.query(`create table ${proof} (like ${name} including all)`);
  await session.query(
    `insert into ${proof} (${list(written)}) overriding system value select ${list(written)} from ${quotedTable(names.rows)}`,
    [],
    limitMs,
  );
  const sum = await sumOf(session, shape, names.proof, limitMs);
  await session.query(`drop table ${proof}`);
  return sum;
}

function notProven({ table }: Shape, sum: string, proven: string): string {
  return `The backup of ${tableText(table)} cannot be restored: ${rowsOf(sum)} rows were backed up, and ${rowsOf(proven)} restored on trial, which are not equal. Nothing was changed.`;
}

/** Notes the keys and hashes of all rows, once; a repeat must not take later writes for those of the item. */
export async function markEnd(session: Session, job: Job, { leftMs, say }: Limits): Promise<Ending> {
  const id = backupId(job);
  const found = await holdBackup(session, id);
  if (found === null)
    return { outcome: 'failed', cause: 'The backup is gone: sluice.backup has no row of it.' };
  if (found.state === 'restored') return { outcome: 'failed', cause: 'It has been taken back meanwhile.' };
  if (found.state === 'marked') return { outcome: 'done', output: 'already done: the rows are noted\n' };
  for (const table of job.action.tables) {
    say(`notes how the item left ${tableText(table)}`);
    const { name, key, written } = await readShape(session, id, table);
    const end = quotedTable(namesOf(id, table).end);
    await session.query(
      `create table ${end} as select ${list(key)}, ${hashOf(written, 't.')} as sluice_hash from ${name} t`,
      [],
      leftMs,
    );
    await session.query(`alter table ${end} add primary key (${list(key)})`, [], leftMs);
  }
  await setState(session, id, 'marked');
  return {
    outcome: 'done',
    output: 'noted how the item left the rows: later writes can be told from its own\n',
  };
}

function refusal(problems: readonly string[]): string {
  if (problems.length === 1) return `${problems[0] ?? ''} Nothing was changed.`;
  return `${problems.length} problems, and nothing was changed:\n${problems.map((problem) => `- ${problem}`).join('\n')}`;
}
