/** Commands of people: whether a command counts, and what it changes. The rest of the workflow acts on it. */
import { CancellationScope } from '@temporalio/workflow';
import type { Authority } from '../strategy/plan.js';
import { type ClaimCommand, isClaim, refusalOfClaim } from '../strategy/run/claim.js';
import { refusalOfAuthority } from '../strategy/run/electorate.js';
import type { Signed } from '../strategy/run/event.js';
import { levelOfLanding, stepsAfter } from '../strategy/run/ladder.js';
import type { Command, RollbackCommand, ThrottleCommand } from '../strategy/run/messages.js';
import { refusalOfAmendment, requestAmendment } from './amend.js';
import { Interrupted } from './failure-types.js';
import { askForCommand, commandApproves } from './levels.js';
import type { Run, StoppingCommand } from './run.js';
import { refusalOfThrottle } from './throttle.js';

/** Why this command changes nothing; null when it counts. */
export function refusalOfCommand(run: Run, command: Command): string | null {
  if (run.ended) return `This run has ended (${run.view.status}).`;
  if (isClaim(command)) return refusalOfClaim(command, run.view.decisions, run.electorate, new Date());
  const unauthorized = refusalOfAuthority(run.electorate, authorityFor(command), command.by, command.groups);
  if (unauthorized !== null) return unauthorized;
  switch (command.command) {
    case 'pause':
      return run.view.pausedBy === null ? null : `This run is already paused by ${run.view.pausedBy}.`;
    case 'resume':
      return run.view.pausedBy === null ? 'This run is not paused.' : null;
    case 'abort':
      return null;
    case 'rollback':
      return refusalOfRollback(run, command.to);
    case 'throttle':
      return refusalOfThrottle(run, command.step);
    case 'amend':
      return refusalOfAmendment(run, command.plan);
    default:
      return command satisfies never;
  }
}

/** Changes the run as the command says. `proof`: the command as its sender signed it, once that is verified. */
export function applyCommand(run: Run, command: Exclude<Command, ThrottleCommand>, proof: Signed = {}): void {
  const reason = command.reason ?? null;
  switch (command.command) {
    case 'pause':
      run.emit({ type: 'paused', by: command.by, reason, ...proof });
      break;
    case 'resume':
      run.emit({ type: 'resumed', by: command.by, reason, ...proof });
      break;
    case 'abort':
      run.emit({ type: 'command-accepted', command: 'abort', by: command.by, to: null, reason, ...proof });
      // The second one does not wait for the undo under way.
      if (run.command?.command === 'abort') run.force();
      stopAtOnce(run, command);
      break;
    case 'rollback':
      run.emit({
        type: 'command-accepted',
        command: 'rollback',
        by: command.by,
        to: command.to,
        reason,
        ...proof,
      });
      if (commandApproves(run, levelOfLanding(command.to, run.view.phases), command.by))
        stopAtOnce(run, command);
      else void CancellationScope.nonCancellable(() => onceApproved(run, command));
      break;
    case 'claim':
    case 'take-over': {
      const { by, decision } = command;
      const from = run.view.decisions.find(({ id }) => id === decision)?.claimedBy ?? null;
      run.emit({ type: 'decision-claimed', decision, by, from, reason, ...proof });
      break;
    }
    case 'release': {
      const { by, decision } = command;
      run.emit({ type: 'decision-released', decision, by, reason, ...proof });
      break;
    }
    case 'amend':
      requestAmendment(run, command, proof);
      break;
    default:
      command satisfies never;
  }
}

function authorityFor({ command }: Exclude<Command, ClaimCommand>): keyof Authority {
  return command === 'resume' || command === 'amend' || command === 'throttle' ? 'pause' : command;
}

function refusalOfRollback(run: Run, to: string): string | null {
  const { view } = run;
  const places = stepsAfter(to, view.phases);
  if (places === null) {
    return `This strategy has no phase or step "${to}". Name a phase, a step, or "start".`;
  }
  if (run.awaitsApproval) return 'A rollback is already waiting for approval. Answer that decision first.';
  if (
    view.rollback !== null &&
    (stepsAfter(view.rollback.landing, view.phases)?.length ?? 0) >= places.length
  ) {
    return `A rollback to ${view.rollback.landing} is already under way, which undoes as much or more.`;
  }
  const begun = new Set(
    view.phases.flatMap((phase) =>
      phase.steps.filter(({ status }) => status !== 'pending').map(({ id }) => id),
    ),
  );
  return places.some(({ step }) => begun.has(step))
    ? null
    : `Nothing after "${to}" has started, so there is nothing to roll back.`;
}

/**
 * The run is paused while the decision makers are asked: nothing more begins, and nothing that is under way or open is
 * lost when they say no. It then stays paused until somebody resumes it.
 */
async function onceApproved(run: Run, command: RollbackCommand): Promise<void> {
  const { by, to } = command;
  run.awaitsApproval = true;
  if (run.view.pausedBy === null) {
    run.emit({ type: 'paused', by, reason: `a rollback to ${to} waits for approval` });
  }
  try {
    const answer = await askForCommand(run, levelOfLanding(to, run.view.phases), command);
    run.awaitsApproval = false;
    // While they were asked, the run may have gone back by itself.
    if (answer?.option === 'approve' && refusalOfRollback(run, to) === null) stopAtOnce(run, command);
  } catch (error) {
    // Another command came first, or the run has ended.
    if (!(error instanceof Interrupted)) throw error;
  } finally {
    run.awaitsApproval = false;
  }
}

/** A command to go back or stop resumes a paused run: the way back does not wait for a second person. */
function stopAtOnce(run: Run, command: StoppingCommand): void {
  if (run.view.pausedBy !== null) {
    run.emit({ type: 'resumed', by: command.by, reason: `requested: ${command.command}` });
  }
  run.requestStop(command);
}
