import type { RunEvent } from '../../strategy/run/event.js';
import { describeEvent } from '../../strategy/run/wording.js';
import { localTime, withLocalTimes } from './local-time.js';
import { oneLine } from './text.js';

/** `YYYY-MM-DD HH:MM:SS ZONE text` on one line; null for an event that says nothing to people. */
export function eventLine(event: RunEvent): string | null {
  const text = describeEvent(event);
  return text === null ? null : `${localTime(event.at)} ${withLocalTimes(oneLine(text))}`;
}
