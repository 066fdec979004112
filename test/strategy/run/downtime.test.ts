/** Downtime, as its events tell it: nothing here needs a clock or an engine. */
import { expect, test } from 'vitest';
import { describeDowntime, downtimeAfter, nextCrossing, spentAt } from '../../../strategy/run/downtime.js';
import type { DowntimeView } from '../../../strategy/run/downtime-view.js';
import type { EventBody } from '../../../strategy/run/event.js';

const MINUTE = 60_000;
const at = (minute: number): string => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();

function after(...events: readonly (readonly [minute: number, EventBody])[]): DowntimeView | undefined {
  return events.reduce<DowntimeView | undefined>(
    (known, [minute, event], seq) => downtimeAfter(known, { seq, at: at(minute), ...event }),
    undefined,
  );
}

const begun = (
  step: string,
  plannedMs: number | null = null,
  limitMs: number | null = 10 * MINUTE,
): EventBody => ({
  type: 'downtime-begun',
  step,
  plannedMs,
  limitMs,
});
const status = (step: string, is: 'completed' | 'failed' | 'skipped'): EventBody => ({
  type: 'step-status',
  phase: 'P',
  step,
  status: is,
  reason: '',
});

test('the service is down until its step is completed, skipped or undone, also while a failed step waits', () => {
  const failed = after([0, begun('A')], [2, status('B', 'completed')], [3, status('A', 'failed')]);
  expect(spentAt(failed ?? never(), Date.parse(at(7)))).toBe(7 * MINUTE);
  for (const end of [
    status('A', 'completed'),
    status('A', 'skipped'),
    { type: 'step-undone', phase: 'P', step: 'A', reason: '' },
    { type: 'run-ended', status: 'aborted', landing: null, reason: '' },
  ] as const satisfies readonly EventBody[]) {
    const over = after([0, begun('A')], [3, status('A', 'failed')], [4, end]);
    expect(over).toMatchObject({ spentMs: 4 * MINUTE, open: null });
    expect(spentAt(over ?? never(), Date.parse(at(99)))).toBe(4 * MINUTE);
  }
});

test('the limit counts over all steps: first it is near, then it is passed, and each is said once', () => {
  const events: (readonly [number, EventBody])[] = [
    [0, begun('A')],
    [5, status('A', 'completed')],
    [20, begun('B')],
  ];
  const said: [number, string][] = [];
  for (let more = nextCrossing(after(...events)); more !== null; more = nextCrossing(after(...events))) {
    const minute = (more.at - Date.parse(at(0))) / MINUTE;
    said.push([minute, more.event.type]);
    events.push([minute, more.event]);
  }
  expect(said).toEqual([
    [23, 'downtime-warned'],
    [25, 'downtime-exceeded'],
  ]);
  // Whoever lets it continue has accepted it.
  const again = after(...events, [30, status('B', 'skipped')], [40, begun('C')]);
  expect(nextCrossing(again)).toBeNull();
  expect(describeDowntime(again, at(41))).toBe(
    `16 minutes of 10 minutes allowed (past the limit), in C since ${at(40)}`,
  );
});

test('a step that is down for longer than planned is told of, without a limit too', () => {
  const planned = after([0, begun('A', 2 * MINUTE, null)]);
  const crossing = nextCrossing(planned);
  expect(crossing).toMatchObject({
    at: Date.parse(at(2)),
    event: { type: 'downtime-warned', why: 'longer-than-planned', step: 'A', limitMs: 2 * MINUTE },
  });
  expect(nextCrossing(after([0, begun('A', 2 * MINUTE, null)], [2, crossing?.event ?? never()]))).toBeNull();
});

test('where none is allowed, the limit is passed at once', () => {
  expect(nextCrossing(after([3, begun('A', null, 0)]))).toMatchObject({
    at: Date.parse(at(3)),
    event: { type: 'downtime-exceeded' },
  });
});

function never(): never {
  throw new Error('nothing was down');
}
