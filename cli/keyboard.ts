/** Asks the person at the keyboard of `run` the decisions that they may answer. */
import { type ErrorCode, SluiceError } from '../client/error.js';
import { findKey } from '../client/keys.js';
import type { Sluice } from '../client/sluice.js';
import type { Plan } from '../strategy/plan.js';
import { electorateOf } from '../strategy/run/electorate.js';
import { type Actor, possibleVoters } from '../strategy/run/voters.js';
import type { Prompter } from './follow-live.js';
import { ask } from './show/ask.js';
import type { Terminal } from './terminal.js';

/** A vote that did not count: the decision is still open, and the person is asked again. */
const REFUSED: readonly ErrorCode[] = ['refused', 'key'];

export function keyboard(
  client: Sluice,
  run: string,
  plan: Plan,
  actor: Actor,
  terminal: Terminal,
): Prompter {
  return {
    voters: (decision, view) =>
      possibleVoters(decision, actor, electorateOf(plan, view.submittedBy), terminal.now()),
    ask: (decision, voters, signal) => ask(decision, voters, terminal, signal),
    async answer(decision, { voter: { by, role, onBehalfOf }, option, reason }) {
      const { id, planHash, evidenceHash, recordHead } = decision;
      try {
        await client.decide(
          run,
          { decision: id, option, by, role, onBehalfOf, reason, planHash, evidenceHash, recordHead },
          { key: (identity) => findKey(client.home, identity) },
        );
        return null;
      } catch (error) {
        if (error instanceof SluiceError && REFUSED.includes(error.code))
          return [error.message, error.advice].filter((text) => text !== null).join(' ');
        throw error;
      }
    },
  };
}
