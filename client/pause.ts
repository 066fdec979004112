/** Waiting that can be called off. */
import { setTimeout as sleep } from 'node:timers/promises';

/** Waits this many milliseconds, or until the signal fires. Never rejects. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    if (!signal?.aborted) throw error;
  }
}
