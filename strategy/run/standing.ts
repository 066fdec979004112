/** How an open decision stands while it waits: who is on it, and how long there is left. The same words on a terminal and in notices. */
import { duration } from '../render/elapsed.js';
import type { DecisionSummary } from './decision.js';

/** Such as `dora is on it` and `due in 3h 20m, at 2026-03-01T04:00:00.000Z`; empty without either. */
export function describeStanding(
  { claimedBy, deadline }: Pick<DecisionSummary, 'claimedBy' | 'deadline'>,
  now: Date,
): readonly string[] {
  return [
    ...(claimedBy === null ? [] : [`${claimedBy} is on it`]),
    ...(deadline === null ? [] : [describeDue(deadline, now)]),
  ];
}

function describeDue(deadline: string, now: Date): string {
  const left = Date.parse(deadline) - now.getTime();
  // What nobody can read is shown as it stands.
  if (Number.isNaN(left)) return `due ${deadline}`;
  return left > 0
    ? `due in ${duration(left)}, at ${deadline}`
    : `overdue by ${duration(-left)}, since ${deadline}`;
}
