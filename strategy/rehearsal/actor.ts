/**
 * The people of a rehearsal: what they answer, and who of them does. The same seed gives the same votes.
 * They say yes to everything but the gate of the point, and once something fails, they go all the way back.
 */
import type { Plan } from '../plan.js';
import type { Ballot } from '../run/ballot.js';
import { type Decision, isRefusal, type Option, openNeeds } from '../run/decision.js';
import type { Point } from './points.js';

/** Submits the runs, and acts where nobody in particular is asked. */
export const REHEARSER = 'rehearsal';

/** How often the same question is answered with "retry" before something else is tried. */
const RETRIES = 2;

/** What they choose. `before`: how often this question was answered in this trial already. */
export function choose({ kind, subject, options }: Decision, point: Point, before: number): Option {
  const first = (...wanted: readonly Option[]): Option =>
    wanted.find((option) => options.includes(option)) ?? options[0] ?? 'abort';
  switch (kind) {
    case 'approval':
      return first(point.kind === 'gate' && point.gate === subject ? 'reject' : 'approve');
    case 'rollback-approval':
    case 'amendment':
      return first('approve');
    case 'confirm':
      return first('confirm');
    case 'manual':
      return first('done');
    case 'prerequisite':
      return first('verified');
    case 'inconclusive':
      return before < RETRIES ? first('retry') : first('fail');
    case 'failure':
      return first('rollback-full', 'rollback-phase', 'rollback-step', 'abort');
    case 'undo-failure':
      return before < RETRIES ? first('retry', 'skip') : first('skip', 'stop');
    case 'after-rollback':
      return isCommanded(point) && before === 0 ? first('retry') : first('rollback-further', 'end');
    case 'unknown-outcome':
      return before < RETRIES ? first('rollback', 'did-not-happen') : first('happened');
    case 'window':
      return first('override');
    case 'review':
      return first('apply-source');
    default:
      return kind satisfies never;
  }
}

/** Its rollback is commanded, and the run then goes forward once more. */
function isCommanded({ kind }: Point): boolean {
  return kind === 'level' || kind === 'rollback-point';
}

/** The votes that still have to be cast for this option to win. */
export function ballotsFor(decision: Decision, option: Option, plan: Plan, seed: number): readonly Ballot[] {
  const { id, kind, planHash } = decision;
  const reason = 'Rehearsal.';
  const ballot = (by: string): Ballot => ({ decision: id, option, by, reason, planHash });
  const needs = openNeeds(decision);
  if (needs.length === 0) {
    return [ballot(kind === 'window' ? commander(plan, 'override') : REHEARSER)];
  }
  const voted = new Set(decision.votes.map(({ by }) => by));
  // Those with few holders choose first: who holds two roles can vote for one only.
  const scarce = [...needs].sort((one, other) => holders(plan, one.role) - holders(plan, other.role));
  const ballots = scarce.flatMap(({ role, votes }) => {
    const free = shuffled(membersOf(plan, role), `${seed}/${id}/${role}`).filter((name) => !voted.has(name));
    const chosen = free.slice(0, votes);
    for (const name of chosen) voted.add(name);
    return chosen.map((by) => ({ ...ballot(by), role }));
  });
  return isRefusal(option) ? ballots.slice(0, 1) : ballots;
}

/** Somebody who may do this to the run. */
export function commander(plan: Plan, command: keyof Plan['authority']): string {
  const [role] = plan.authority[command];
  return role === undefined ? REHEARSER : (membersOf(plan, role)[0] ?? role);
}

function membersOf(plan: Plan, role: string): readonly string[] {
  const { roles } = plan.bindings;
  return (Object.hasOwn(roles, role) ? roles[role]?.members : undefined) ?? [role];
}

function holders(plan: Plan, role: string): number {
  return membersOf(plan, role).length;
}

function shuffled(names: readonly string[], seed: string): readonly string[] {
  return [...names].sort((one, other) => mixed(seed + one) - mixed(seed + other));
}

/** FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv/) with a final mix: looks random and depends on the text alone. */
function mixed(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return Math.imul(hash ^ (hash >>> 16), 0x85ebca6b) >>> 0;
}
