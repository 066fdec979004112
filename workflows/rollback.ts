/**
 * The way back. What was applied is undone in strict reverse order, down to a landing; then people decide how to continue.
 * A rollback is never rolled back, and nothing but a person's command stops it.
 */
import type { Level } from '../strategy/plan.js';
import { landingOf, levelOfLanding, stepsAfter } from '../strategy/run/ladder.js';
import type { RollbackView, StepStatus } from '../strategy/run/view.js';
import { describeApplied } from '../strategy/run/wording.js';
import { amend } from './amend.js';
import { unlessForced } from './attempt.js';
import { ask, needOf } from './decisions.js';
import type { Failure } from './failure-types.js';
import { approved, levelOf } from './levels.js';
import { mayRollBackThrough } from './point-of-no-return.js';
import { continueRunAsNew, isTimeToCut } from './record.js';
import type { Run, StoppingCommand } from './run.js';
import { coveredByLevel, settleLevel, undoCovered, undoStep } from './undo.js';

/** Why and how far to roll back. */
export interface Rollback {
  readonly level: Level;
  readonly cause: string;
  /** The failure that asked for it; null when a person requested it. */
  readonly failure: Failure | null;
  /** Who requested it; null when the strategy did. */
  readonly by: string | null;
  /** Where to stop; the level's own landing when left out. */
  readonly landing?: string;
}

/** Rolls back, and on up the ladder as people (or `--on-failure full`) decide. */
export async function rollBack(run: Run, rollback: Rollback): Promise<void> {
  const { level, cause, failure, by } = rollback;
  const at = { phase: failure?.phase ?? null, step: failure?.kind === 'step' ? failure.subject : null };
  const landing = rollback.landing ?? landingOf(level, at, run.view.phases);
  startNext(run, { level, landing, cause, by });
  await resumeRollback(run);
}

/** Resumes the rollback under way, if any. */
export async function resumeRollback(run: Run): Promise<void> {
  while (run.view.rollback !== null) {
    const rollback = run.view.rollback;
    const { level, landing } = rollback;
    const undone = await undoStepsAfter(run, level, landing);
    const complete = undone && (await settleLevel(run, level));
    // Stopped at the level's checks, it has still landed where it was to.
    const landed = undone ? landing : lastStanding(run);
    run.emit({
      type: 'rollback-finished',
      landing: landed,
      number: rollback.number,
      reason: complete ? `Everything after ${landing} is undone.` : 'The rollback was stopped.',
    });
    await afterwards(run, rollback, landed, complete);
  }
}

/** Acts on a command that stopped what was under way. */
export async function execute(run: Run, command: StoppingCommand): Promise<void> {
  const why = command.reason === undefined ? '' : `: ${command.reason}`;
  switch (command.command) {
    case 'abort':
      run.end('aborted', `Aborted by ${command.by}${why}. ${describeApplied(run.view)}`);
      break;
    case 'rollback':
      await rollBack(run, {
        level: levelOfLanding(command.to, run.view.phases),
        cause: `requested by ${command.by}${why}`,
        failure: null,
        by: command.by,
        landing: command.to,
      });
      break;
    case 'amend':
      await amend(run, command);
      break;
    default:
      command satisfies never;
  }
}

const UNDONE: ReadonlySet<StepStatus> = new Set(['pending', 'rolled_back', 'rollback_failed']);

/**
 * Undoes every step after the landing, last first. The level's actions run once, when the oldest step they cover is the
 * next: whatever is newer than that and has an undo of its own is undone before. False when a person stopped it.
 */
async function undoStepsAfter(run: Run, level: Level, landing: string): Promise<boolean> {
  let entered: string | null = null;
  const places = stepsAfter(landing, run.view.phases) ?? [];
  const covered = coveredByLevel(run, level, places);
  for (const place of places) {
    if (UNDONE.has(run.stepView(place.phase, place.step).status)) continue;
    if (isTimeToCut(run)) await continueRunAsNew(run);
    await run.notPaused();
    if (place.phase !== entered && !(await mayRollBackThrough(run, level, place.phase))) return false;
    entered = place.phase;
    const byLevel = covered.includes(place);
    if (byLevel && place !== covered.at(-1)) continue;
    const undone = await unlessForced(run, () =>
      byLevel ? undoCovered(run, level, covered) : undoStep(run, place),
    );
    if (undone === null) {
      const reason = 'Its undo was cancelled: abort was requested twice.';
      for (const cancelled of byLevel ? covered : [place]) {
        run.emit({ type: 'undo-failed', ...cancelled, reason });
      }
      run.checkCommands();
    }
    if (undone !== true) return false;
  }
  return true;
}

async function afterwards(
  run: Run,
  { level, cause, by }: RollbackView,
  landing: string,
  complete: boolean,
): Promise<void> {
  const further = furtherThan(run, landing);
  if (run.view.applied.length === 0 && complete) {
    run.end('rolled_back', `Rolled back to the start: ${cause}`, 'start');
    return;
  }
  if (further === null || (level === 'full' && !complete)) {
    run.end('failed', `Rolled back, but not everything: ${cause} ${describeApplied(run.view)}`, landing);
    return;
  }
  // Who chose how far to go back gets no further than that by itself.
  if (run.view.onFailure === 'full' && complete && by === null) {
    startNext(run, { level: 'full', landing: 'start', cause, by });
    return;
  }
  for (;;) {
    const answer = await ask(run, {
      kind: 'after-rollback',
      subject: landing,
      question: complete
        ? `Rolled back to ${landing} (${cause}). Run it again from there, roll back further (to ${further.landing}), or end here?`
        : `The rollback stopped at ${landing} (${cause}). Roll back further (to ${further.landing}), or end here?`,
      options: complete ? ['retry', 'rollback-further', 'end'] : ['rollback-further', 'end'],
      needs: needOf(levelOf(run, level)?.responsible ?? null),
    });
    if (answer.option === 'retry') {
      run.emit({ type: 'returned', landing, by: answer.by });
      return;
    }
    if (answer.option === 'end') {
      run.end(
        complete ? 'rolled_back' : 'failed',
        `Ended at ${landing} by ${answer.by} after: ${cause} ${describeApplied(run.view)}`,
        landing,
      );
      return;
    }
    if (await approved(run, further.level, cause)) {
      startNext(run, { ...further, cause, by: answer.by });
      return;
    }
  }
}

function startNext(run: Run, next: Omit<RollbackView, 'number'>): void {
  run.rollbacks += 1;
  run.emit({ type: 'rollback-started', number: run.rollbacks, ...next });
}

/** The next rung: from within a phase to before it, from between phases to the start. */
function furtherThan(run: Run, landing: string): { level: Level; landing: string } | null {
  if (landing === 'start') return null;
  const phase = run.view.phases.find(({ steps }) => steps.some(({ id }) => id === landing));
  if (phase === undefined) return { level: 'full', landing: 'start' };
  return { level: 'phase', landing: landingOf('phase', { phase: phase.id, step: null }, run.view.phases) };
}

/** The last step that still stands, where a stopped rollback has landed. */
function lastStanding(run: Run): string {
  return run.view.applied.at(-1) ?? 'start';
}
