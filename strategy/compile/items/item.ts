/** What the compilers of items share. */

import type { Action, Procedure } from '../../plan.js';
import type { Compilation } from '../compilation.js';
import { compileProcedure, type ProcedureSource } from '../procedure.js';
import { compileUndo, type UndoSource } from '../undo.js';
import type { Sentence, WorkSource } from '../work.js';
import type { Item } from './find.js';

/** The step that uses an item: who is asked, when, and within which limits. */
export type Using = Pick<ProcedureSource, 'responsible' | 'person' | 'moment' | 'workContext' | 'limits'>;

/** What a section has fields for. */
export interface ItemSource {
  /** Must hold before the first action of its step. */
  readonly conditions?: readonly Sentence[];
  readonly work: WorkSource;
  /** The step's own actions do some of its work, so there is something to undo. */
  readonly acts?: boolean;
  /** What is done before the work, when something built in does it. */
  readonly actions?: readonly Action[];
  readonly checks?: Partial<ProcedureSource['checks']>;
  readonly undo: Pick<UndoSource, 'allowed' | 'work' | 'test'>;
}

/** Compiles what an item says by the means of every procedure: commands, scripts, bindings, and people. */
export function compileItem(c: Compilation, source: ItemSource, using: Using): Procedure {
  const { connection, byHand } = using.workContext;
  const procedure = compileProcedure(c, {
    ...using,
    conditions: source.conditions ?? [],
    baseline: false,
    work: source.work,
    checks: { script: null, sentences: [], datasets: [], ...source.checks },
    undo: null,
  });
  const actions = [...(source.actions ?? []), ...procedure.actions];
  const workContext = { label: 'undo: ', byHand: `by hand: ${byHand}`, connection };
  const acts = actions.length > 0 || source.acts === true;
  const undo = compileUndo(c, { ...source.undo, workContext, changesThings: true }, acts);
  return { ...procedure, actions, undo };
}

/** Every field of an item that says something, as "field: value"; those of objects inside with their path. */
export function textsOf(fields: object): readonly string[] {
  const texts: string[] = [];
  const visit = (value: unknown, path: string): void => {
    if (Array.isArray(value)) {
      for (const entry of value) visit(entry, path);
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, member] of Object.entries(value)) {
        if (!key.startsWith('x-')) visit(member, path === '' ? key : `${path}.${key}`);
      }
    } else if (value !== null && value !== undefined && String(value).trim() !== '') {
      texts.push(`${path}: ${String(value)}`);
    }
  };
  visit(fields, '');
  return texts;
}

/**
 * An item that nothing here carries out: the step's responsible party does it, with its text as the checklist. `why`: what a
 * reader of the coverage can do about it.
 */
export function askItem(
  c: Compilation,
  { id, kind, pointer, fields }: Item,
  using: Using,
  why: string | null = null,
): Procedure {
  const text = `${kind} ${id}`;
  const byHand = `by hand: ${using.workContext.byHand}`;
  c.coverByPerson(pointer, text, why === null ? byHand : `${byHand} (${why})`);
  const actions: readonly Action[] = [{ kind: 'manual', items: [text, ...textsOf(fields)] }];
  return compileItem(c, { work: {}, actions, undo: { allowed: null, work: {}, test: null } }, using);
}
