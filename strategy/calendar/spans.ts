/** When a window is open and a freeze lasts, as instants. Wall clocks and recurrences are read by libraries. */
import { RRuleTemporal } from 'rrule-temporal';
import { Temporal } from 'temporal-polyfill';
import type { Freeze, RecurringWindow, WeeklyWindow, Window } from '../plan.js';

/** In milliseconds since 1970; `until` is exclusive. */
export interface Span {
  readonly from: number;
  readonly until: number;
}

const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

/**
 * The spans of a window that touch `range`, in order.
 * @throws RangeError when a zone is unknown, Error when a rule cannot be read; compiling has refused both
 */
export function spansOf(window: Window, range: Span): readonly Span[] {
  const spans = everySpan(window, range);
  return spans.filter(({ from, until }) => from < range.until && until > range.from);
}

function everySpan(window: Window, range: Span): readonly Span[] {
  if ('days' in window) return weekly(window, range);
  if ('rule' in window) return recurring(window, range);
  return [{ from: Date.parse(window.start), until: Date.parse(window.end) }];
}

/** Both days of a freeze are included. */
export function spanOfFreeze({ from, to, zone }: Freeze): Span {
  const startOf = (day: Temporal.PlainDate): number => day.toZonedDateTime(zone).epochMilliseconds;
  return {
    from: startOf(Temporal.PlainDate.from(from)),
    until: startOf(Temporal.PlainDate.from(to).add({ days: 1 })),
  };
}

/** A window belongs to the day on which it begins: "fri 22:00-04:00" lasts into Saturday morning. */
function weekly({ days, from, to, zone }: WeeklyWindow, range: Span): readonly Span[] {
  const spans: Span[] = [];
  const last = dayAt(range.until, zone);
  const overnight = to <= from;
  let day = dayAt(range.from, zone).subtract({ days: 1 });
  for (; Temporal.PlainDate.compare(day, last) <= 0; day = day.add({ days: 1 })) {
    if (!days.some((name) => name === WEEKDAYS[day.dayOfWeek - 1])) continue;
    const end = overnight ? day.add({ days: 1 }) : day;
    spans.push({ from: instantOf(day, from, zone), until: instantOf(end, to, zone) });
  }
  return spans;
}

function recurring({ rule, durationMs }: RecurringWindow, range: Span): readonly Span[] {
  const occurrences = new RRuleTemporal({ rruleString: rule, temporal: Temporal }).between(
    new Date(range.from - durationMs),
    new Date(range.until),
    true,
  );
  return occurrences.map(({ epochMilliseconds: from }) => ({ from, until: from + durationMs }));
}

function dayAt(instant: number, zone: string): Temporal.PlainDate {
  return Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(zone).toPlainDate();
}

/**
 * The first moment at which the wall clock of a zone shows at least this time of the day, "HH:MM" up to "24:00": when
 * clocks go forward over it, the moment of the change; when it comes twice, the first.
 */
function instantOf(day: Temporal.PlainDate, time: string, zone: string): number {
  const wall =
    time === '24:00'
      ? day.add({ days: 1 }).toPlainDateTime()
      : day.toPlainDateTime(Temporal.PlainTime.from(time));
  const at = wall.toZonedDateTime(zone);
  if (at.toPlainDateTime().equals(wall)) return at.epochMilliseconds;
  return (at.getTimeZoneTransition('previous') ?? at).epochMilliseconds;
}
