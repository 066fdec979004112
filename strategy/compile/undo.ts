/** The way back of a procedure. */
import type { Requirement, Undo } from '../plan.js';
import type { Compilation } from './compilation.js';
import { AT_THE_END } from './facts.js';
import { datasetRequirement } from './requirement.js';
import { compileWork, type Sentence, type WorkContext, type WorkSource } from './work.js';

/** Where a way back is written. */
export interface UndoSource {
  /** `can_rollback`, with what it says; null when it is left out. */
  readonly allowed: { readonly pointer: string; readonly value: boolean } | null;
  readonly work: WorkSource;
  readonly workContext: WorkContext;
  /** The id of the test dataset that shows that the undo worked. */
  readonly test: Sentence | null;
  /** False for what only checks: without an undo there is nothing to take back. */
  readonly changesThings: boolean;
}

/** `acts`: the procedure has actions, so that there may be something to take back. */
export function compileUndo(c: Compilation, source: UndoSource, acts: boolean): Undo {
  const { allowed, work, workContext, test } = source;
  const without: Undo = { kind: acts && source.changesThings ? 'none' : 'nothing' };
  if (allowed?.value === false) {
    if (!acts) return nothingToTakeBack(c, source, allowed.pointer);
    coverUnused(c, source, 'not run: can_rollback is false, a point of no return');
    return { kind: 'impossible' };
  }
  const actions = compileWork(c, work, workContext);
  if (actions.length > 0) return { kind: 'actions', actions, checks: testOf(c, source) };
  if (test !== null) {
    c.cover(test.pointer, test.text, 'not-carried-out', 'not run: the step has no undo to test');
  }
  return without;
}

/** A point of no return is a step that did something; one without actions lets a rollback pass. */
function nothingToTakeBack(c: Compilation, source: UndoSource, pointer: string): Undo {
  const how = 'not a point of no return: it has no actions to undo';
  c.cover(pointer, 'can_rollback: false', 'not-carried-out', how);
  coverUnused(c, source, 'not run: can_rollback is false');
  return { kind: 'nothing' };
}

function testOf(c: Compilation, { test, workContext }: UndoSource): readonly Requirement[] {
  if (test === null) return [];
  const { pointer, text } = test;
  const person = `after the undo: ${workContext.byHand}`;
  return [
    datasetRequirement(c, text, { pointer, at: AT_THE_END, connection: workContext.connection, person }),
  ];
}

function coverUnused(c: Compilation, { work, test }: UndoSource, how: string): void {
  const { commands = [], script = null, sentences = [], manual = [] } = work;
  for (const sentence of [...commands, ...sentences, script, ...manual, test]) {
    if (sentence !== null) c.cover(sentence.pointer, sentence.text, 'not-carried-out', how);
  }
}
