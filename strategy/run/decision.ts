/**
 * Decisions: open questions that only a person can answer. Pure: this file says which votes count and what they
 * add up to; the workflow holds the open ones, and every way in (update, signal, command line) passes here.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { canonicalJson } from '../hash.js';
import { type Electorate, holdsRole, refusalOfAuthority } from './electorate.js';
import { describeNeeds, type Need } from './needs.js';
import type { RequirementView } from './requirement.js';

export type { Need } from './needs.js';

export type DecisionKind =
  | 'approval'
  | 'rollback-approval'
  | 'confirm'
  | 'manual'
  | 'prerequisite'
  | 'inconclusive'
  | 'failure'
  | 'undo-failure'
  | 'after-rollback'
  | 'unknown-outcome'
  | 'window';

export type Option =
  | 'approve'
  | 'reject'
  | 'confirm'
  | 'deny'
  | 'done'
  | 'failed'
  | 'verified'
  | 'blocked'
  | 'retry'
  | 'pass'
  | 'fail'
  | 'skip'
  | 'rollback-step'
  | 'rollback-phase'
  | 'rollback-full'
  | 'rollback'
  | 'rollback-further'
  | 'abort'
  | 'stop'
  | 'end'
  | 'happened'
  | 'did-not-happen'
  | 'wait'
  | 'override';

/** Every option a kind may offer; one decision may offer fewer of them. */
export const OPTIONS: Readonly<Record<DecisionKind, readonly Option[]>> = {
  approval: ['approve', 'reject'],
  'rollback-approval': ['approve', 'reject'],
  confirm: ['confirm', 'deny'],
  manual: ['done', 'failed'],
  prerequisite: ['verified', 'blocked'],
  inconclusive: ['retry', 'pass', 'fail'],
  failure: ['retry', 'skip', 'rollback-step', 'rollback-phase', 'rollback-full', 'abort'],
  'undo-failure': ['retry', 'skip', 'done', 'stop'],
  'after-rollback': ['retry', 'rollback-further', 'end'],
  'unknown-outcome': ['happened', 'did-not-happen', 'rollback'],
  window: ['wait', 'override'],
};

/** One vote for one of these closes the decision at once. */
const REFUSALS: ReadonlySet<Option> = new Set(['reject', 'deny', 'failed', 'blocked', 'fail']);

/** True when the option says no. */
export function isRefusal(option: Option): boolean {
  return REFUSALS.has(option);
}

/** Options that override an automated result, by kind: they need a reason. */
const AGAINST_THE_MACHINE: Readonly<Partial<Record<DecisionKind, readonly Option[]>>> = {
  failure: ['skip'],
  'undo-failure': ['skip', 'done'],
  inconclusive: ['pass'],
  window: ['override'],
};

export interface Vote {
  readonly by: string;
  readonly role: string;
  readonly option: Option;
  readonly reason: string | null;
  readonly at: string;
}

export interface Decision {
  /** Readable and stable: `approval:GATE-1`; asked again, `approval:GATE-1#2`. */
  readonly id: string;
  readonly kind: DecisionKind;
  /** The id of what it is about. */
  readonly subject: string;
  readonly question: string;
  readonly options: readonly Option[];
  /** All must be met; empty when anyone may answer. */
  readonly needs: readonly Need[];
  readonly votes: readonly Vote[];
  readonly openedAt: string;
  readonly deadline: string | null;
  /** What the machine saw. */
  readonly evidence: readonly RequirementView[];
  /** What only a person can say or do; the voter answers for each of these. */
  readonly checklist: readonly string[];
  /** The options that need a reason. */
  readonly reasonFor: readonly Option[];
  /** The plan the votes are bound to. */
  readonly planHash: string;
  /** SHA-256, in hex, of the canonical JSON of `evidence`: what a vote may name to be counted only for what its voter saw. */
  readonly evidenceHash: string;
  /** Who has said that they take care of it; null when nobody has. */
  readonly claimedBy: string | null;
}

/** A decision without what its voters should see first: small enough to be kept outside the run, for an inbox. */
export type DecisionSummary = Omit<Decision, 'evidence' | 'checklist'>;

/** What somebody hands in: by update, signal or command line. */
export interface Ballot {
  readonly decision: string;
  readonly option: string;
  readonly by: string;
  readonly role?: string | undefined;
  readonly reason?: string | undefined;
  /** When given, the vote counts only for this plan. */
  readonly planHash?: string | undefined;
  /** When given, the vote counts only for this evidence. */
  readonly evidenceHash?: string | undefined;
  /** ISO 8601. When given, the vote no longer counts after this instant of the engine's clock. */
  readonly validUntil?: string | undefined;
}

export type BallotCheck =
  | { readonly accepted: true; readonly vote: Omit<Vote, 'at'> }
  | { readonly accepted: false; readonly why: string };

/** What binds a vote to the evidence that its voter saw. */
export function hashEvidence(evidence: readonly RequirementView[]): string {
  return bytesToHex(sha256(utf8ToBytes(canonicalJson(evidence))));
}

/** The options of this kind that need a reason, among those offered. */
export function reasonFor(kind: DecisionKind, options: readonly Option[]): readonly Option[] {
  return (AGAINST_THE_MACHINE[kind] ?? []).filter((option) => options.includes(option));
}

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
  if (ballot.by.trim() === '') return refuse('A vote needs a name. Say who votes (--as NAME).');
  const long = tooLong(ballot);
  if (long !== null) return refuse(long);
  if (ballot.planHash !== undefined && ballot.planHash !== decision.planHash) {
    return refuse(
      `This vote is for plan ${ballot.planHash.slice(0, 12)}, and the run carries out plan ${decision.planHash.slice(0, 12)}. Look at the decision again, then vote.`,
    );
  }
  if (ballot.evidenceHash !== undefined && ballot.evidenceHash !== decision.evidenceHash) {
    return refuse(
      `This vote is for other evidence than ${decision.id} has now. Look at the decision again, then vote.`,
    );
  }
  const reason = ballot.reason?.trim() ? ballot.reason.trim() : null;
  if (reason === null && decision.reasonFor.includes(option)) {
    return refuse(`"${option}" overrides an automated result, so it needs a reason (--reason TEXT).`);
  }
  const unauthorized = option === 'override' ? refusalOfAuthority(electorate, 'override', ballot.by) : null;
  if (unauthorized !== null) return refuse(unauthorized);
  const earlier = decision.votes.find((vote) => vote.by === ballot.by);
  if (earlier !== undefined) {
    return refuse(
      `${ballot.by} has already voted "${earlier.option}" on ${decision.id}. Each person votes once.`,
    );
  }
  if (
    electorate.forbidSelfApproval &&
    decision.kind === 'approval' &&
    option === 'approve' &&
    ballot.by === electorate.submittedBy
  ) {
    return refuse(
      `${ballot.by} submitted this run, and forbidSelfApproval is set. Somebody else must approve ${decision.id}.`,
    );
  }
  return voteFor(decision, option, reason, ballot, electorate);
}

/** Why a vote comes too late for the instant it names; null when it does not. `now` is on the engine's clock. */
export function refusalOfLateBallot({ validUntil }: Pick<Ballot, 'validUntil'>, now: Date): string | null {
  if (validUntil === undefined || Date.parse(validUntil) >= now.getTime()) return null;
  return `This vote was valid until ${validUntil}, and it is ${now.toISOString()} now. Look at the decision again, then vote.`;
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

/** What the votes add up to: the option that won, or null while votes are missing. */
export function outcomeOf(decision: DecisionSummary): Option | null {
  const refusal = decision.votes.find((vote) => REFUSALS.has(vote.option));
  if (refusal !== undefined) return refusal.option;
  const first = decision.votes[0];
  if (first === undefined) return null;
  const met = decision.needs.every((need) => votesFor(decision, need.role).length >= need.votes);
  return met ? first.option : null;
}

/** The needs that still lack votes. */
export function openNeeds(decision: DecisionSummary): readonly Need[] {
  return decision.needs
    .map((need) => ({ ...need, votes: need.votes - votesFor(decision, need.role).length }))
    .filter((need) => need.votes > 0);
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
  const open = rolesOpenTo(decision, by, electorate).filter(
    (role) => ballot.role === undefined || role === ballot.role,
  );
  const role = open[0];
  if (role === undefined) return refuse(whyNoRole(decision, by, ballot.role, electorate));
  if (open.length > 1) {
    return refuse(
      `${by} holds ${open.map((name) => `"${name}"`).join(' and ')}, and each person votes for one role only. Choose one: --role NAME.`,
    );
  }
  const conflicting = decision.votes.find((vote) => vote.option !== option && !REFUSALS.has(option));
  if (conflicting !== undefined) {
    return refuse(
      `${conflicting.by} has already voted "${conflicting.option}" on ${decision.id}; the answers must agree.`,
    );
  }
  return { accepted: true, vote: { by, role, option, reason } };
}

function rolesOpenTo(decision: DecisionSummary, by: string, electorate: Electorate): readonly string[] {
  return openNeeds(decision)
    .map((need) => need.role)
    .filter((role) => holdsRole(electorate.roles, by, role));
}

function whyNoRole(
  decision: DecisionSummary,
  by: string,
  role: string | undefined,
  electorate: Electorate,
): string {
  const held = decision.needs
    .map((need) => need.role)
    .filter((name) => (role === undefined || name === role) && holdsRole(electorate.roles, by, name));
  if (held.length > 0) {
    return `${decision.id} already has every vote it needs from "${held.join('", "')}". It still needs: ${describeNeeds(openNeeds(decision))}.`;
  }
  return `${by} does not hold ${role === undefined ? 'a role that this decision needs' : `"${role}"`}. ${decision.id} needs: ${describeNeeds(openNeeds(decision))}.`;
}

function votesFor(decision: DecisionSummary, role: string): readonly Vote[] {
  return decision.votes.filter((vote) => vote.role === role);
}

function refuse(why: string): BallotCheck {
  return { accepted: false, why };
}
