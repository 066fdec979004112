/** A procedure's actions in their places: a step, its undo and a rollback level are carried out in the same way. */
import type { Action, Procedure } from '../strategy/plan.js';
import type { Effect } from './effects.js';

/** Whose actions they are, and which time they are carried out. */
export type EffectPlace = Pick<Effect, 'subject' | 'phase' | 'purpose' | 'incarnation' | 'covers'>;

/** `actions`: the procedure's own, or those of its undo. */
export function effectsOf(
  { responsible, timeoutMs, retry, idempotent, windows }: Procedure,
  actions: readonly Action[],
  place: EffectPlace,
): readonly Effect[] {
  return actions.map((action, index) => ({
    ...place,
    index,
    action,
    responsible,
    timeoutMs,
    retry,
    idempotent,
    ...(windows === undefined ? {} : { windows }),
  }));
}
