/** What people read once a vote or command of theirs has been taken, on every face. */
import type { Ballot } from './ballot.js';
import type { Command } from './messages.js';

export function describeVote(run: string, { by, option, decision }: Ballot): string {
  return `${by} voted ${option} on ${decision} of ${run}.`;
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
    case 'amend':
      return `${run} takes plan ${command.plan.hash.slice(0, 12)} once its gates' approvers agree, and is paused. See: sluice status ${run}. Continue it with: sluice resume ${run}`;
    default:
      return command satisfies never;
  }
}
