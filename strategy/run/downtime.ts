/**
 * How long the service was down, against what the strategy allows. Downtime is what the strategy declares: a step with an item
 * that needs it has the service down from before its first action until it is completed or skipped, or is undone. And it is what
 * a health check sees: from when it fires until it recovers, or, when it stops its step, until the end of that step.
 *
 *   up -> down (warned near the limit, or when it lasts longer than planned; past the limit once) -> up
 */
import { describeDuration } from '../render/duration.js';
import type { DowntimeView, OpenDowntime } from './downtime-view.js';
import type { EventBody, RunEvent } from './event.js';

/** Of the limit, from where on it is near. */
const NEAR = 0.8;

export function downtimeAfter(known: DowntimeView | undefined, event: RunEvent): DowntimeView | undefined {
  if (event.type === 'downtime-begun') {
    const { step, plannedMs, limitMs, at: since } = event;
    const open = { step, since, plannedMs, warned: false };
    // What a health check has seen so far is counted: from here on the step says how long.
    const before = known ?? UNUSED;
    return { ...before, spentMs: spentAt(before, Date.parse(since)), limitMs, open };
  }
  if (event.type === 'alert' && event.down !== undefined && (known?.open ?? null) === null) {
    const { step, text, at: since, stops, down } = event;
    const seen = stops === true ? {} : { seenBy: text };
    return { ...(known ?? UNUSED), ...down, open: { step, since, plannedMs: null, warned: false, ...seen } };
  }
  if (known === undefined || known.open === null) return known;
  switch (event.type) {
    case 'downtime-warned':
      return event.why === 'near-limit'
        ? { ...known, warned: true }
        : { ...known, open: { ...known.open, warned: true } };
    case 'downtime-exceeded':
      return { ...known, exceededAt: event.at };
    default:
      return endsDowntime(event, known.open)
        ? { ...known, spentMs: spentAt(known, Date.parse(event.at)), open: null }
        : known;
  }
}

const UNUSED: DowntimeView = { limitMs: null, spentMs: 0, open: null, exceededAt: null, warned: false };

function endsDowntime(event: RunEvent, { step, seenBy }: OpenDowntime): boolean {
  if (seenBy !== undefined) {
    return event.type === 'run-ended' || (event.type === 'alert-recovered' && event.text === seenBy);
  }
  switch (event.type) {
    case 'step-status':
      return event.step === step && (event.status === 'completed' || event.status === 'skipped');
    case 'step-undone':
      return event.step === step;
    default:
      return event.type === 'run-ended';
  }
}

/** Milliseconds of downtime up to a moment (milliseconds since 1970). */
export function spentAt({ spentMs, open }: DowntimeView, now: number): number {
  return spentMs + (open === null ? 0 : Math.max(0, now - Date.parse(open.since)));
}

export type Crossing = Extract<EventBody, { type: 'downtime-warned' | 'downtime-exceeded' }>;

/** What comes next if the service stays down, and when (milliseconds since 1970); null when nothing does. */
export function nextCrossing(
  downtime: DowntimeView | undefined,
): { readonly at: number; readonly event: Crossing } | null {
  if (downtime === undefined || downtime.open === null) return null;
  const { limitMs, spentMs, open, exceededAt, warned } = downtime;
  const { step, plannedMs } = open;
  const since = Date.parse(open.since);
  const found: { readonly at: number; readonly event: Crossing }[] = [];
  if (limitMs !== null && exceededAt === null) {
    const of = { step, limitMs };
    const near = Math.floor(limitMs * NEAR);
    if (!warned && limitMs > 0) {
      found.push({
        at: since + near - spentMs,
        event: { type: 'downtime-warned', why: 'near-limit', ...of },
      });
    }
    found.push({ at: since + limitMs - spentMs, event: { type: 'downtime-exceeded', ...of } });
  }
  if (plannedMs !== null && !open.warned) {
    found.push({
      at: since + plannedMs,
      event: { type: 'downtime-warned', why: 'longer-than-planned', step, limitMs: plannedMs },
    });
  }
  return found.sort((left, right) => left.at - right.at)[0] ?? null;
}

/** Such as "3 minutes of 5 minutes, in STEP-2 since 2026-...". `at`: ISO 8601. */
export function describeDowntime(downtime: DowntimeView | undefined, at: string): string {
  if (downtime === undefined) return 'none';
  const { limitMs, open, exceededAt } = downtime;
  const of =
    limitMs === null
      ? ''
      : limitMs === 0
        ? ', and none is allowed'
        : ` of ${describeDuration(limitMs)} allowed`;
  const where = open === null ? '' : `, in ${open.step} since ${open.since}`;
  const over = exceededAt === null ? '' : ' (past the limit)';
  return `${describeSpent(spentAt(downtime, Date.parse(at)))}${of}${over}${where}`;
}

/** Whole seconds: nobody reads milliseconds of downtime. */
function describeSpent(ms: number): string {
  const whole = Math.round(ms / 1000) * 1000;
  return whole === 0 ? '0 seconds' : describeDuration(whole);
}

/** One line of the record. */
export function describeDowntimeEvent(
  event: Extract<EventBody, { type: 'downtime-begun' | 'downtime-warned' | 'downtime-exceeded' }>,
): string {
  switch (event.type) {
    case 'downtime-begun': {
      const planned = event.plannedMs === null ? '' : `, for ${describeDuration(event.plannedMs)} as planned`;
      return `${event.step} takes the service down${planned}`;
    }
    case 'downtime-warned':
      return event.why === 'near-limit'
        ? `DOWNTIME in ${event.step} is near the limit of ${describeDuration(event.limitMs)}`
        : `DOWNTIME in ${event.step} lasts longer than the planned ${describeDuration(event.limitMs)}`;
    case 'downtime-exceeded':
      return event.limitMs === 0
        ? `DOWNTIME in ${event.step}, and the strategy allows none`
        : `DOWNTIME in ${event.step} is past the limit of ${describeDuration(event.limitMs)}`;
    default:
      return event satisfies never;
  }
}
