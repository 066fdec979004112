/**
 * Compares both sides of a data migration, corrects the target as far as the strategy allows, and compares again. What is left is
 * put to a person; what they decide comes back as a task of the same action. A repeat after a kill compares anew, and every
 * correction is one transaction with what was there before, so nothing is done twice.
 */
import { randomInt } from 'node:crypto';
import type { ReconcileAction } from '../../../strategy/plan.js';
import type { HeartbeatReport } from '../../../strategy/run/progress.js';
import { firstScheduledAt, interruption, withHeartbeat, workerLeft } from '../../attempt.js';
import type { EffectJob, EffectOutcome } from '../../contract.js';
import { type Dependencies, limitsOf } from '../../dependencies.js';
import { point } from '../../fault-points.js';
import { countFailure } from '../../reconcile/metrics.js';
import { redact } from '../../redact.js';
import { Refusal } from '../../refusal.js';
import { secretForms, UnresolvedReference } from '../../secrets.js';
import { backOff, withSession } from '../../sql/session.js';
import { type Target, targetOf } from '../../sql/target.js';
import { durationText } from '../../wording.js';
import { classifySqlError } from '../sql/error-class.js';
import { carryOutTask, type TaskEnding, type TaskSettings } from './task.js';

/** Carries `job.action` out; throws only when the next attempt must do it. */
export async function runReconcile(
  dependencies: Dependencies,
  job: EffectJob<ReconcileAction>,
): Promise<EffectOutcome> {
  const began = Date.now();
  const since = firstScheduledAt();
  let shown = { table: '', rows: 0 };
  const report = (): HeartbeatReport => ({
    step: job.key.subject,
    progress: {
      ...{ done: shown.rows, total: null, unit: 'rows', ratePerSecond: null, since, endsAt: null },
      sentence: `${shown.table}: ${shown.rows.toLocaleString('en-US')} rows compared`,
    },
    samples: [],
  });
  const work = async (): Promise<EffectOutcome> => {
    const forms = await secretForms(job.context, dependencies.env);
    const ending = await untilDone(dependencies, job, (table, rows) => {
      shown = { table, rows };
    });
    point('before-return');
    const durationMs = Date.now() - began;
    const ended = { durationMs, exitCode: null, output: redact(forms, ending.output) };
    if (ending.outcome === 'failed') countFailure(job.action.reconciliation.item, 'correction');
    if (ending.outcome === 'failed')
      return { ...ended, outcome: 'failed', cause: redact(forms, ending.cause) };
    const { comparison, asks } = ending;
    return {
      ...{ ...ended, outcome: 'done' },
      ...(comparison && { comparison: { ...comparison, durationMs } }),
      ...(asks && { asks }),
    };
  };
  return withHeartbeat(work, () => (shown.rows === 0 ? {} : { report: report() }));
}

async function untilDone(
  dependencies: Dependencies,
  job: EffectJob<ReconcileAction>,
  progress: (table: string, rows: number) => void,
): Promise<TaskEnding> {
  const { reconciliation } = job.action;
  const deadline = Date.now() + job.timeoutMs;
  const failed = (cause: string): TaskEnding => ({ outcome: 'failed', cause, output: '' });
  let sides: Ends;
  try {
    const source = await targetOf(job.context, reconciliation.source, dependencies.env);
    sides = [source, await targetOf(job.context, reconciliation.target, dependencies.env)];
  } catch (error) {
    if (!(error instanceof Refusal || error instanceof UnresolvedReference)) throw error;
    return failed(error.message);
  }
  const trouble = new Trouble(sides, limitsOf(dependencies).unreachableMs);
  const seed = randomInt(2 ** 31);
  for (;;) {
    const interrupted = interruption();
    if (interrupted === 'leave') throw workerLeft();
    if (interrupted === 'stop') return failed('stopped; what is corrected already stays so');
    const limitMs = deadline - Date.now();
    if (limitMs <= 0) {
      return failed(
        `It timed out after ${durationText(job.timeoutMs)}. ${trouble.obstacle}. Give the step a longer x-timeout, and retry.`,
      );
    }
    try {
      const ending = await tryOnce(sides, job, { home: dependencies.home, limitMs, seed, progress });
      if (ending !== null) return ending;
    } catch (error) {
      const cause = trouble.meet(error);
      if (cause !== null) return failed(cause);
      await backOff(trouble.tries);
    }
  }
}

type Ends = readonly [source: Target, target: Target];

/** The way back needs no source. */
function tryOnce(
  [source, target]: Ends,
  job: EffectJob<ReconcileAction>,
  settings: TaskSettings,
): Promise<TaskEnding | null> {
  return withSession(target, (here) =>
    job.action.task.do === 'undo'
      ? carryOutTask({ source: here, target: here }, job, settings)
      : withSession(source, (there) => carryOutTask({ source: there, target: here }, job, settings)),
  );
}

/** What came in the way so far. */
class Trouble {
  obstacle = 'The comparison did not end';
  tries = 0;
  #lostSince: number | null = null;

  constructor(
    readonly sides: Ends,
    readonly unreachableMs: number,
  ) {}

  /** Why it fails because of the error; null when another try may help. Throws our own errors on. */
  meet(error: unknown): string | null {
    if (error instanceof Refusal) return error.message;
    const [source, target] = this.sides;
    const name = source.name === target.name ? target.name : `${source.name} or ${target.name}`;
    const found = classifySqlError(error, { ...target, name }, false);
    if (found === null) throw error;
    if (found.kind === 'refused') return found.why;
    this.tries += 1;
    this.obstacle = found.why;
    this.#lostSince = found.kind === 'lost' ? (this.#lostSince ?? Date.now()) : null;
    if (this.#lostSince === null || Date.now() - this.#lostSince < this.unreachableMs) return null;
    return `${found.why}, for ${durationText(this.unreachableMs)}. Restore it or correct the connection, and retry.`;
  }
}
