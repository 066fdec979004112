/** Commands, SQL and scripts as actions. */
import type { Action, SqlAction } from '../plan.js';
import { readCommandLine } from './command-line.js';
import type { Compilation } from './compilation.js';
import { shorten } from './reporter.js';
import { controlsTransaction, needsOwnTransaction, splitStatements } from './sql.js';

/** One entry of `commands`: SQL or a line for the shell. Reports what it cannot be. */
export function commandActions(
  c: Compilation,
  text: string,
  connection: string | null,
  pointer: string,
): readonly Action[] {
  const line = readCommandLine(c, text);
  switch (line.kind) {
    case 'refused':
      c.report(pointer, line.finding);
      c.cover(pointer, text, 'not-carried-out', 'neither SQL nor a shell command');
      return [];
    case 'sql': {
      const actions = sqlActions(c, line.text, connection, pointer);
      const on = actions.map((action) => action.connection)[0];
      c.cover(pointer, text, 'automated', on === undefined ? 'SQL' : `SQL on ${on}`);
      return actions;
    }
    case 'shell':
      if (line.doubt !== null) c.report(pointer, line.doubt);
      c.cover(pointer, text, 'automated', 'shell command');
      return [{ kind: 'command', text: line.text }];
  }
}

/** The statements of a text that the parser accepts as SQL actions; none when no connection can be chosen. */
export function sqlActions(
  c: Compilation,
  text: string,
  wanted: string | null,
  pointer: string,
): readonly (SqlAction & { readonly kind: 'sql' })[] {
  const connection = c.bindings.connections.choose(wanted, pointer, c.reporter);
  if (connection === null) return [];
  const statements = splitStatements(text);
  const control = statements.find(controlsTransaction);
  if (control !== undefined) {
    c.report(pointer, {
      code: 'transaction-control',
      message: `"${shorten(control)}" would end the transaction that guarantees that the step runs exactly once`,
      advice: "Remove it: the consecutive statements of a step commit together with sluice's journal row.",
    });
    return [];
  }
  return statements.map((statement) => ({ kind: 'sql', statements: [statement], connection }));
}

type ScriptAction = Extract<Action, { readonly path: string }>;

/** A script as an action; null after reporting why it cannot be run. */
export function scriptAction(
  c: Compilation,
  written: string,
  wanted: string | null,
  pointer: string,
): ScriptAction | null {
  const script = c.scripts.find(written);
  if (script.kind === 'problem') {
    c.report(pointer, script.finding);
    return null;
  }
  if (script.kind === 'program') return { kind: 'script', ...script.file };
  const connection = c.bindings.connections.choose(wanted, pointer, c.reporter);
  return connection === null ? null : { kind: 'sql-script', ...script.file, connection };
}

/** Actions in order, in which statements that follow each other on one connection commit together. */
export class ActionList {
  readonly actions: Action[] = [];

  add(action: Action): void {
    const last = this.actions.at(-1);
    if (action.kind === 'manual' && last?.kind === 'manual') {
      this.actions[this.actions.length - 1] = { kind: 'manual', items: [...last.items, ...action.items] };
    } else if (action.kind === 'sql' && last?.kind === 'sql' && joins(last, action)) {
      const statements = [...last.statements, ...action.statements];
      this.actions[this.actions.length - 1] = { ...last, statements };
    } else {
      this.actions.push(action);
    }
  }
}

type Statements = SqlAction & { readonly kind: 'sql' };

/** Statements that were joined before need no transaction of their own, so that looking at the first one is enough. */
function joins(last: Statements, next: Statements): boolean {
  return (
    last.connection === next.connection &&
    ![...last.statements.slice(0, 1), ...next.statements].some((statement) => needsOwnTransaction(statement))
  );
}
