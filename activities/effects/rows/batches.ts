/** Takes a transfer, or one part of it, to its last row, batch by batch. */
import { interruption, pause } from '../../attempt.js';
import type { Session } from '../../sql/session.js';
import { BadRows, nextBatch, quarantinedKeys, replay, setAside, type Work } from './batch.js';
import { untilCalm } from './calm.js';
import type { Pace } from './pace.js';
import { readTexts } from './table.js';
import type { Transfer } from './transfer.js';

/** Rows that are set aside before the rest is given up. */
const MOST_QUARANTINED = 1_000;

/** `done`: no row is left to read. `interrupted`: also when its time is up or another worker has failed. `refused`: too many rows. */
export type Reached = 'done' | 'interrupted' | 'refused';

export interface Batches {
  readonly work: Work;
  /** Of this worker. */
  readonly pace: Pace;
  /** Of all workers of the transfer. */
  readonly whole: Pace;
  /** True when no further batch may begin. */
  readonly mustEnd: () => boolean;
}

/** `session`: where the target and the transfer are. Throws what the server or the connection answers, `Overtaken` and `Unbalanced`. */
export async function runBatches(
  session: Session,
  { work, pace, whole, mustEnd }: Batches,
  { quarantined }: Transfer,
): Promise<Reached> {
  if (work.job.action.direction === 'apply' && quarantined > 0) await replayAll(session, work, pace);
  const { throttle } = work.job.action;
  for (;;) {
    if (throttle !== undefined && work.job.action.direction === 'apply')
      await untilCalm(session, throttle, pace, mustEnd);
    if (interruption() !== null || mustEnd()) return 'interrupted';
    const reached = await step(session, work, pace);
    if (reached === null) return 'done';
    if (whole.counts.quarantined >= MOST_QUARANTINED) return 'refused';
  }
}

/** One batch, halved when the server refuses a row of it or takes too long; null when no row is left. */
async function step(session: Session, work: Work, pace: Pace): Promise<Transfer | null> {
  const began = Date.now();
  const size = pace.size;
  try {
    const reached = await nextBatch(session, work, size);
    if (reached !== null) await pause(pace.batch(reached, size, began));
    return reached;
  } catch (error) {
    if (!(error instanceof BadRows)) throw error;
    if (error.rows > 1) {
      pace.halve(error.rows);
      return await step(session, work, pace);
    }
    const reached = await setAside(session, work, error);
    if (reached !== null) await pause(pace.batch(reached, 1, began));
    return reached;
  }
}

/** A deliberate retry: the rows that were set aside may have been corrected. */
async function replayAll(session: Session, work: Work, pace: Pace): Promise<void> {
  for (const json of await quarantinedKeys(session, work.id)) {
    const key = readTexts(json);
    if (key === null || interruption() !== null) continue;
    try {
      pace.note(await replay(session, work, key));
    } catch (error) {
      if (!(error instanceof BadRows)) throw error;
    }
  }
}
