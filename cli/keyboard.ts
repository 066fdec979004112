/** The voice of the person at the keyboard of `run`. */
import { electorateOf, type Plan, type Sluice, SluiceError } from '../client/index.js';
import type { Prompts } from './follow-live.js';
import { ask } from './show/ask.js';
import { type Actor, possibleVoters } from './show/voter.js';
import type { Terminal } from './terminal.js';

export function keyboard(
  client: Sluice,
  run: string,
  plan: Plan,
  sitter: Actor,
  terminal: Terminal,
): Prompts {
  return {
    seats: (decision, view) => possibleVoters(decision, sitter, electorateOf(plan, view.submittedBy)),
    ask: (decision, seats, signal) => ask(decision, seats, terminal, signal),
    async answer(decision, { seat, option, reason }) {
      try {
        await client.decide(run, {
          decision: decision.id,
          option,
          reason,
          planHash: decision.planHash,
          ...seat,
        });
        return null;
      } catch (error) {
        if (error instanceof SluiceError && error.code === 'refused') return error.message;
        throw error;
      }
    },
  };
}
