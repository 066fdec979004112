/**
 * What people do: a pure choice, seeded by the case and the decision's id alone, so that the model and the runner make
 * the same people act without speaking of it.
 */
import type { DecisionKind, Option } from '../../strategy/run/decision.js';
import type { Case } from './case.js';

/** A command that somebody gives while the decision is open, before answering it (if it is still there). */
export type Interjection =
  | { readonly command: 'abort' }
  | { readonly command: 'rollback'; readonly to: string }
  | { readonly command: 'pause' };

export interface Move {
  readonly interjects: Interjection | null;
  readonly option: Option;
  /** What somebody tries first, and is refused. */
  readonly wrongVote: 'stranger' | 'no-reason' | 'no-option' | 'submitter' | 'wrong-plan' | null;
  /** Answers by signal, as the official Temporal command line does. */
  readonly bySignal: boolean;
  /** Where one no is a no: somebody said yes before. */
  readonly yesBeforeNo: boolean;
}

const WEIGHTS: Readonly<Partial<Record<Option, number>>> = {
  approve: 6,
  reject: 1,
  confirm: 7,
  deny: 1,
  done: 5,
  failed: 1,
  verified: 8,
  blocked: 1,
  pass: 4,
  fail: 2,
  retry: 4,
  skip: 2,
  'rollback-step': 1,
  'rollback-phase': 1,
  'rollback-full': 1,
  'rollback-further': 3,
  abort: 1,
  end: 2,
  stop: 1,
};

/** Choices that lead back to the same question; nobody makes them for ever. */
const AGAIN: ReadonlySet<Option> = new Set(['retry', 'reject', 'deny', 'failed']);
const PATIENCE: Readonly<Partial<Record<DecisionKind, number>>> = { 'after-rollback': 2 };

/** What happens at this decision. */
export function moveOf(given: Case, id: string, kind: DecisionKind, options: readonly Option[]): Move {
  const chance = (salt: string) => mixed(`${given.actor}/${id}/${salt}`);
  const asked = Number(id.split('#')[1] ?? 1);
  const patient = asked <= (PATIENCE[kind] ?? 3);
  const open = options.filter((option) => patient || !AGAIN.has(option));
  return {
    interjects: interjection(given, chance),
    option: weighted(open, chance('option')),
    wrongVote: pick(
      [
        'stranger',
        'no-reason',
        'no-option',
        'submitter',
        'wrong-plan',
        ...Array<null>(12).fill(null),
      ] as const,
      chance('wrong'),
    ),
    bySignal: chance('signal') < 0.2,
    yesBeforeNo: chance('yes') < 0.5,
  };
}

function interjection(given: Case, chance: (salt: string) => number): Interjection | null {
  const what = chance('interjects');
  if (what < 0.01) return { command: 'abort' };
  if (what < 0.06) return { command: 'rollback', to: pick(placesOf(given), chance('to')) };
  return what < 0.1 ? { command: 'pause' } : null;
}

function placesOf(given: Case): readonly string[] {
  return ['start', ...given.phases.flatMap((phase) => [phase.id, ...phase.steps.map(({ id }) => id)])];
}

function weighted(options: readonly Option[], chance: number): Option {
  const total = options.reduce((sum, option) => sum + (WEIGHTS[option] ?? 1), 0);
  let left = chance * total;
  for (const option of options) {
    left -= WEIGHTS[option] ?? 1;
    if (left < 0) return option;
  }
  return options[0] ?? 'abort';
}

export function pick<T>(items: readonly [T, ...T[]] | readonly T[], chance: number): T {
  const item = items[Math.floor(chance * items.length)] ?? items[0];
  if (item === undefined) throw new Error('There is nothing to pick from.');
  return item;
}

/** FNV-1a with a final mix: a number in [0, 1) that looks random and depends on the text alone. */
function mixed(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
