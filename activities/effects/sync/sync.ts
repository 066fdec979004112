/**
 * Keeps two tables in step by rounds: what changed in the source since the last round is brought to the target, as it is now. What is
 * kept for it is in the databases (state.ts, changes.ts) and commits with the rows, so a kill at any moment loses and repeats nothing.
 */
import type { SyncAction } from '../../../strategy/plan.js';
import { firstScheduledAt, withHeartbeat } from '../../attempt.js';
import type { EffectJob, EffectOutcome } from '../../contract.js';
import { type Dependencies, limitsOf } from '../../dependencies.js';
import { point } from '../../fault-points.js';
import { redact } from '../../redact.js';
import { Refusal } from '../../refusal.js';
import { secretForms, UnresolvedReference } from '../../secrets.js';
import { targetOf } from '../../sql/target.js';
import { tryUntil } from '../mirror/try-until.js';
import type { Ending } from '../rows/ending.js';
import { ensureTransfers, transferId } from '../rows/transfer.js';
import { Ended } from './apply.js';
import { end, start } from './begin.js';
import { Course } from './progress.js';
import { carryRest, lastRounds, type Running, roundsBack, untilInStep } from './rounds.js';
import { ensureSyncs, findSync } from './state.js';

/** Carries `job.action` out; throws only when the next attempt must go on with it. */
export async function runSync(
  dependencies: Dependencies,
  job: EffectJob<SyncAction>,
): Promise<EffectOutcome> {
  const course = new Course(firstScheduledAt());
  const work = async (): Promise<EffectOutcome> => {
    const began = Date.now();
    const forms = await secretForms(job.context, dependencies.env);
    const ending = await carryOut(dependencies, job, course);
    point('before-return');
    const ended = { durationMs: Date.now() - began, exitCode: null };
    if (ending.outcome === 'done') {
      const { output, asks } = ending;
      return { ...ended, outcome: 'done', output: redact(forms, output), ...(asks && { asks }) };
    }
    return { ...ended, outcome: 'failed', cause: redact(forms, ending.cause), output: course.summary() };
  };
  const report = () => ({ report: { step: job.key.subject, progress: course.progress(), samples: [] } });
  return withHeartbeat(work, report);
}

async function carryOut(
  dependencies: Dependencies,
  job: EffectJob<SyncAction>,
  course: Course,
): Promise<Ending> {
  const limits = limitsOf(dependencies);
  const { connection, to } = job.action;
  try {
    const source = await targetOf(job.context, connection, dependencies.env);
    const target = await targetOf(job.context, to, dependencies.env);
    const trying = {
      targets: [source, target],
      limits,
      timeoutMs: job.timeoutMs,
      done: () => course.done,
      summary: () => ` after ${course.summary()}`,
    };
    return await tryUntil(trying, async ([there, here], deadline) => {
      if (there === undefined || here === undefined) return null;
      for (const session of [there, here]) {
        await ensureTransfers(session);
        await ensureSyncs(session);
      }
      // The rounds of a cut-over belong to another step than the one that began.
      const own = job.action.do === 'undo' || job.action.do === 'start';
      const id = own ? transferId(job) : await findSync(here, job);
      if (id === null) {
        const before = job.action.do === 'back' ? 'The target had not taken over.\n' : null;
        return before === null
          ? {
              outcome: 'failed',
              cause: `The run has no rounds of ${job.action.item}: the step that uses it comes first.`,
            }
          : { outcome: 'done', output: before };
      }
      const sides = { source: there, target: here };
      return act({ job, id, sides, lockTimeoutMs: limits.lockTimeoutMs, deadline, course });
    });
  } catch (error) {
    if (!(error instanceof Refusal || error instanceof UnresolvedReference || error instanceof Ended))
      throw error;
    return { outcome: 'failed', cause: error.message };
  }
}

async function endPair(running: Running): Promise<Ending | null> {
  const { job, id, sides, lockTimeoutMs } = running;
  const carried = await carryRest(running);
  const mayEnd = carried?.outcome === 'done' && carried.asks === undefined;
  return mayEnd ? end(sides, job, id, lockTimeoutMs) : carried;
}

function act(running: Running): Promise<Ending | null> {
  const { job, id, sides, lockTimeoutMs } = running;
  switch (job.action.do) {
    case 'start':
      return start(sides, job, id, lockTimeoutMs);
    case 'rounds':
      return untilInStep(running);
    case 'last':
      return lastRounds(running);
    case 'back':
      return roundsBack(running);
    case 'finish':
    case 'undo':
      return endPair(running);
    default:
      return job.action.do satisfies never;
  }
}
