/** When roles are reminded and the next one is asked. No time that passes answers anything. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Escalations } from '../../../strategy/plan.js';
import { deadlineOf, duesOf, MOST_REMINDERS } from '../../../strategy/run/due.js';

const HOUR = 3_600_000;
const OPENED = Date.parse('2026-03-01T00:00:00.000Z');
const at = (hours: number) => new Date(OPENED + hours * HOUR).toISOString();
const needs = [{ role: 'Ops', votes: 1 }];
const hours = (remind: number | null, after: number | null, to: string | null) => ({
  remindMs: remind === null ? null : remind * HOUR,
  afterMs: after === null ? null : after * HOUR,
  to,
});

/** In hours after the opening, up to a limit: most reminders come later than anything else. */
function plan(escalations: Escalations, given: string | null = null, upTo = 10): readonly unknown[] {
  const shown = deadlineOf(needs, given, escalations, { opened: OPENED, compress: 1 });
  return duesOf(needs, escalations, { given, opened: OPENED, shown })
    .filter(({ atMs }) => atMs <= upTo * HOUR)
    .map((due) => [
      due.atMs / HOUR,
      due.what,
      due.what === 'overdue' ? due.deadline : due.what === 'remind' ? due.role : due.to,
    ]);
}

describe('while nobody answers', () => {
  it('nothing becomes due without a deadline and an escalation', () => {
    expect(plan({})).toEqual([]);
  });

  it('a role is reminded, then the next one is asked and reminded in its turn', () => {
    expect(plan({ Ops: hours(2, 5, 'Head'), Head: hours(3, 4, 'CTO') })).toEqual([
      [2, 'remind', 'Ops'],
      [4, 'remind', 'Ops'],
      [5, 'escalate', 'Head'],
      [6, 'remind', 'Ops'],
      [8, 'remind', 'Ops'],
      [8, 'remind', 'Head'],
      [9, 'escalate', 'CTO'],
      [10, 'remind', 'Ops'],
    ]);
  });

  it('a role that nobody comes after is told to be late', () => {
    expect(plan({ Ops: hours(null, 4, null) })).toEqual([[4, 'overdue', at(4)]]);
  });

  it('the deadline of a prerequisite reminds, and its owner has the time of the bindings from then on', () => {
    expect(plan({ Ops: hours(null, 4, 'Head') }, at(3))).toEqual([
      [3, 'overdue', at(3)],
      [7, 'escalate', 'Head'],
    ]);
  });

  it('a deadline that has long passed leaves the owner the whole time', () => {
    expect(plan({ Ops: hours(null, 4, 'Head') }, at(-500))).toEqual([
      [-500, 'overdue', at(-500)],
      [4, 'escalate', 'Head'],
    ]);
  });

  it('a deadline that nobody can read is passed over', () => {
    expect(plan({}, 'soon')).toEqual([]);
  });

  it('a trial shows the deadline that its divided time comes to', () => {
    const escalations = { Ops: hours(null, 4, 'Head') };
    expect(deadlineOf(needs, null, escalations, { opened: OPENED, compress: 4 })).toBe(at(1));
  });

  it('what is due is in order, and does not grow without end, whatever the bindings say', () => {
    const roles = ['Ops', 'Head', 'CTO'];
    const entry = fc.record({
      remindMs: fc.option(fc.integer({ min: 60_000, max: 100 * HOUR })),
      afterMs: fc.option(fc.integer({ min: 1, max: 100 * HOUR })),
      to: fc.option(fc.constantFrom(...roles)),
    });
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom(...roles), entry),
        fc.option(fc.constantFrom(at(-5), at(5))),
        (escalations, given) => {
          const shown = deadlineOf(needs, given, escalations, { opened: OPENED, compress: 1 });
          const dues = duesOf(needs, escalations, { given, opened: OPENED, shown });
          expect(dues.length).toBeLessThanOrEqual(roles.length * (MOST_REMINDERS + 1) + 1);
          expect(dues.map(({ atMs }) => atMs)).toEqual(
            dues.map(({ atMs }) => atMs).toSorted((a, b) => a - b),
          );
        },
      ),
    );
  });
});
