/** When something is due that comes again at a time of the day. */
import type { Timetable } from '../plan.js';
import { spansOf } from './spans.js';

/** How often it was due after the first moment, up to the second (milliseconds since 1970). */
export function timesDue({ days, at, zone }: Timetable, after: number, upTo: number): number {
  const spans = spansOf({ days, from: at, to: minuteAfter(at), zone }, { from: after, until: upTo + 1 });
  return spans.filter(({ from }) => from > after).length;
}

function minuteAfter(at: string): string {
  const minutes = Number(at.slice(0, 2)) * 60 + Number(at.slice(3)) + 1;
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
