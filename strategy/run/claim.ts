/**
 * Claims: who has said "I am on it". A claim tells others and keeps reminders away. It restricts nobody: whoever may vote
 * still may. Pure.
 */
import { capacitiesOf } from './capacity.js';
import { type DecisionSummary, describeNotOpen, openNeeds } from './decision.js';
import type { Electorate } from './electorate.js';
import type { Command } from './messages.js';
import { describeNeeds } from './needs.js';

export type ClaimCommand = Extract<Command, { command: 'claim' | 'take-over' | 'release' }>;

/** True for a command about who is on a decision: it needs no authority over the run. */
export function isClaim(command: Command): command is ClaimCommand {
  return command.command === 'claim' || command.command === 'take-over' || command.command === 'release';
}

/** Why it changes nothing; null when it counts. `now` is on the engine's clock. */
export function refusalOfClaim(
  wanted: ClaimCommand,
  decisions: readonly DecisionSummary[],
  electorate: Electorate,
  now: Date,
): string | null {
  const { command, by, decision: id } = wanted;
  const decision = decisions.find((open) => open.id === id);
  if (decision === undefined) return describeNotOpen(id, decisions);
  const { claimedBy, needs } = decision;
  if (command === 'release') {
    if (claimedBy === by) return null;
    return claimedBy === null
      ? `Nobody has claimed ${id}, so there is nothing to release.`
      : `${claimedBy} has claimed ${id}, and only they release it. To claim it in their place: --take-over.`;
  }
  if (needs.length > 0 && capacitiesOf(needs, wanted, electorate, now).length === 0) {
    return `${by} cannot vote on ${id}, so they cannot claim it. It needs: ${describeNeeds(openNeeds(decision), 'named')}.`;
  }
  if (claimedBy === null) return null;
  if (claimedBy === by) return `${by} has claimed ${id} already.`;
  return command === 'take-over'
    ? null
    : `${claimedBy} has claimed ${id} already. You can vote on it all the same. To claim it in their place: --take-over.`;
}
