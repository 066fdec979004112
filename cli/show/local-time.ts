/** Times for people: on this machine's clock, with its zone. Programs read them in UTC. */

const INSTANT = /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g;

/** Such as `2026-03-01 14:05:09 CET`; by default in this machine's zone. */
export function localTime(iso: string, timeZone?: string): string {
  const options: Intl.DateTimeFormatOptions = {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'short',
    ...(timeZone === undefined ? {} : { timeZone }),
  };
  const parts = new Intl.DateTimeFormat('en-GB', options).formatToParts(new Date(iso));
  const of = (type: Intl.DateTimeFormatPartTypes): string =>
    parts.find((part) => part.type === type)?.value ?? '';
  const day = [of('year'), of('month'), of('day')].join('-');
  const time = [of('hour'), of('minute'), of('second')].join(':');
  return `${day} ${time} ${of('timeZoneName')}`;
}

/** The text with every instant in it as local time. */
export function withLocalTimes(text: string, timeZone?: string): string {
  return text.replace(INSTANT, (iso) => localTime(iso, timeZone));
}
