/**
 * Runs a command exactly once. All that is known of it lies in its job folder (see job.ts), and every attempt begins by
 * looking there:
 *
 *   unclaimed -> hand it to the supervisor  claimed, running -> wait for it (or end it: stopped, timed out)
 *   ended -> its result                     lost -> unknown: it began, and nobody saw how it ended
 *   void -> nothing was run, and why
 */
import { jobFolder } from '../../../strategy/layout.js';
import type { CommandAction } from '../../../strategy/plan.js';
import type { HeartbeatReport } from '../../../strategy/run/progress.js';
import { interruption, pause, resumeDetails, withHeartbeat, workerLeft } from '../../attempt.js';
import type { EffectJob, EffectOutcome } from '../../contract.js';
import { type Dependencies, limitsOf } from '../../dependencies.js';
import { point } from '../../fault-points.js';
import { anyIsAlive, endGroup } from '../../processes.js';
import { lastLine, tailOf } from '../../tail.js';
import { begin, declareVoid } from './begin.js';
import { type JobState, outputFile, readJob, voidClaim } from './job.js';
import { nothingRun, outcomeOfExit, timeoutCause, unknown } from './outcome.js';

/** How long a supervisor gets to write down the end of a command that was ended. */
const WRITE_DOWN_MS = 3_000;

/** Characters of the last line of output that a heartbeat carries. */
const LINE_SHOWN = 160;

/** What an attempt leaves in its heartbeats, for an attempt that finds no job folder at all. */
interface Resume {
  readonly begun: boolean;
}

/**
 * Runs `job.action` and answers with what became of it; `timeoutMs` counts from the start, across restarts of the
 * worker. Throws only when the next attempt must do it.
 */
export async function runCommand(
  dependencies: Dependencies,
  job: EffectJob<CommandAction>,
): Promise<EffectOutcome> {
  const folder = jobFolder(dependencies.home, job.context.run, job.context.execution, job.key);
  const lostWithItsHost = hasBegun(resumeDetails());
  let begun = lostWithItsHost;
  let since: number | null = null;
  return withHeartbeat(
    async () => {
      const outcome = await attend(dependencies, job, folder, {
        lostWithItsHost,
        began: () => {
          begun = true;
        },
        runsSince: (ms) => {
          since = ms;
        },
      });
      point('before-return');
      return outcome;
    },
    () => ({ resume: { begun } satisfies Resume, report: reportOf(job.key.subject, since, folder) }),
  );
}

/** For people while it runs: how long it has been running, and the last line that it printed. */
function reportOf(step: string, since: number | null, folder: string): HeartbeatReport {
  if (since === null) return { step, progress: null, samples: [] };
  const seconds = Math.max(0, Math.floor((Date.now() - since) / 1000));
  const line = lastLineOf(folder);
  const progress = {
    done: seconds,
    total: null,
    unit: 'seconds',
    ratePerSecond: null,
    since: new Date(since).toISOString(),
    endsAt: null,
    sentence: line === '' ? 'no output yet' : `latest output: ${line}`,
  };
  return { step, progress, samples: [] };
}

/** Empty when the file cannot be read now: a heartbeat must go out whatever the disk says. */
function lastLineOf(folder: string): string {
  try {
    return lastLine(tailOf(outputFile(folder)), LINE_SHOWN);
  } catch {
    return '';
  }
}

interface Course {
  readonly lostWithItsHost: boolean;
  readonly began: () => void;
  /** Told the start of the command (milliseconds since 1970), across restarts of the worker. */
  readonly runsSince: (ms: number) => void;
}

async function attend(
  dependencies: Dependencies,
  job: EffectJob<CommandAction>,
  folder: string,
  course: Course,
): Promise<EffectOutcome> {
  let handovers = 0;
  const wait = new Wait();
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
        const begun = await begin(dependencies, job, folder, state.claim, handovers);
        handovers += 1;
        if ('ended' in begun) wait.ended = begun.ended;
        else if (await declareVoid(folder, state.claim, begun.refused)) return nothingRun(begun.refused);
        break;
      }
      case 'claimed':
      case 'running': {
        course.runsSince(state.since);
        const outcome = (await endIfDue(dependencies, job, folder, state)) ?? remains(state);
        if (outcome !== null) return outcome;
        await wait.once();
        break;
      }
      default:
        return state satisfies never;
    }
  }
}

/** Waits until a command may have ended: short at first, since most commands are; then five times a second. */
class Wait {
  /** Resolves when the supervisor reports the end; null when it does not report, or has. */
  ended: Promise<void> | null = null;
  #ms = 5;

  async once(): Promise<void> {
    const ended = this.ended?.then(() => {
      this.ended = null;
    });
    await (ended === undefined ? pause(this.#ms) : Promise.race([ended, pause(this.#ms)]));
    this.#ms = Math.min(this.#ms * 1.3, 200);
  }
}

/** Ends the command when the run wants that or its time is up; null when the job should be checked again. */
async function endIfDue(
  dependencies: Dependencies,
  job: EffectJob<CommandAction>,
  folder: string,
  state: Extract<JobState, { state: 'claimed' | 'running' }>,
): Promise<EffectOutcome | null> {
  const late = Date.now() >= state.since + job.timeoutMs;
  const why = interruption() === 'stop' ? 'stopped: the run ended it.' : late ? timeoutCause(job) : null;
  if (why === null) return null;
  if (state.state === 'running') return end(state, folder, why, limitsOf(dependencies).killGraceMs);
  return (await voidClaim(folder, state.claim, why)) ? nothingRun(why) : null;
}

/** Ends a command with its whole group. */
async function end(
  state: Extract<JobState, { state: 'running' }>,
  folder: string,
  why: string,
  graceMs: number,
): Promise<EffectOutcome> {
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

/** Waits for what a lost command left behind. A service that is meant to stay looks the same, so the wait is limited. */
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

function hasBegun(details: unknown): boolean {
  return typeof details === 'object' && details !== null && 'begun' in details && details.begun === true;
}
