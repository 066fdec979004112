/** What becomes of every sentence of a strategy that asks for something. */
import type { Position } from './problem.js';

/**
 * `automated`: a machine does or evaluates it. `state`: evaluated from the run's own state. `declared`: the strategy
 * itself says that it holds. `person`: somebody is asked. `not-carried-out`: nothing happens for it, and why.
 */
export type CoverageKind = 'automated' | 'state' | 'declared' | 'person' | 'not-carried-out';

export const COVERAGE_KINDS: readonly CoverageKind[] = [
  'automated',
  'state',
  'declared',
  'person',
  'not-carried-out',
];

export interface CoveredSentence {
  readonly pointer: string;
  readonly position: Position;
  readonly text: string;
  readonly kind: CoverageKind;
  /** What carries it out, or who is asked, in a few words. */
  readonly how: string;
}

export interface Coverage {
  /** The strategy file. */
  readonly file: string;
  readonly counts: Readonly<Record<CoverageKind, number>>;
  /** Each asking sentence once, in the order of a run. */
  readonly sentences: readonly CoveredSentence[];
  /** The sections this version does not carry out, with the number of their items. */
  readonly otherSections: readonly string[];
  /** Roles of the strategy that the bindings do not name: anyone who acts under the name holds them. */
  readonly openRoles: readonly string[];
  /** Sentences of the bindings that match nothing in the strategy. */
  readonly unusedBindings: readonly string[];
}
