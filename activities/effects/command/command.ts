/**
 * Runs a command exactly once. All that is known of it lies in its job folder (see job.ts), and every attempt begins by
 * looking there:
 *
 *   unclaimed -> start a supervisor        claimed, running -> wait for it (or end it: stopped, timed out)
 *   ended -> its result                    lost -> unknown: it began, and nobody saw how it ended
 *   void -> nothing was run, and why
 */
import { titleOf } from '../../../strategy/kinds/effects/index.js';
import { jobFolder } from '../../../strategy/layout.js';
import type { CommandAction } from '../../../strategy/plan.js';
import { interruption, pause, resumeDetails, withHeartbeat, workerLeft } from '../../attempt.js';
import type { EffectJob, EffectOutcome } from '../../contract.js';
import { type Dependencies, limitsOf } from '../../dependencies.js';
import { environmentOf } from '../../environment.js';
import { point } from '../../fault-points.js';
import { anyIsAlive, endGroup, kill } from '../../processes.js';
import { codeOf, programOf, Refusal } from '../../program.js';
import { redact } from '../../redact.js';
import { secretForms, UnresolvedReference } from '../../secrets.js';
import { tailOf } from '../../tail.js';
import { causeOfExit, durationText } from '../../wording.js';
import {
  createJob,
  type ExitRecord,
  type JobState,
  outputFile,
  readJob,
  type SupervisorRequest,
  voidJob,
} from './job.js';
import { startSupervisor } from './spawn.js';

/** How often a supervisor that dies before it claims the job is replaced. */
const STARTS = 5;
/** How long a supervisor gets to write down the end of a command that was ended. */
const WRITE_DOWN_MS = 3_000;

/** What an attempt leaves in its heartbeats, for an attempt that finds no job folder at all. */
interface Resume {
  readonly begun: boolean;
}

/**
 * Runs `job.action` and answers with what became of it; `timeoutMs` counts from the start, across restarts of the
 * worker. Throws only when the attempt has to be left to the next one.
 */
export async function runCommand(
  dependencies: Dependencies,
  job: EffectJob<CommandAction>,
): Promise<EffectOutcome> {
  const folder = jobFolder(dependencies.home, job.context.run, job.context.execution, job.key);
  const lostWithItsHost = hasBegun(resumeDetails());
  let begun = lostWithItsHost;
  return withHeartbeat(
    async () => {
      const outcome = await attend(dependencies, job, folder, {
        lostWithItsHost,
        began: () => {
          begun = true;
        },
      });
      point('before-return');
      return outcome;
    },
    () => ({ resume: { begun } satisfies Resume }),
  );
}

interface Course {
  readonly lostWithItsHost: boolean;
  readonly began: () => void;
}

async function attend(
  dependencies: Dependencies,
  job: EffectJob<CommandAction>,
  folder: string,
  course: Course,
): Promise<EffectOutcome> {
  let starts = 0;
  let waitMs = 5;
  const remains = patienceWithRemains(folder, limitsOf(dependencies).remainsMs);
  for (;;) {
    const state = readJob(folder);
    if (state.state !== 'unclaimed') course.began();
    if (interruption() === 'leave') throw workerLeft();
    switch (state.state) {
      case 'ended':
        return outcomeOfExit(job, folder, state.exit, state.since);
      case 'void':
        return nothingRun(state.cause);
      case 'lost':
        return unknown(folder, state.since);
      case 'unclaimed': {
        if (state.claim === 1 && course.lostWithItsHost) return unknown(folder, Date.now());
        const cause = await begin(dependencies, job, folder, state.claim, starts);
        starts += 1;
        if (cause !== null && declareVoid(folder, state.claim, cause)) return nothingRun(cause);
        break;
      }
      case 'claimed':
      case 'running': {
        const outcome = (await endIfDue(dependencies, job, folder, state)) ?? remains(state);
        if (outcome !== null) return outcome;
        // Short at first, since most commands are; a long one is not asked more than five times a second.
        await pause(waitMs);
        waitMs = Math.min(waitMs * 1.3, 200);
        break;
      }
      default:
        return state satisfies never;
    }
  }
}

/** Null when the job may have begun; else why nothing is run. */
async function begin(
  dependencies: Dependencies,
  job: EffectJob<CommandAction>,
  folder: string,
  claim: number,
  starts: number,
): Promise<string | null> {
  if (interruption() === 'stop') return 'stopped: it had not begun.';
  if (starts >= STARTS)
    return `Nothing was run: its supervisor was ended ${STARTS} times before it could begin.`;
  return start(dependencies, job, folder, claim);
}

/** Ends the command when the run wants that or its time is up; null when the job is to be looked at again. */
async function endIfDue(
  dependencies: Dependencies,
  job: EffectJob<CommandAction>,
  folder: string,
  state: Extract<JobState, { state: 'claimed' | 'running' }>,
): Promise<EffectOutcome | null> {
  const late = Date.now() >= state.since + job.timeoutMs;
  const why = interruption() === 'stop' ? 'stopped: the run ended it.' : late ? timeoutCause(job) : null;
  return why === null ? null : end(state, folder, why, limitsOf(dependencies).killGraceMs);
}

/** Starts a supervisor. Null when one has the job now, or ours was killed; else why nothing can be run. */
async function start(
  dependencies: Dependencies,
  job: EffectJob<CommandAction>,
  folder: string,
  claim: number,
): Promise<string | null> {
  const { context, action, key, timeoutMs } = job;
  let order: SupervisorRequest;
  try {
    order = {
      folder,
      claim,
      argv: await programOf(action, context.workspace),
      cwd: context.workspace,
      env: await environmentOf(context, dependencies.env, key),
      redact: await secretForms(context, dependencies.env),
    };
  } catch (error) {
    if (error instanceof Refusal || error instanceof UnresolvedReference) return error.message;
    throw error;
  }
  try {
    point('before-job-folder');
    createJob(folder, {
      run: context.run,
      ...key,
      what: titleOf(action),
      workspace: context.workspace,
      timeoutMs,
    });
    point('after-job-folder');
  } catch (error) {
    return noRoom(folder, error);
  }
  const ended = await startSupervisor(order);
  // Killed: somebody may try again. Refused: it said why.
  if (ended === null || ended === 'killed') return null;
  return redact(order.redact, noRoom(folder, new Error(ended)));
}

function noRoom(folder: string, error: unknown): string {
  const why = error instanceof Error ? error.message : String(error);
  const advice = /ENOSPC|EDQUOT/.test(why)
    ? 'The disk is full: make room'
    : /EACCES|EPERM|EROFS/.test(why)
      ? 'Let the user of the worker write there'
      : 'Mend that';
  return `Nothing was run: the job folder ${folder} cannot be written (${why}). ${advice}, and retry.`;
}

/** True when it is certain that nobody will run the job. */
function declareVoid(folder: string, claim: number, cause: string): boolean {
  try {
    return voidJob(folder, claim, cause);
  } catch (error) {
    // No folder can be made: nobody else can make one either, and the cause at hand tells more than this error.
    if (['ENOSPC', 'EDQUOT', 'EACCES', 'EPERM', 'EROFS', 'ENOTDIR'].includes(codeOf(error))) return true;
    throw error;
  }
}

function timeoutCause(job: EffectJob<CommandAction>): string {
  return `It timed out after ${durationText(job.timeoutMs)} and was ended, with all its processes. Give the step a longer x-timeout, or find out what it waited for.`;
}

/** Ends a command with its whole group. Null when the job must be looked at again, since it had not begun. */
async function end(
  state: Extract<JobState, { state: 'claimed' | 'running' }>,
  folder: string,
  why: string,
  graceMs: number,
): Promise<EffectOutcome | null> {
  if (state.state === 'claimed') {
    kill(state.supervisor);
    await pause(5);
    return null;
  }
  if (anyIsAlive(state.command)) await endGroup(state.command.pid, graceMs);
  const deadline = Date.now() + WRITE_DOWN_MS;
  for (;;) {
    const after = readJob(folder);
    if (after.state !== 'running' || Date.now() >= deadline) {
      const exitCode = after.state === 'ended' ? after.exit.exitCode : null;
      return {
        outcome: 'failed',
        cause: why,
        exitCode,
        durationMs: Date.now() - state.since,
        output: tailOf(outputFile(folder)),
      };
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function outcomeOfExit(
  job: EffectJob<CommandAction>,
  folder: string,
  exit: ExitRecord,
  since: number,
): EffectOutcome {
  const durationMs = Math.max(0, exit.at - since);
  const lost = exit.outputLost === null ? '' : `\n[a part of the output is missing: ${exit.outputLost}]`;
  const output = tailOf(outputFile(folder)) + lost;
  const { exitCode } = exit;
  if (exit.notStarted !== null) return { ...nothingRun(`Nothing was run: ${exit.notStarted}`), durationMs };
  if (exitCode === 0) return { outcome: 'done', exitCode, durationMs, output };
  const late = exit.signal !== null && exit.at >= since + job.timeoutMs;
  const cause = late ? timeoutCause(job) : causeOfExit(titleOf(job.action), exit);
  return { outcome: 'failed', cause, exitCode, durationMs, output };
}

function nothingRun(cause: string): Extract<EffectOutcome, { outcome: 'failed' }> {
  return { outcome: 'failed', cause, exitCode: null, durationMs: 0, output: '' };
}

/** Waits for what a lost command left behind. A service that was to stay looks the same, so not for ever. */
function patienceWithRemains(folder: string, limitMs: number): (state: JobState) => EffectOutcome | null {
  let seen: number | null = null;
  return (state) => {
    if (state.state !== 'running' || !state.remains) return null;
    seen ??= Date.now();
    if (Date.now() - seen < limitMs) return null;
    const { pid } = state.command;
    return unknown(
      folder,
      state.since,
      `Processes that it started still run (process group ${pid}): if they are not meant to stay, end them first. `,
    );
  };
}

function unknown(folder: string, since: number, remains = ''): EffectOutcome {
  const cause = `It began, and nobody saw how it ended: its supervisor was ended, or the machine was lost. ${remains}Look at what it was to change, then say whether it happened.`;
  return {
    outcome: 'unknown',
    cause,
    durationMs: Math.max(0, Date.now() - since),
    output: tailOf(outputFile(folder)),
  };
}

function hasBegun(details: unknown): boolean {
  return typeof details === 'object' && details !== null && 'begun' in details && details.begun === true;
}
