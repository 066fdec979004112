/**
 * When a migration may act: inside every window, outside every freeze. Pure; the moment is an argument.
 * Wall clocks are read with Intl, so daylight saving and history of a zone are those of its IANA data.
 */
import type { Freeze, Weekday, Window } from './plan.js';

/**
 * Whether the migration may act now. If so, until when that is certain (null: nothing closes it); if not, why, and the next
 * moment it may (null: not within 400 days). ISO 8601.
 */
export type WindowState =
  | { readonly open: true; readonly closesAt: string | null }
  | { readonly open: false; readonly why: string; readonly opensAt: string | null };

export interface NamedWindow {
  readonly text: string;
  readonly window: Window;
}

export interface NamedFreeze {
  readonly text: string;
  readonly freeze: Freeze;
}

const WEEKDAYS: readonly Weekday[] = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const HORIZON_DAYS = 400;

/** Days since 1970-01-01 and minutes since midnight, as a clock on the wall of a zone shows them. */
interface WallTime {
  readonly day: number;
  readonly minute: number;
}

/** @throws RangeError when a zone is unknown; compiling has refused such bindings. */
export function windowState(
  now: Date,
  windows: readonly NamedWindow[],
  freezes: readonly NamedFreeze[],
): WindowState {
  const why = obstacles(now, windows, freezes);
  if (why.length === 0) {
    const closing = nextClosing(now, windows, freezes);
    return { open: true, closesAt: closing === null ? null : closing.toISOString() };
  }
  const opening = nextOpening(now, windows, freezes);
  return { open: false, why: why.join('; '), opensAt: opening === null ? null : opening.toISOString() };
}

/**
 * The first moment from `now` on that lies in every window and in no freeze; null when no such moment comes within 400 days.
 * Such a moment is `now`, the beginning of some window, or the end of some freeze: only those are checked.
 */
export function nextOpening(
  now: Date,
  windows: readonly NamedWindow[],
  freezes: readonly NamedFreeze[],
): Date | null {
  if (obstacles(now, windows, freezes).length === 0) return now;
  const candidates: number[] = [];
  for (const { window } of windows) {
    const today = wallTime(now, window.zone).day;
    for (let day = today - 1; day <= today + HORIZON_DAYS; day += 1) {
      if (!window.days.includes(weekdayOf(day))) continue;
      candidates.push(instantOf({ day, minute: minuteOf(window.from) }, window.zone));
    }
  }
  for (const { freeze } of freezes) {
    candidates.push(instantOf({ day: dayOf(freeze.to) + 1, minute: 0 }, freeze.zone));
  }
  const limit = now.getTime() + HORIZON_DAYS * DAY;
  const later = candidates.filter((at) => at > now.getTime() && at <= limit).sort((a, b) => a - b);
  const first = later.find((at) => obstacles(new Date(at), windows, freezes).length === 0);
  return first === undefined ? null : new Date(first);
}

/** The first moment at which a window that is open now ends or a freeze begins, or null. */
export function nextClosing(
  now: Date,
  windows: readonly NamedWindow[],
  freezes: readonly NamedFreeze[],
): Date | null {
  const ends = windows.map(({ window }) => {
    const { day, minute } = wallTime(now, window.zone);
    const from = minuteOf(window.from);
    const to = minuteOf(window.to);
    return instantOf({ day: from < to || minute < to ? day : day + 1, minute: to }, window.zone);
  });
  const beginnings = freezes.map(({ freeze }) =>
    instantOf({ day: dayOf(freeze.from), minute: 0 }, freeze.zone),
  );
  const next = Math.min(...[...ends, ...beginnings].filter((at) => at > now.getTime()));
  return Number.isFinite(next) ? new Date(next) : null;
}

function obstacles(now: Date, windows: readonly NamedWindow[], freezes: readonly NamedFreeze[]): string[] {
  const closed = windows
    .filter(({ window }) => !inWindow(now, window))
    .map(({ text, window }) => `outside the window "${text}" (${describeWindow(window)})`);
  const frozen = freezes
    .filter(({ freeze }) => inFreeze(now, freeze))
    .map(({ text, freeze }) => `in the freeze "${text}" (${describeFreeze(freeze)})`);
  return [...closed, ...frozen];
}

export function describeWindow(window: Window): string {
  return `${window.days.join(' ')} ${window.from}-${window.to} ${window.zone}`;
}

export function describeFreeze(freeze: Freeze): string {
  return `${freeze.from} to ${freeze.to} ${freeze.zone}`;
}

/** A window belongs to the day on which it begins: "fri 22:00-04:00" lasts into Saturday morning. */
function inWindow(now: Date, window: Window): boolean {
  const { day, minute } = wallTime(now, window.zone);
  const from = minuteOf(window.from);
  const to = minuteOf(window.to);
  const today = window.days.includes(weekdayOf(day));
  if (from < to) return today && minute >= from && minute < to;
  const yesterday = window.days.includes(weekdayOf(day - 1));
  return (today && minute >= from) || (yesterday && minute < to);
}

function inFreeze(now: Date, freeze: Freeze): boolean {
  const { day } = wallTime(now, freeze.zone);
  return day >= dayOf(freeze.from) && day <= dayOf(freeze.to);
}

/**
 * The first moment at which the wall clock of a zone shows at least this time: when clocks go forward over it, the
 * moment of the change; when it comes twice, the first.
 */
function instantOf(wall: WallTime, zone: string): number {
  const asIfUtc = wall.day * DAY + wall.minute * MINUTE;
  const reached = (at: number): boolean => wallMs(at, zone) >= asIfUtc;
  // Zones are at most 14 hours from UTC, and an hour is enough for any change of clocks.
  let low = asIfUtc - 15 * 60 * MINUTE;
  let high = asIfUtc + 15 * 60 * MINUTE;
  while (high - low > MINUTE) {
    const middle = Math.floor((low + high) / 2 / MINUTE) * MINUTE;
    if (reached(middle)) high = middle;
    else low = middle;
  }
  // Clocks that go back make the wall time fall again: an hour earlier it may have been reached before.
  for (let earlier = high - 180 * MINUTE; earlier < high; earlier += 15 * MINUTE) {
    if (wallMs(earlier, zone) === asIfUtc) return earlier;
  }
  return high;
}

function wallMs(at: number, zone: string): number {
  const { day, minute } = wallTime(new Date(at), zone);
  return day * DAY + minute * MINUTE;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  });
  formats.set(zone, format);
  return format;
}

function wallTime(at: Date, zone: string): WallTime {
  const parts = new Map(
    formatOf(zone)
      .formatToParts(at)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
  return {
    day: Date.UTC(part('year'), part('month') - 1, part('day')) / DAY,
    minute: part('hour') * 60 + part('minute'),
  };
}

function weekdayOf(day: number): Weekday {
  // 1970-01-01 was a Thursday.
  return WEEKDAYS[(((day + 4) % 7) + 7) % 7] ?? 'thu';
}

/** Minutes since midnight of "HH:MM"; 1440 for "24:00". */
export function minuteOf(time: string): number {
  const [hours = '0', minutes = '0'] = time.split(':');
  return Number(hours) * 60 + Number(minutes);
}

function dayOf(date: string): number {
  return Math.floor(Date.parse(`${date.slice(0, 10)}T00:00:00Z`) / DAY);
}
