/** When a run may act. */

/** A sentence about when the migration may run. `window` and `freeze` are evaluated, `person` is asked. */
export type Constraint =
  | { readonly kind: 'window'; readonly text: string; readonly window: Window }
  | { readonly kind: 'freeze'; readonly text: string; readonly freeze: Freeze }
  | { readonly kind: 'person'; readonly text: string };

/** Moments that come again: at this time of the wall clock of the zone, on these days. */
export interface Timetable {
  readonly days: readonly Weekday[];
  /** "HH:MM". */
  readonly at: string;
  readonly zone: string;
}

export type Weekday = 'mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun';

/** When the migration may act: on days of the week, by a recurrence, or once. */
export type Window = WeeklyWindow | RecurringWindow | SingleWindow;

export interface WeeklyWindow {
  readonly days: readonly Weekday[];
  /** "HH:MM" on the wall clock of `zone`; `to` is exclusive and may be "24:00". */
  readonly from: string;
  readonly to: string;
  /** An IANA time zone, or a distance from UTC such as "+02:00". */
  readonly zone: string;
}

export interface RecurringWindow {
  /** The lines DTSTART and RRULE of iCalendar (RFC 5545). */
  readonly rule: string;
  readonly durationMs: number;
}

export interface SingleWindow {
  /** Instants in UTC, as `Date` writes them; `end` is exclusive. */
  readonly start: string;
  readonly end: string;
}

/** Whole days, both included, "YYYY-MM-DD" in `zone`. */
export interface Freeze {
  readonly from: string;
  readonly to: string;
  readonly zone: string;
}
