import type { Action, Undo } from '../plan.js';
import { oneLine } from './requirement.js';

/** What an action does, in one line. */
export function describeAction(action: Action): string {
  switch (action.kind) {
    case 'command':
      return `$ ${oneLine(action.text)}`;
    case 'script':
      return `script ${action.path}`;
    case 'sql': {
      const count =
        action.statements.length === 1 ? '' : ` (${action.statements.length} statements, one transaction)`;
      return `SQL on ${action.connection}${count}: ${oneLine(action.statements.join('; '))}`;
    }
    case 'sql-script':
      return `SQL script ${action.path} on ${action.connection}`;
    case 'manual':
      return `by hand: ${action.items.map(oneLine).join('; ')}`;
  }
}

/** The way back of a step, in one line. */
export function describeUndo(undo: Undo): string {
  switch (undo.kind) {
    case 'actions':
      return undo.actions.map(describeAction).join(', then ');
    case 'nothing':
      return 'nothing to undo';
    case 'none':
      return 'no undo of its own: the level covers it, or a person is asked';
    case 'impossible':
      return 'POINT OF NO RETURN: this step cannot be taken back';
  }
}
