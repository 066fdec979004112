/** What the browser of this person has to sign, in a run that counts nothing else. */

import type { Plan } from '../strategy/plan.js';
import type { ClaimCommand } from '../strategy/run/claim.js';
import type { Decision } from '../strategy/run/decision.js';
import type { Command } from '../strategy/run/messages.js';
import {
  type Claims,
  claimsOfCommand,
  claimsOfVote,
  type Place,
  SIGNED_TYPES,
} from '../strategy/run/signed.js';
import type { Voter } from '../strategy/run/voters.js';
import type { RunState } from './feeds.js';
import type { Signing } from './pages/signing.js';

type SimpleCommand = 'pause' | 'resume' | 'abort' | 'rollback' | 'throttle';

/** Null where names count as claimed. The answer and the reason are added by the browser. */
export function voteToSign(
  state: RunState,
  plan: Plan | null,
  { id, evidenceHash, recordHead }: Decision,
  { by, role, onBehalfOf }: Pick<Voter, 'by' | 'role' | 'onBehalfOf'>,
): Signing | null {
  const place = placeOf(state);
  if (place === null) return null;
  const vote = { decision: id, option: '', by, role, onBehalfOf, evidenceHash, recordHead };
  const { option: _, ...claims } = claimsOfVote(place, vote);
  return signing(by, SIGNED_TYPES.vote, claims, plan);
}

/** The same for a command. */
export function commandToSign(
  state: RunState,
  plan: Plan | null,
  command: SimpleCommand,
  by: string,
): Signing | null {
  const place = placeOf(state);
  if (place === null) return null;
  return signing(by, SIGNED_TYPES.command, claimsOfCommand(place, draftOf(command, by)), plan);
}

/** The browser adds the landing, the step and the rate. */
function draftOf(command: SimpleCommand, by: string): Command {
  if (command === 'rollback') return { command, by, to: '' };
  return command === 'throttle' ? { command, by, step: '', ratePerSecond: null } : { command, by };
}

/** The same for a claim of a decision. */
export function claimToSign(state: RunState, plan: Plan | null, command: ClaimCommand): Signing | null {
  const place = placeOf(state);
  return place === null
    ? null
    : signing(command.by, SIGNED_TYPES.command, claimsOfCommand(place, command), plan);
}

function placeOf({ view, electorate: { installation } }: RunState): Place | null {
  if (installation === undefined) return null;
  return { installation, run: view.run, startedAt: view.startedAt, planHash: view.strategy.hash };
}

function signing(by: string, typ: string, claims: Claims, plan: Plan | null): Signing {
  const keys = plan?.bindings.identity?.keys;
  const own = keys === undefined ? null : Object.hasOwn(keys, by) ? (keys[by] ?? []) : [];
  return { by, typ, claims, keys: own === null ? null : own.map(({ x }) => x) };
}
