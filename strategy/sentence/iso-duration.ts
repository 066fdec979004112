/**
 * The durations of ISO 8601: "PT5M", "P1DT2H", "P2W", "PT1,5H", "P1Y2M", and the alternative format "P0000-00-03T04:00:00".
 * A year has 365 days here and a month 30: what is waited for has no calendar.
 */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const FACTORS = [365 * DAY, 30 * DAY, 7 * DAY, DAY, HOUR, MINUTE, SECOND] as const;

const NUMBER = '(\\d{1,9}(?:[.,]\\d{1,9})?)';
const DESIGNATED = new RegExp(
  `^P(?:${NUMBER}Y)?(?:${NUMBER}M)?(?:${NUMBER}W)?(?:${NUMBER}D)?(?:T(?:${NUMBER}H)?(?:${NUMBER}M)?(?:${NUMBER}S)?)?$`,
  'i',
);
const ALTERNATIVE = /^P(\d{4})-?(\d{2})-?(\d{2})T(\d{2}):?(\d{2}):?(\d{2}(?:[.,]\d{1,9})?)$/i;

/** Milliseconds; null when the text is no such duration. Only the last part may have a fraction. */
export function parseIsoDuration(text: string): number | null {
  const alternative = ALTERNATIVE.exec(text);
  if (alternative !== null) {
    const [years, months, days, ...time] = alternative.slice(1);
    return sum([years, months, undefined, days, ...time]);
  }
  const parts = DESIGNATED.exec(text)?.slice(1);
  if (parts === undefined || /[PT]$/i.test(text)) return null;
  const given = parts.filter((part) => part !== undefined);
  return given.slice(0, -1).some((part) => /[.,]/.test(part)) ? null : sum(parts);
}

function sum(parts: readonly (string | undefined)[]): number {
  return FACTORS.reduce(
    (total, factor, index) => total + Number((parts[index] ?? '0').replace(',', '.')) * factor,
    0,
  );
}
