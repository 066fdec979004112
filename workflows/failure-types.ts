/** What breaks off an attempt at the migration. Thrown and caught inside the workflow; Temporal never sees them. */
import { ContinueAsNew, DeterminismViolationError, isCancellation } from '@temporalio/workflow';
import type { Level, WhileAsked } from '../strategy/plan.js';
import type { FailedKind } from '../strategy/run/ladder.js';
import type { RequirementView } from '../strategy/run/view.js';
import { messageOf } from './activities.js';

/** Something of the strategy failed: where, why, and what was seen. */
export interface Failure {
  readonly kind: FailedKind;
  /** The id of the step, gate, phase or prerequisite; `completion` for the completion. */
  readonly subject: string;
  readonly phase: string | null;
  /** Who is responsible, if anybody is. */
  readonly responsible: string | null;
  readonly cause: string;
  readonly evidence: readonly RequirementView[];
  /** The level whose trigger fired, if one did. */
  readonly level: Level | null;
  /** A person already said to roll back, so nobody is asked again. */
  readonly decided: boolean;
  /** Watched while people decide about it. */
  readonly whileAsked?: WhileAsked | undefined;
}

export class Failed extends Error {
  readonly failure: Failure;

  /** What is left out: no phase, nobody responsible, nothing seen, no trigger, and no person has decided yet. */
  constructor(what: Pick<Failure, 'kind' | 'subject' | 'cause'> & Partial<Failure>) {
    super(what.cause);
    this.failure = { phase: null, responsible: null, evidence: [], level: null, decided: false, ...what };
  }
}

/** A command (abort, rollback) stopped what was under way. */
export class Interrupted extends Error {}

/** The message of an unforeseen error. @throws the error itself when it is a signal of Temporal, which must reach it */
export function causeOf(error: unknown): string {
  if (error instanceof ContinueAsNew || error instanceof DeterminismViolationError || isCancellation(error)) {
    throw error;
  }
  return messageOf(error);
}
