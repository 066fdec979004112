/** Intervals of ISO 8601: "2026-11-28T02:00Z/2026-11-28T06:00Z", "2026-11-28T02:00+01:00/PT4H". */
import { parseIsoDate } from '../iso-date.js';
import type { SingleWindow } from '../plan.js';
import { parseIsoDuration } from './iso-duration.js';
import type { Reading } from './reading.js';

const INTERVAL = /^(\d{4}\S*T\S*)\/(\S+)$/i;
const WITH_ZONE = /(?:Z|[+-]\d\d(?::?\d\d)?)$/i;

/** Null for a text of another kind. A moment without a zone is not understood: it would be another one elsewhere. */
export function parseInterval(text: string): Reading<SingleWindow> | null {
  const [, first, second] = INTERVAL.exec(text.trim()) ?? [];
  if (first === undefined || second === undefined) return null;
  const start = momentOf(first);
  if (start === null) return partly(first);
  const duration = parseIsoDuration(second);
  const end = duration === null ? momentOf(second) : start + duration;
  if (end === null || end <= start) return partly(second);
  return {
    kind: 'understood',
    value: { start: new Date(start).toISOString(), end: new Date(end).toISOString() },
  };
}

/** Milliseconds since 1970. */
function momentOf(text: string): number | null {
  const date = WITH_ZONE.test(text) ? parseIsoDate(text) : null;
  return date === null || date.from !== date.until ? null : date.from;
}

function partly(words: string): Reading<never> {
  return { kind: 'partly', words, names: [] };
}
