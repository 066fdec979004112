/** A loaded machine answers late. What was not sent is sent again; what may have been is repeated under the same id. */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { type ErrorCode, SluiceError } from '../../client/error.js';

const LATE: ReadonlySet<ErrorCode> = new Set(['no-worker', 'unknown-outcome', 'no-engine', 'engine-trouble']);
const PATIENCE_MS = 180_000;

/** `call` gets the update id under which a repeat is one and the same. */
export async function patiently<T>(call: (updateId: string) => Promise<T>): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS;
  const updateId = randomUUID();
  for (;;) {
    try {
      return await call(updateId);
    } catch (error) {
      if (!(error instanceof SluiceError && LATE.has(error.code)) || Date.now() > deadline) throw error;
      await pause(500);
    }
  }
}
