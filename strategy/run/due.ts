/**
 * What happens while a decision waits: when each role is reminded, when it is overdue, and when the next role is asked as
 * well. Nothing here ever answers a decision. Pure: the timers are in workflows/decisions.ts.
 *
 * A role has `after` from the moment it is asked, or from the deadline that the strategy gives, if that is later. Then the
 * next role is asked besides, with a time of its own.
 */
import type { Escalation, Escalations } from '../plan.js';
import type { Need } from './needs.js';

/** Something due, in milliseconds after the decision was opened. */
export type Due = { readonly atMs: number } & (
  | { readonly what: 'overdue'; readonly deadline: string }
  | { readonly what: 'remind'; readonly need: string; readonly role: string; readonly times: number }
  /** `need`: the role of the need, which the votes count for. */
  | { readonly what: 'escalate'; readonly need: string; readonly to: string }
);

/** So often one role is reminded of one decision: a question may wait for months, and the record must not grow with it. */
export const MOST_REMINDERS = 50;

/**
 * The instant by which it should be answered: the strategy's, else the earliest that a role asked has; null without either.
 * @param opened milliseconds since 1970
 * @param compress divides the times that the bindings give
 */
export function deadlineOf(
  needs: readonly Need[],
  given: string | null,
  escalations: Escalations,
  { opened, compress }: { readonly opened: number; readonly compress: number },
): string | null {
  if (given !== null) return given;
  const times = needs.flatMap(({ role }) => escalationOf(escalations, role)?.afterMs ?? []);
  return times.length === 0 ? null : new Date(opened + Math.min(...times) / compress).toISOString();
}

/** Everything that becomes due while nobody answers, in order of time. `given` is the deadline of the strategy. */
export function duesOf(
  needs: readonly Need[],
  escalations: Escalations,
  deadlines: { readonly given: string | null; readonly opened: number; readonly shown: string | null },
): readonly Due[] {
  const { given, opened, shown } = deadlines;
  const givenMs = given === null ? Number.NaN : Date.parse(given) - opened;
  const dues = needs.flatMap(({ role }) =>
    duesOfRole(role, escalations, Number.isNaN(givenMs) ? 0 : givenMs),
  );
  // A deadline that nobody can read reminds nobody: the engine would refuse its timer for ever.
  if (given !== null && !Number.isNaN(givenMs))
    dues.push({ what: 'overdue', atMs: givenMs, deadline: given });
  else if (shown !== null) {
    const first = Math.min(...needs.flatMap(({ role }) => escalationOf(escalations, role)?.afterMs ?? []));
    const escalates = dues.some(({ what, atMs }) => what === 'escalate' && atMs === first);
    // To ask the next role says as much.
    if (Number.isFinite(first) && !escalates) dues.push({ what: 'overdue', atMs: first, deadline: shown });
  }
  return dues.sort((one, other) => one.atMs - other.atMs);
}

/** Follows the chain of roles from one need on. `deadlineMs`: after the decision was opened; 0 without one. */
function duesOfRole(need: string, escalations: Escalations, deadlineMs: number): Due[] {
  const dues: Due[] = [];
  const seen = new Set<string>();
  let role: string | null = need;
  let asked = 0;
  let base = Math.max(0, deadlineMs);
  while (role !== null && !seen.has(role)) {
    seen.add(role);
    const escalation = escalationOf(escalations, role);
    if (escalation === undefined) break;
    const { remindMs, afterMs, to } = escalation;
    for (let times = 1; remindMs !== null && times <= MOST_REMINDERS; times += 1) {
      dues.push({ what: 'remind', atMs: asked + times * remindMs, need, role, times });
    }
    if (afterMs === null || to === null) break;
    asked = base + afterMs;
    base = asked;
    dues.push({ what: 'escalate', atMs: asked, need, to });
    role = to;
  }
  return dues;
}

function escalationOf(escalations: Escalations, role: string): Escalation | undefined {
  return Object.hasOwn(escalations, role) ? escalations[role] : undefined;
}
