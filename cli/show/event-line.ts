import type { RunEvent } from '../../strategy/run/event.js';
import { describeEvent } from '../../strategy/run/wording.js';
import { timeOfDay } from './duration.js';
import { oneLine } from './text.js';

/** `HH:MM:SS text` on one line; null for an event that tells a person nothing. */
export function eventLine(event: RunEvent): string | null {
  const text = describeEvent(event);
  return text === null ? null : `${timeOfDay(event.at)} ${oneLine(text)}`;
}
