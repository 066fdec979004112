/** Says in the worker's log what happens in a run, at level info. Silent in a replay, and no part of the history. */
import { log } from '@temporalio/workflow';
import type { RunEvent } from '../strategy/run/event.js';
import { describeEvent } from '../strategy/run/wording.js';

export function logEvent(event: RunEvent): void {
  const text = describeEvent(event);
  if (text !== null) log.info(text, { event: event.type, seq: event.seq });
}
