import { describeAction } from '../kinds/effects/index.js';
import type { Undo } from '../plan.js';
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
      return 'POINT OF NO RETURN: this step cannot be undone';
  }
}
