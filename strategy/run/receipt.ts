/** What people read once a vote or command of theirs has been taken, on every face. */
import type { Ballot } from './ballot.js';
import type { Command } from './messages.js';
import { nameOf } from './voted.js';
import { describeRate } from './wording.js';

export function describeVote(run: string, { by, option, decision, onBehalfOf }: Ballot): string {
  return `${nameOf({ by, ...(onBehalfOf === undefined ? {} : { onBehalfOf }) })} voted ${option} on ${decision} of ${run}.`;
}

export function describeCommand(run: string, command: Command): string {
  switch (command.command) {
    case 'pause':
      return `${run} pauses before its next action. Continue it with: sluice resume ${run}`;
    case 'resume':
      return `${run} continues.`;
    case 'abort':
      return `${run} stops and keeps what is applied; during a rollback, after the undo under way. See: sluice status ${run}`;
    case 'rollback':
      return `${run} rolls back to ${command.to}. Watch: sluice status ${run} --watch`;
    case 'claim':
    case 'take-over':
      return `${command.by} is on ${command.decision} of ${run}. Others may still vote on it.`;
    case 'release':
      return `Nobody is on ${command.decision} of ${run} any more.`;
    case 'throttle':
      return `${command.step} of ${run} goes on at ${describeRate(command.ratePerSecond)} from its next batch on.`;
    case 'amend':
      return `${run} takes plan ${command.plan.hash.slice(0, 12)} once its gates' approvers agree, and is paused. See: sluice status ${run}. Continue it with: sluice resume ${run}`;
    default:
      return command satisfies never;
  }
}
