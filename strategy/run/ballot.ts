/**
 * Ballots: which votes count, and why the others do not. Pure: every way in (update, signal, command line) passes here.
 */
import { type DecisionSummary, isRefusal, type Option, openNeeds, type Vote } from './decision.js';
import { type Electorate, groupsThatCount, holdsRole, refusalOfAuthority } from './electorate.js';
import { describeNeeds } from './needs.js';

/** A message that its sender does not wait for without end. */
export interface Expiring {
  /** ISO 8601. When given, the message no longer counts after this instant of the engine's clock. */
  readonly validUntil?: string | undefined;
}

/** A message that may carry the proof of who sent it. */
export interface Signable {
  /** A compact JWS over the same content; see signed.ts. */
  readonly signed?: string | undefined;
}

/** What somebody hands in: by update, signal or command line. */
export interface Ballot extends Expiring, Signable {
  readonly decision: string;
  readonly option: string;
  readonly by: string;
  readonly role?: string | undefined;
  readonly reason?: string | undefined;
  /** The groups that an identity provider vouched for when this person logged in; a member `group:NAME` is any of them. */
  readonly groups?: readonly string[] | undefined;
  /** When given, the vote counts only for this plan. */
  readonly planHash?: string | undefined;
  /** When given, the vote counts only for this evidence. */
  readonly evidenceHash?: string | undefined;
}

export type BallotCheck =
  | { readonly accepted: true; readonly vote: Omit<Vote, 'at'> }
  | { readonly accepted: false; readonly why: string };

/**
 * Decides whether a ballot counts, and says why when it does not. Synchronous and pure, so that an update
 * validator can refuse a wrong vote before anything enters the history.
 */
export function checkBallot(decision: DecisionSummary, ballot: Ballot, electorate: Electorate): BallotCheck {
  const option = decision.options.find((candidate) => candidate === ballot.option);
  if (option === undefined) {
    return refuse(
      `${decision.id} has no option "${ballot.option}". Its options: ${decision.options.join(', ')}.`,
    );
  }
  if (ballot.by.trim() === '') return refuse('A vote needs a name: --as NAME.');
  const long = tooLong(ballot);
  if (long !== null) return refuse(long);
  if (ballot.planHash !== undefined && ballot.planHash !== decision.planHash) {
    return refuse(
      `This vote is for plan ${ballot.planHash.slice(0, 12)}, and the run executes plan ${decision.planHash.slice(0, 12)}. Review the decision again, then vote.`,
    );
  }
  if (ballot.evidenceHash !== undefined && ballot.evidenceHash !== decision.evidenceHash) {
    return refuse(
      `The evidence of ${decision.id} has changed since this vote was prepared. Review the decision again, then vote.`,
    );
  }
  const reason = ballot.reason?.trim() ? ballot.reason.trim() : null;
  if (reason === null && decision.reasonFor.includes(option)) {
    return refuse(`"${option}" overrides an automated result, so it needs a reason (--reason TEXT).`);
  }
  const unauthorized =
    option === 'override' ? refusalOfAuthority(electorate, 'override', ballot.by, ballot.groups) : null;
  if (unauthorized !== null) return refuse(unauthorized);
  const earlier = decision.votes.find((vote) => vote.by === ballot.by);
  if (earlier !== undefined) {
    return refuse(
      `${ballot.by} has already voted "${earlier.option}" on ${decision.id}. Each person votes once.`,
    );
  }
  const own =
    electorate.forbidSelfApproval && option === 'approve' ? ownWork(decision, ballot, electorate) : null;
  if (own !== null) {
    return refuse(
      `${ballot.by} ${own}, and forbidSelfApproval is set. Someone else must approve ${decision.id}.`,
    );
  }
  return voteFor(decision, option, reason, ballot, electorate);
}

/** What the voter did that they may not approve themselves; null when they did nothing of the kind. */
function ownWork(
  { kind, requestedBy }: DecisionSummary,
  { by }: Ballot,
  { submittedBy }: Electorate,
): string | null {
  if (kind === 'approval' && by === submittedBy) return 'submitted this run';
  return kind === 'amendment' && by === requestedBy ? 'requested this amendment' : null;
}

/** Why a message comes too late for the instant it names; null when it does not. `now` is on the engine's clock. */
export function refusalOfExpired({ validUntil }: Expiring, now: Date): string | null {
  if (validUntil === undefined || Date.parse(validUntil) >= now.getTime()) return null;
  return `This message expired at ${validUntil}; it is now ${now.toISOString()}. Check the run, then repeat it.`;
}

/** Characters of a person's or role's name. */
export const NAME_LIMIT = 200;
/** Characters of a reason. Every vote stays in the view, which must fit into one payload. */
export const REASON_LIMIT = 4_000;

/** Why a name or reason is too long; null when it is not. */
export function tooLong({
  by,
  role = '',
  reason = '',
}: Pick<Ballot, 'by' | 'role' | 'reason'>): string | null {
  if (by.length > NAME_LIMIT || role.length > NAME_LIMIT) {
    return `Names are limited to ${NAME_LIMIT} characters.`;
  }
  return reason.length > REASON_LIMIT
    ? `Reasons are limited to ${REASON_LIMIT} characters, and this one has ${reason.length}. Shorten it, or link to the full text.`
    : null;
}

function voteFor(
  decision: DecisionSummary,
  option: Option,
  reason: string | null,
  ballot: Ballot,
  electorate: Electorate,
): BallotCheck {
  const by = ballot.by;
  if (decision.needs.length === 0) {
    return { accepted: true, vote: { by, role: ballot.role ?? by, option, reason } };
  }
  const wanted = decision.needs.map((need) => need.role);
  if (ballot.role !== undefined && !wanted.includes(ballot.role)) {
    return refuse(
      `${decision.id} does not ask for the role "${ballot.role}". It needs: ${describeNeeds(openNeeds(decision))}.`,
    );
  }
  const open = rolesOpenTo(decision, ballot, electorate).filter(
    (role) => ballot.role === undefined || role === ballot.role,
  );
  const role = open[0];
  if (role === undefined) return refuse(whyNoRole(decision, ballot, electorate));
  if (open.length > 1) {
    return refuse(
      `${by} holds ${open.map((name) => `"${name}"`).join(' and ')}, and each person votes for one role only. Choose one: --role NAME.`,
    );
  }
  const conflicting = decision.votes.find((vote) => vote.option !== option && !isRefusal(option));
  if (conflicting !== undefined) {
    return refuse(
      `${conflicting.by} has already voted "${conflicting.option}" on ${decision.id}; the answers must agree.`,
    );
  }
  return { accepted: true, vote: { by, role, option, reason } };
}

function rolesOpenTo(
  decision: DecisionSummary,
  { by, groups }: Ballot,
  electorate: Electorate,
): readonly string[] {
  const counting = groupsThatCount(electorate, groups);
  return openNeeds(decision)
    .map((need) => need.role)
    .filter((role) => holdsRole(electorate.roles, by, role, counting));
}

function whyNoRole(decision: DecisionSummary, { by, role, groups }: Ballot, electorate: Electorate): string {
  const counting = groupsThatCount(electorate, groups);
  const held = decision.needs
    .map((need) => need.role)
    .filter(
      (name) => (role === undefined || name === role) && holdsRole(electorate.roles, by, name, counting),
    );
  if (held.length > 0) {
    return `${decision.id} already has every vote it needs from "${held.join('", "')}". It still needs: ${describeNeeds(openNeeds(decision))}.`;
  }
  return `${by} does not hold ${role === undefined ? 'a role that this decision needs' : `"${role}"`}. ${decision.id} needs: ${describeNeeds(openNeeds(decision))}.`;
}

function refuse(why: string): BallotCheck {
  return { accepted: false, why };
}
