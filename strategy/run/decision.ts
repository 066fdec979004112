/**
 * Decisions: open questions that only a person can answer, and what their votes add up to. The workflow holds the open
 * ones. Which votes count is in ballot.ts.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { canonicalJson } from '../hash.js';
import type { Need } from './needs.js';
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
  | 'window'
  | 'amendment'
  | 'review';

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
  | 'override'
  | 'apply-source'
  | 'keep-target'
  | 'custom';

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
  amendment: ['approve', 'reject'],
  review: ['apply-source', 'keep-target', 'custom'],
};

/** One vote for one of these closes the decision at once. */
const REFUSALS: ReadonlySet<Option> = new Set(['reject', 'deny', 'failed', 'blocked', 'fail']);

/** True when the option says no. */
export function isRefusal(option: Option): boolean {
  return REFUSALS.has(option);
}

/** Options that need a reason, by kind: they override an automated result, or settle which rows are right. */
const WITH_REASON: Readonly<Partial<Record<DecisionKind, readonly Option[]>>> = {
  failure: ['skip'],
  'undo-failure': ['skip', 'done'],
  inconclusive: ['pass'],
  window: ['override'],
  review: ['apply-source', 'keep-target', 'custom'],
};

export interface Vote {
  readonly by: string;
  readonly role: string;
  readonly option: Option;
  readonly reason: string | null;
  readonly at: string;
  /** Whose vote it is, where the voter stands in for somebody. */
  readonly onBehalfOf?: string;
  /** The role it was cast under, where `role` was escalated to that one. */
  readonly escalatedTo?: string;
  /** The thumbprint (RFC 7638) of the key that signed it; absent where names count as claimed. */
  readonly key?: string;
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
  /** The hash over every event before this was asked, as notices carry it: a voter who signs it is a witness of the record. */
  readonly recordHead?: string;
  /** Who wants it approved, where that is not who submitted the run. */
  readonly requestedBy?: string;
  /** Who has said that they are on it; null when nobody has. It restricts nobody. */
  readonly claimedBy: string | null;
}

/** A decision without what its voters should see first: small enough to be kept outside the run, for an inbox. */
export type DecisionSummary = Omit<Decision, 'evidence' | 'checklist'>;

/** What to say about an id that names no open decision. */
export function describeNotOpen(id: string, decisions: readonly Pick<Decision, 'id'>[]): string {
  const open = decisions.map((decision) => decision.id);
  return `"${id}" is not an open decision. ${open.length === 0 ? 'No decisions are open.' : `Open: ${open.join(', ')}.`}`;
}

/** What binds a vote to the evidence that its voter saw. */
export function hashEvidence(evidence: readonly RequirementView[]): string {
  return bytesToHex(sha256(utf8ToBytes(canonicalJson(evidence))));
}

/** The options of this kind that need a reason, among those offered. */
export function reasonFor(kind: DecisionKind, options: readonly Option[]): readonly Option[] {
  return (WITH_REASON[kind] ?? []).filter((option) => options.includes(option));
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

function votesFor(decision: DecisionSummary, role: string): readonly Vote[] {
  return decision.votes.filter((vote) => vote.role === role);
}
