/** The way back of a step. */
import { nonBlank, numbered, type RollbackProcedure, type Step } from '../document.js';
import type { Action, Requirement, Undo } from '../plan.js';
import { below } from '../pointer.js';
import { ActionList, asked, describeRun, scriptAction, sqlActions } from './actions.js';
import { type Compilation, shorten } from './compilation.js';
import { AT_THE_END } from './facts.js';
import { parsePrefix } from './prefix.js';
import { boundCheck, datasetRequirement } from './requirement.js';

/** `acts`: the step has actions, so that there is something to take back. */
export function undoOf(c: Compilation, step: Step, pointer: string, acts: boolean): Undo {
  const procedure = step.rollback_procedure;
  const without: Undo = { kind: acts && step.type !== 'validation' ? 'none' : 'nothing' };
  if (!procedure) return without;
  const at = below(pointer, 'rollback_procedure');
  if (procedure.can_rollback === false) {
    coverUnused(c, procedure, at, 'not run: can_rollback is false, a point of no return');
    return { kind: 'impossible' };
  }
  const actions = undoActions(c, step, procedure, at);
  if (actions.length === 0) {
    coverUnused(c, { rollback_test_id: procedure.rollback_test_id }, at, 'not run: there is no undo to test');
    return without;
  }
  return { kind: 'actions', actions, checks: undoChecks(c, step, procedure, at) };
}

function undoActions(
  c: Compilation,
  step: Step,
  procedure: RollbackProcedure,
  at: string,
): readonly Action[] {
  const script = nonBlank(procedure.rollback_script);
  const connection = nonBlank(step['x-connection']);
  if (script !== null) {
    const pointer = below(at, 'rollback_script');
    const action = scriptAction(c, script, connection, pointer);
    c.cover(pointer, script, 'automated', action === null ? 'script' : `undo: ${describeRun(action)}`);
    for (const { index, text } of numbered(procedure.rollback_steps)) {
      c.cover(below(at, 'rollback_steps', index), text, 'automated', `carried out by ${script}`);
    }
    return action === null ? [] : [action];
  }
  const list = new ActionList();
  for (const { index, text } of numbered(procedure.rollback_steps)) {
    const pointer = below(at, 'rollback_steps', index);
    const found = executable(c, text, connection, pointer);
    if (found === null) {
      c.coverByPerson(pointer, text, `undo by hand: ${asked(step)}`);
      list.add({ kind: 'manual', items: [text] });
    } else {
      c.cover(pointer, text, 'automated', `undo: ${found.how}`);
      for (const action of found.actions) list.add(action);
    }
  }
  return list.actions;
}

/**
 * A sentence that can be carried out: by a prefix, or by a check binding that runs something. Null for prose.
 * A sentence that looks like a command and has no prefix is prose as well: nobody has said that it may be run.
 */
export function executable(
  c: Compilation,
  text: string,
  connection: string | null,
  pointer: string,
): { readonly actions: readonly Action[]; readonly how: string } | null {
  const prefixed = parsePrefix(text);
  if (prefixed?.prefix === 'command') {
    return { actions: [{ kind: 'command', text: prefixed.text }], how: 'shell command' };
  }
  if (prefixed?.prefix === 'sql') {
    const actions = sqlActions(c, prefixed.text, connection, pointer);
    return { actions, how: actions[0] === undefined ? 'SQL' : `SQL on ${actions[0].connection}` };
  }
  if (prefixed !== null) {
    c.report(pointer, {
      code: 'not-an-action',
      message: `"${shorten(text)}" is a check and undoes nothing`,
      advice: 'Use "$ " or "sql: ", or a rollback_script.',
    });
    return null;
  }
  return boundAction(c, text.trim(), pointer);
}

function boundAction(
  c: Compilation,
  text: string,
  pointer: string,
): { readonly actions: readonly Action[]; readonly how: string } | null {
  const bound = boundCheck(c, text);
  if (bound.kind === 'problem') c.report(pointer, bound.finding);
  if (bound.kind !== 'probe') return null;
  const found = c.bindings.checks.find(text);
  if (found.kind !== 'one') return null;
  const { key, value, args } = found.match;
  if (value.action !== null && args.length === 0) return { actions: [value.action], how: bound.how };
  c.report(pointer, {
    code: 'not-an-action',
    message:
      value.action === null
        ? `the binding "${shorten(key)}" is a request and undoes nothing`
        : `the binding "${shorten(key)}" takes parameters, which an action cannot`,
    advice: 'Bind the sentence as it stands to a command, SQL or a script.',
  });
  return null;
}

function undoChecks(
  c: Compilation,
  step: Step,
  procedure: RollbackProcedure,
  at: string,
): readonly Requirement[] {
  const id = nonBlank(procedure.rollback_test_id);
  if (id === null) return [];
  const requirement = datasetRequirement(c, id, {
    pointer: below(at, 'rollback_test_id'),
    at: AT_THE_END,
    connection: nonBlank(step['x-connection']),
    person: `after the undo: ${asked(step)}`,
  });
  return [requirement];
}

function coverUnused(c: Compilation, procedure: RollbackProcedure, at: string, how: string): void {
  for (const { index, text } of numbered(procedure.rollback_steps)) {
    c.cover(below(at, 'rollback_steps', index), text, 'not-carried-out', how);
  }
  for (const key of ['rollback_script', 'rollback_test_id'] as const) {
    const text = nonBlank(procedure[key]);
    if (text !== null) c.cover(below(at, key), text, 'not-carried-out', how);
  }
}
