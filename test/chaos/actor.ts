/**
 * The people: whatever a run asks, they look at the ledger and say the truth. Votes go in by update or by signal, and are
 * repeated until the question is closed, since the answer to a vote may be lost in a kill.
 */
import type { Decision } from '../../strategy/run/decision.js';
import type { Purpose, RunEvent } from '../../strategy/run/event.js';
import { FAILING, STEPS } from './cases.js';

export interface Answer {
  readonly option: string;
  readonly by: string;
  readonly reason?: string;
}

/**
 * @param effects what took effect by now
 * @param whim from 0 to 1: where several answers are true, which one is given
 */
export function answerTo(
  decision: Decision,
  events: readonly RunEvent[],
  effects: readonly string[],
  whim: number,
): Answer {
  const by = decision.needs[0]?.role ?? 'actor';
  const latest = latestAction(events, decision.subject);
  const happened = latest !== null && effects.includes(latest.effect);
  switch (decision.kind) {
    case 'approval':
      return { option: 'approve', by };
    case 'unknown-outcome':
      if (decision.options.includes('rollback') && whim < 0.2) return { option: 'rollback', by };
      return { option: happened ? 'happened' : 'did-not-happen', by };
    case 'failure':
      if (decision.subject === FAILING || whim < 0.15) return { option: 'rollback-full', by };
      if (!happened) return { option: 'retry', by };
      // Its work is done although it was killed; what would have followed in the same step is not.
      return latest.last
        ? { option: 'skip', by, reason: 'the ledger has it' }
        : { option: 'rollback-full', by };
    case 'undo-failure':
      return happened ? { option: 'done', by, reason: 'the ledger has it' } : { option: 'retry', by };
    case 'after-rollback':
      return { option: 'rollback-further', by };
    default:
      throw new Error(`Nobody should be asked: ${decision.kind} ${decision.id}: ${decision.question}`);
  }
}

interface LatestAction {
  readonly effect: string;
  readonly purpose: Purpose;
  /** True when no action of the step comes after it. */
  readonly last: boolean;
}

function latestAction(events: readonly RunEvent[], step: string): LatestAction | null {
  for (let at = events.length - 1; at >= 0; at -= 1) {
    const event = events[at];
    if (event?.type !== 'action-finished' || event.step !== step) continue;
    const effect = `${event.purpose} ${step}.${event.index}`;
    const actions = STEPS.find(({ id }) => id === step)?.actions ?? [];
    return { effect, purpose: event.purpose, last: event.purpose === 'undo' || actions.at(-1) === effect };
  }
  return null;
}
