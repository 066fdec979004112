/** Dates and times of ISO 8601, as people write them into a strategy. */

/** The stretch of time that a text names, in milliseconds since 1970: a day, a month, or a moment (`from` = `until`). */
export interface IsoDate {
  readonly from: number;
  /** Exclusive. */
  readonly until: number;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/**
 * Reads a date of ISO 8601, alone or with a time: calendar (2025-10-04, 20251004, 2025-10, 2025), week (2025-W40-6,
 * 2025W406, 2025-W40) and ordinal dates (2025-277); times with or without separators, with a fraction of their last
 * part, with 24:00 as the end of a day and 23:59:60 UTC as a leap second (read as the next second). Without a zone it
 * is UTC. Null for anything else, days that do not exist included.
 */
export function parseIsoDate(text: string): IsoDate | null {
  const [date = '', time, ...rest] = text.trim().split(/[Tt ]/);
  if (rest.length > 0) return null;
  const days = parseDate(date);
  if (days === null || time === undefined) return days;
  if (days.until - days.from !== DAY) return null;
  const offset = parseTime(time);
  if (offset === null) return null;
  const moment = days.from + offset.wall - offset.zone;
  // A leap second is inserted at the end of a day in UTC, nowhere else.
  if (offset.leap && moment % DAY !== 0) return null;
  return { from: moment, until: moment };
}

function parseDate(text: string): IsoDate | null {
  const calendar = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text) ?? /^(\d{4})(\d\d)(\d\d)$/.exec(text);
  if (calendar !== null) return dayOf(numbersOf(calendar));
  const month = /^(\d{4})-(\d\d)$/.exec(text);
  if (month !== null) return monthOf(numbersOf(month));
  const week = /^(\d{4})-W(\d\d)(?:-(\d))?$/i.exec(text) ?? /^(\d{4})W(\d\d)(\d)?$/i.exec(text);
  if (week !== null) return weekOf(numbersOf(week));
  const ordinal = /^(\d{4})-?(\d{3})$/.exec(text);
  if (ordinal !== null) return ordinalOf(numbersOf(ordinal));
  const year = /^\d{4}$/.exec(text);
  return year === null
    ? null
    : { from: midnight(Number(text), 1, 1), until: midnight(Number(text) + 1, 1, 1) };
}

function dayOf([year = 0, month = 0, day = 0]: readonly number[]): IsoDate | null {
  if (month < 1 || month > 12 || day < 1) return null;
  const from = midnight(year, month, day);
  return from < midnight(year, month + 1, 1) ? { from, until: from + DAY } : null;
}

function monthOf([year = 0, month = 0]: readonly number[]): IsoDate | null {
  if (month < 1 || month > 12) return null;
  return { from: midnight(year, month, 1), until: midnight(year, month + 1, 1) };
}

function ordinalOf([year = 0, day = 0]: readonly number[]): IsoDate | null {
  const from = midnight(year, 1, 1) + (day - 1) * DAY;
  return day >= 1 && from < midnight(year + 1, 1, 1) ? { from, until: from + DAY } : null;
}

/** Week 1 is the one with January 4; weeks begin on Monday. */
function weekOf([year = 0, week = 0, day]: readonly number[]): IsoDate | null {
  const first = mondayOf(year);
  const monday = first + (week - 1) * 7 * DAY;
  if (week < 1 || monday >= mondayOf(year + 1)) return null;
  if (day === undefined) return { from: monday, until: monday + 7 * DAY };
  if (day < 1 || day > 7) return null;
  const from = monday + (day - 1) * DAY;
  return { from, until: from + DAY };
}

function mondayOf(year: number): number {
  const fourth = midnight(year, 1, 4);
  return fourth - ((new Date(fourth).getUTCDay() + 6) % 7) * DAY;
}

interface TimeOfDay {
  /** Milliseconds since midnight on the wall, and of the zone's distance from UTC. */
  readonly wall: number;
  readonly zone: number;
  readonly leap: boolean;
}

const TIME =
  /^(?:(\d\d)(?::(\d\d)(?::(\d\d))?)?|(\d\d)(\d\d)(\d\d)?)([.,]\d{1,9})?(Z|[+-]\d\d(?::?\d\d)?)?$/i;

function parseTime(text: string): TimeOfDay | null {
  const match = TIME.exec(text);
  if (match === null) return null;
  const [, a, b, c, d, e, f, decimals, zoneText] = match;
  const [hour, minute, second] = [a ?? d, b ?? e, c ?? f];
  const fraction = Number((decimals ?? '0').replace(',', '.'));
  const unit = second !== undefined ? 1000 : minute !== undefined ? MINUTE : HOUR;
  const wall =
    Number(hour) * HOUR +
    Number(minute ?? 0) * MINUTE +
    Number(second ?? 0) * 1000 +
    Math.floor(fraction * unit);
  const leap = second === '60';
  const fits =
    Number(minute ?? 0) <= 59 && Number(second ?? 0) <= (leap ? 60 : 59) && (!leap || fraction === 0);
  const zone = parseZone(zoneText);
  // 24:00 is the end of the day, and no minute of it.
  return fits && zone !== null && (Number(hour) <= 23 || wall === DAY) ? { wall, zone, leap } : null;
}

/** Milliseconds east of UTC. */
function parseZone(text: string | undefined): number | null {
  if (text === undefined || /^z$/i.test(text)) return 0;
  const [hours, minutes] = [Number(text.slice(1, 3)), Number(text.slice(3).replace(':', '') || '0')];
  if (hours > 23 || minutes > 59) return null;
  return (text.startsWith('-') ? -1 : 1) * (hours * HOUR + minutes * MINUTE);
}

/** `month` is 1 to 13, so that the month after December can be named. Years before 100 are meant as written. */
function midnight(year: number, month: number, day: number): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.getTime();
}

function numbersOf(match: RegExpExecArray): readonly number[] {
  return match.slice(1).flatMap((part) => (part === undefined ? [] : [Number(part)]));
}
