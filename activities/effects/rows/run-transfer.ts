/** A transfer: from where it is to its end, batch by batch. */
import { tableText } from '../../../strategy/kinds/effects/rows.js';
import type { RowsAction } from '../../../strategy/plan.js';
import { interruption, pause } from '../../attempt.js';
import type { EffectJob } from '../../contract.js';
import type { Session } from '../../sql/session.js';
import {
  advanceSequences,
  BadRows,
  hold,
  inBatch,
  nextBatch,
  quarantinedKeys,
  replay,
  setAside,
  type Work,
} from './batch.js';
import { type Beginning, begin } from './begin.js';
import type { Ending } from './ending.js';
import type { Pace } from './pace.js';
import { isCopy } from './pass.js';
import { between, countIn, lastKeyOf } from './range.js';
import { readTexts } from './table.js';
import { ensureTransfers, savedTable, type Transfer, transferId, writeTransfer } from './transfer.js';

/** Rows that are set aside before the rest is given up. */
const MOST_QUARANTINED = 1_000;

interface Setting {
  readonly job: EffectJob<RowsAction>;
  readonly lockTimeoutMs: number;
  readonly pace: Pace;
  /** Milliseconds since 1970. */
  readonly deadline: number;
}

/** `session`: where the target and the transfer are. `source`: the same, or where the rows come from. Null when it was interrupted or its time is up. Throws what the server or the connection answers. */
export async function runTransfer(
  session: Session,
  source: Session,
  setting: Setting,
): Promise<Ending | null> {
  const { job, lockTimeoutMs, pace } = setting;
  await ensureTransfers(session);
  const id = transferId(job);
  const beginning = await begin(session, source, job, { id, lockTimeoutMs });
  if (beginning.kind === 'refused') return { outcome: 'failed', cause: refusal(beginning.problems) };
  if (beginning.kind === 'already') {
    if (beginning.transfer === null) return { outcome: 'done', output: 'No row had been changed.\n' };
    pace.begin(beginning.transfer, null);
    return { outcome: 'done', output: `already done: ${pace.summary()}\n` };
  }
  const { transfer, estimate, pass } = beginning;
  pace.begin(transfer, estimate);
  // The way back reads what has been written, and needs no source.
  const from = job.action.direction === 'apply' ? source : session;
  const work: Work = { from, job, id, pass, lockTimeoutMs };
  if (job.action.direction === 'apply' && transfer.quarantined > 0) await replayAll(session, work, setting);
  for (;;) {
    if (interruption() !== null || Date.now() >= setting.deadline) return null;
    const reached = await step(session, work, pace);
    if (reached === null) return finish(session, work, beginning, pace);
    if (reached.quarantined >= MOST_QUARANTINED)
      return { outcome: 'failed', cause: inQuarantine(reached, pace) };
  }
}

/** One batch, halved when the server refuses a row of it or takes too long; null when no row is left. */
async function step(session: Session, work: Work, pace: Pace): Promise<Transfer | null> {
  const began = Date.now();
  const size = pace.size;
  try {
    const reached = await nextBatch(session, work, size);
    if (reached !== null) await pause(pace.batch(reached, size, Date.now() - began));
    return reached;
  } catch (error) {
    if (!(error instanceof BadRows)) throw error;
    if (error.rows > 1) {
      pace.halve(error.rows);
      return await step(session, work, pace);
    }
    const reached = await setAside(session, work, error);
    if (reached !== null) pace.batch(reached, 1, Date.now() - began);
    return reached;
  }
}

/** A deliberate retry: the rows that were set aside may have been corrected. */
async function replayAll(session: Session, work: Work, { pace }: Setting): Promise<void> {
  for (const json of await quarantinedKeys(session, work.id)) {
    const key = readTexts(json);
    if (key === null || interruption() !== null) continue;
    try {
      pace.begin(await replay(session, work, key), null);
    } catch (error) {
      if (!(error instanceof BadRows)) throw error;
    }
  }
}

async function finish(
  session: Session,
  work: Work,
  { target }: Extract<Beginning, { kind: 'go' }>,
  pace: Pace,
): Promise<Ending> {
  const { job, id, from, pass } = work;
  return inBatch(session, work, async (): Promise<Ending> => {
    const transfer = await hold(session, work);
    const undo = job.action.direction === 'undo';
    const open = undo ? leftBehind(transfer, work) : await openEnd(transfer, work, pace);
    if (open !== null) return { outcome: 'failed', cause: open };
    if (undo) await session.query(`drop table if exists ${savedTable(id)}`);
    else if (target !== null && isCopy(job.action)) await advanceSequences(session, target);
    // Texts may be in another order there: the undo goes through the target.
    const upperKey =
      from === session || target === null
        ? transfer.upperKey
        : await lastKeyOf(session, { over: target.name, key: pass.key });
    await writeTransfer(session, job, id, { ...transfer, upperKey, state: undo ? 'undone' : 'applied' });
    return { outcome: 'done', output: `${tableText(job.action.source)}: ${pace.summary()}\n` };
  });
}

/** Why the change is not done, although no row is left to read. */
async function openEnd(transfer: Transfer, { job, pass, from }: Work, pace: Pace): Promise<string | null> {
  if (transfer.quarantined > 0) return inQuarantine(transfer, pace);
  if (job.action.change.do !== 'copy' || transfer.upperKey === null) return null;
  const now = await countIn(from, pass.over, between(pass.key, null, transfer.upperKey), null);
  if (now === transfer.read) return null;
  return `${tableText(job.action.source)} has ${now} rows up to the last key, and ${transfer.read} were read: somebody wrote to it during the copy. Stop its writers, roll the step back, and run it again.`;
}

function leftBehind(transfer: Transfer, { job, id }: Work): string | null {
  if (transfer.filtered === 0 || isCopy(job.action)) return null;
  return `${transfer.filtered} rows of ${tableText(job.action.source)} were changed or deleted after the step, or the database refuses them, and are left as they are. Their previous contents are in ${savedTable(id)}. Restore what you need by hand and answer "done", or retry.`;
}

function inQuarantine({ quarantined }: Transfer, pace: Pace): string {
  return `The database refuses ${quarantined} rows (${pace.summary()}). They are in sluice.quarantine with the reason. Correct them in the source and retry, which tries only them and what is left; or roll back.`;
}

function refusal(problems: readonly string[]): string {
  if (problems.length === 1) return `${problems[0] ?? ''} No row was changed.`;
  return `${problems.length} problems, and no row was changed:\n${problems.map((problem) => `- ${problem}`).join('\n')}`;
}
