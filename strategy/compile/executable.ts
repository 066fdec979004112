/** Sentences that a prefix or a binding makes executable. */
import type { Action } from '../plan.js';
import { sqlActions } from './actions.js';
import type { Compilation } from './compilation.js';
import { parsePrefix } from './prefix.js';
import { shorten } from './reporter.js';
import { boundCheck } from './requirement.js';
import { badSql } from './sql.js';

export interface Executable {
  readonly actions: readonly Action[];
  /** What runs it, in a few words. */
  readonly how: string;
}

/**
 * A sentence that can be carried out: by a prefix, or by a check binding that runs something. Null for prose.
 * A sentence that looks like a command and has no prefix is prose as well: its author did not mark it as one.
 */
export function executable(
  c: Compilation,
  text: string,
  connection: string | null,
  pointer: string,
): Executable | null {
  const prefixed = parsePrefix(text);
  if (prefixed?.prefix === 'command') {
    return { actions: [{ kind: 'command', text: prefixed.text }], how: 'shell command' };
  }
  if (prefixed?.prefix === 'sql') {
    const complaint = c.surroundings.sqlError(prefixed.text);
    if (complaint !== null) {
      c.report(pointer, badSql(complaint));
      return { actions: [], how: 'SQL' };
    }
    const actions = sqlActions(c, prefixed.text, connection, pointer);
    return { actions, how: actions[0] === undefined ? 'SQL' : `SQL on ${actions[0].connection}` };
  }
  if (prefixed !== null) {
    c.report(pointer, {
      code: 'not-an-action',
      message: `"${shorten(text)}" is a check and changes nothing`,
      advice: 'Use "$ " or "sql: ", or a script.',
    });
    return null;
  }
  return boundAction(c, text.trim(), pointer);
}

/** Whether `executable` would run a sentence; reports nothing. */
export function isExecutable(c: Compilation, text: string): boolean {
  const prefix = parsePrefix(text)?.prefix;
  return prefix === undefined
    ? boundCheck(c, text.trim()).kind === 'probe'
    : prefix === 'command' || prefix === 'sql';
}

function boundAction(c: Compilation, text: string, pointer: string): Executable | null {
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
        ? `the binding "${shorten(key)}" is a request and changes nothing`
        : `the binding "${shorten(key)}" takes parameters, which actions do not support`,
    advice: 'Bind the exact sentence to a command, SQL or a script.',
  });
  return null;
}
