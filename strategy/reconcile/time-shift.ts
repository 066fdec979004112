/** How far times of the target are from those of the source. A distance that is the same in every row tells of a time zone. */
import { describeDuration } from '../render/duration.js';
import { countText } from './wording.js';

/** Milliseconds from the time of the source to that of the target: negative when the target has an earlier one. */
export interface TimeShift {
  readonly column: string;
  /** Rows that were measured: at most 1,000. */
  readonly rows: number;
  /** Null without such a row. */
  readonly least: number | null;
  readonly most: number | null;
}

export function shiftOf(column: string, apart: readonly number[]): TimeShift {
  const [first] = apart;
  if (first === undefined) return { column, rows: 0, least: null, most: null };
  return { column, rows: apart.length, least: Math.min(...apart), most: Math.max(...apart) };
}

const QUARTER_MS = 15 * 60_000;
/** The farthest that two time zones are apart. */
const ZONES_APART_MS = 26 * 3_600_000;

/** Such as "at: 2 hours later in each of 40 rows, as from another time zone". */
export function describeShift({ column, rows, least, most }: TimeShift): string {
  if (least === null || most === null) return column;
  if (rows === 1) return `${column}: ${distance(least)}`;
  if (least !== most) return `${column}: ${distance(least)} to ${distance(most)}`;
  const zone = least !== 0 && least % QUARTER_MS === 0 && Math.abs(least) <= ZONES_APART_MS;
  return `${column}: ${distance(least)} in each of ${countText(rows)} rows${zone ? ', as from another time zone' : ''}`;
}

function distance(ms: number): string {
  if (ms === 0) return 'less than 1 ms apart';
  return `${describeDuration(Math.abs(ms))} ${ms < 0 ? 'earlier' : 'later'}`;
}
