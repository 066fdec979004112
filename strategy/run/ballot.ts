/**
 * Ballots: which votes count, and why the others do not. Pure: every way in (update, signal, command line) passes here.
 */
import { HOW_TO_STATE, readStated } from '../reconcile/stated.js';
import { type Capacity, capacitiesOf, whyNoStandIn } from './capacity.js';
import { type DecisionSummary, isRefusal, type Option, openNeeds, type Vote } from './decision.js';
import { type Electorate, refusalOfAuthority } from './electorate.js';
import { describeNeeds, rolesAsked } from './needs.js';

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
  /** Whose vote it is, where its sender stands in for several people, or holds the role as well. */
  readonly onBehalfOf?: string | undefined;
  /** The groups that an identity provider vouched for when this person logged in; a member `group:NAME` is any of them. */
  readonly groups?: readonly string[] | undefined;
  /** When given, the vote counts only for this plan. */
  readonly planHash?: string | undefined;
  /** When given, the vote counts only for this evidence. */
  readonly evidenceHash?: string | undefined;
  /** When given, the vote counts only for the record as it was when this was asked. */
  readonly recordHead?: string | undefined;
}

export type BallotCheck =
  | { readonly accepted: true; readonly vote: Omit<Vote, 'at'> }
  | { readonly accepted: false; readonly why: string };

/**
 * Decides whether a ballot counts, and says why when it does not. Synchronous and pure, so that an update
 * validator can refuse a wrong vote before anything enters the history. `now` is on the engine's clock.
 */
export function checkBallot(
  decision: DecisionSummary,
  ballot: Ballot,
  electorate: Electorate,
  now: Date,
): BallotCheck {
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
  if (ballot.recordHead !== undefined && ballot.recordHead !== decision.recordHead) {
    return refuse(
      `This vote names another record than that of ${decision.id}. Review the decision again, then vote.`,
    );
  }
  const reason = ballot.reason?.trim() ? ballot.reason.trim() : null;
  if (reason === null && decision.reasonFor.includes(option)) {
    const why = decision.kind === 'review' ? 'settles which rows are right' : 'overrides an automated result';
    return refuse(`"${option}" ${why}, so it needs a reason (--reason TEXT).`);
  }
  if (option === 'custom' && readStated(reason ?? '') === null) return refuse(HOW_TO_STATE);
  const unauthorized =
    option === 'override' ? refusalOfAuthority(electorate, 'override', ballot.by, ballot.groups) : null;
  if (unauthorized !== null) return refuse(unauthorized);
  const again = votedBefore(decision, ballot.by);
  if (again !== null) return refuse(again);
  const own = selfApproval(decision, option, ballot.by, electorate);
  if (own !== null) return refuse(own);
  return voteFor(decision, option, reason, ballot, electorate, now);
}

/** Who has voted has done so for themselves, or somebody for them. */
function votedBefore({ id, votes }: DecisionSummary, person: string): string | null {
  const earlier = votes.find(({ by, onBehalfOf }) => by === person || onBehalfOf === person);
  if (earlier === undefined) return null;
  const told =
    earlier.by === person
      ? `${person} has already voted "${earlier.option}" on ${id}`
      : `${earlier.by} has already voted "${earlier.option}" on ${id} for ${person}`;
  return `${told}. Each person votes once.`;
}

/** Why this person's yes does not count for their own work; null when it counts. */
function selfApproval(
  decision: DecisionSummary,
  option: Option,
  person: string,
  electorate: Electorate,
): string | null {
  if (!electorate.forbidSelfApproval || option !== 'approve') return null;
  const own = ownWork(decision, person, electorate);
  return own === null
    ? null
    : `${person} ${own}, and forbidSelfApproval is set. Someone else must approve ${decision.id}.`;
}

/** What the voter did that they may not approve themselves; null when they did nothing of the kind. */
function ownWork(
  { kind, requestedBy }: DecisionSummary,
  by: string,
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
  onBehalfOf = '',
}: Pick<Ballot, 'by' | 'role' | 'reason' | 'onBehalfOf'>): string | null {
  if ([by, role, onBehalfOf].some(({ length }) => length > NAME_LIMIT)) {
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
  now: Date,
): BallotCheck {
  const { by, onBehalfOf } = ballot;
  if (decision.needs.length === 0) {
    return onBehalfOf === undefined
      ? { accepted: true, vote: { by, role: ballot.role ?? by, option, reason } }
      : refuse(
          `${decision.id} asks nobody in particular, so nobody stands in for anyone. Vote for yourself.`,
        );
  }
  const found = choose(decision, option, ballot, electorate, now);
  if (typeof found === 'string') return refuse(found);
  const conflicting = decision.votes.find((vote) => vote.option !== option && !isRefusal(option));
  if (conflicting !== undefined) {
    return refuse(
      `${conflicting.by} has already voted "${conflicting.option}" on ${decision.id}; the answers must agree.`,
    );
  }
  return { accepted: true, vote: { by, ...found, option, reason } };
}

/** The one capacity in which this ballot counts, or why there is none, or why there is more than one. */
function choose(
  decision: DecisionSummary,
  option: Option,
  ballot: Ballot,
  electorate: Electorate,
  now: Date,
): Capacity | string {
  const { by, role } = ballot;
  if (role !== undefined && !rolesAsked(decision.needs).includes(role)) {
    return `${decision.id} does not ask for the role "${role}". It needs: ${describeNeeds(openNeeds(decision))}.`;
  }
  const wanted = capacitiesOf(openNeeds(decision), ballot, electorate, now).filter(
    (capacity) => isMeant(capacity, ballot) && (role === undefined || roleOf(capacity) === role),
  );
  const refusals = wanted.map(({ onBehalfOf }) => {
    if (onBehalfOf === undefined) return null;
    return votedBefore(decision, onBehalfOf) ?? selfApproval(decision, option, onBehalfOf, electorate);
  });
  const open = wanted.filter((_, index) => refusals[index] === null);
  const own = open.filter(({ onBehalfOf }) => onBehalfOf === undefined);
  const usable = own.length > 0 ? own : open;
  const [capacity, ...others] = usable;
  if (capacity === undefined) {
    const refused = refusals.find((refusal) => refusal !== null);
    return refused === undefined
      ? whyNoCapacity(decision, ballot, electorate, now)
      : `${by} would vote for somebody else: ${refused}`;
  }
  if (others.length === 0) return capacity;
  const roles = [...new Set(usable.map(roleOf))];
  if (roles.length > 1) {
    return `${by} holds ${roles.map((name) => `"${name}"`).join(' and ')}, and each person votes for one role only. Choose one: --role NAME.`;
  }
  const people = usable.flatMap(({ onBehalfOf }) => onBehalfOf ?? []);
  return `${by} stands in for ${people.join(' and ')}, and each vote is one person's. Choose one: --for NAME.`;
}

/** Nobody who has a vote of their own gives another's unless they say so. */
function isMeant({ onBehalfOf }: Capacity, ballot: Ballot): boolean {
  return ballot.onBehalfOf === undefined || ballot.onBehalfOf === onBehalfOf;
}

/** The role that the voter names with `--role`. */
function roleOf({ role, escalatedTo }: Capacity): string {
  return escalatedTo ?? role;
}

function whyNoCapacity(decision: DecisionSummary, ballot: Ballot, electorate: Electorate, now: Date): string {
  const { by, role, onBehalfOf } = ballot;
  const needed = `It needs: ${describeNeeds(openNeeds(decision))}.`;
  const needs = decision.needs.filter((need) => role === undefined || rolesAsked([need]).includes(role));
  const held = capacitiesOf(needs, ballot, electorate, now).filter((each) => isMeant(each, ballot));
  if (held.length > 0) {
    const roles = [...new Set(held.map(roleOf))];
    return `${decision.id} already has every vote it needs from "${roles.join('", "')}". It still needs: ${describeNeeds(openNeeds(decision))}.`;
  }
  const standIn = whyNoStandIn(needs, ballot, electorate, now);
  if (standIn !== null) return `${standIn} ${needed}`;
  if (onBehalfOf !== undefined) {
    return `${by} does not stand in for ${onBehalfOf} here: the bindings have no delegation of such a role. ${needed}`;
  }
  return `${by} does not hold ${role === undefined ? 'a role that this decision needs' : `"${role}"`}. ${decision.id} needs: ${describeNeeds(openNeeds(decision))}.`;
}

function refuse(why: string): BallotCheck {
  return { accepted: false, why };
}
