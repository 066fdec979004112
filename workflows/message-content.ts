/** What anybody sends to a run, made into what the handlers can rely on. */
import { type Ballot, NAME_LIMIT, tooLong } from '../strategy/run/ballot.js';
import type { Command } from '../strategy/run/messages.js';

/** Any Temporal client may send anything: what is not text counts as missing. */
export function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Who speaks and what for: an error in a handler would block the run for ever, so nothing but text gets further. */
export function contentOf(given: Partial<Ballot> | undefined): Omit<Ballot, 'decision' | 'option'> {
  const optional = (value: unknown) => (typeof value === 'string' ? value : undefined);
  return {
    by: text(given?.by),
    role: optional(given?.role),
    reason: optional(given?.reason),
    onBehalfOf: optional(given?.onBehalfOf),
    groups: textsOf(given?.groups),
    planHash: optional(given?.planHash),
    evidenceHash: optional(given?.evidenceHash),
    recordHead: optional(given?.recordHead),
    validUntil: optional(given?.validUntil),
    signed: optional(given?.signed),
  };
}

/** Each is compared with the members of roles: what is too long for one can be none of them. */
function textsOf(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.filter((each): each is string => typeof each === 'string' && each.length <= NAME_LIMIT);
}

export function ballotOf(given: Partial<Ballot> | undefined): Ballot {
  return { ...contentOf(given), decision: text(given?.decision), option: text(given?.option) };
}

/** Why a vote or command is none; null when it may be one. */
export function malformed(content: Pick<Ballot, 'by' | 'role' | 'reason' | 'onBehalfOf'>): string | null {
  if (content.by.trim() === '') return 'Votes and commands need a name: --as NAME.';
  return tooLong(content);
}

/** The same for a command, whatever it says it is. */
export function malformedCommand(wanted: Command): string | null {
  const known = [
    'pause',
    'resume',
    'abort',
    'rollback',
    'amend',
    'claim',
    'take-over',
    'release',
    'throttle',
  ];
  if (!known.includes(wanted.command)) return `Commands are ${known.join(', ')}.`;
  if (wanted.command === 'rollback' && typeof wanted.to !== 'string') {
    return 'A rollback needs "to": a phase or step to keep, or "start".';
  }
  if ('decision' in wanted && typeof wanted.decision !== 'string') {
    return `The command ${wanted.command} needs "decision": the id of an open decision.`;
  }
  if (wanted.command === 'throttle') {
    const { step, ratePerSecond } = wanted;
    const limits = ratePerSecond === null || (Number.isFinite(ratePerSecond) && ratePerSecond > 0);
    if (typeof step !== 'string' || !limits) {
      return 'A throttle needs "step" and "ratePerSecond": a number above 0, or null for the limit of the strategy.';
    }
  }
  if (wanted.command === 'amend' && !isPlan(wanted.plan)) {
    return 'An amendment needs "plan": the whole plan, as sluice compiles it.';
  }
  return malformed(wanted);
}

/** Enough to be looked at: a plan that does not match its hash is refused later. */
function isPlan(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'hash' in value && 'phases' in value;
}
