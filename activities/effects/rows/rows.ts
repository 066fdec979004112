/**
 * Copies or changes the rows of a table in batches, each row once. How far it is, is in the database and commits with the
 * rows (transfer.ts), so a repeat after a kill at any moment goes on with the next row. Rows come into this process only on their way
 * from one database to another, as the bytes of a COPY.
 *
 * A batch that the server refuses because of its data is halved down to the row, which is set aside (`sluice.quarantine`); a
 * deliberate retry tries it again. In the end every row is accounted for: read = written + filtered + quarantined.
 */
import type { RowsAction } from '../../../strategy/plan.js';
import type { HeartbeatReport } from '../../../strategy/run/progress.js';
import { firstScheduledAt, interruption, withHeartbeat, workerLeft } from '../../attempt.js';
import type { EffectJob, EffectOutcome } from '../../contract.js';
import { type Dependencies, limitsOf } from '../../dependencies.js';
import { point } from '../../fault-points.js';
import { redact } from '../../redact.js';
import { Refusal } from '../../refusal.js';
import { secretForms, UnresolvedReference } from '../../secrets.js';
import { backOff, withSession } from '../../sql/session.js';
import { type Target, targetOf } from '../../sql/target.js';
import { durationText } from '../../wording.js';
import { classifySqlError } from '../sql/error-class.js';
import { Overtaken, Unbalanced } from './batch.js';
import type { Ending } from './ending.js';
import { Pace } from './pace.js';
import { ProgramStopped, programFor } from './program.js';
import { runTransfer, type Setting } from './run-transfer.js';

/** Carries `job.action` out; throws only when the next attempt must go on with it. */
export async function runRows(
  dependencies: Dependencies,
  job: EffectJob<RowsAction>,
): Promise<EffectOutcome> {
  const pace = new Pace(job.action, firstScheduledAt());
  const report = (): HeartbeatReport => ({ step: job.key.subject, progress: pace.progress(), samples: [] });
  const work = async (): Promise<EffectOutcome> => {
    const began = Date.now();
    const forms = await secretForms(job.context, dependencies.env);
    const ending = await carryOut(dependencies, job, pace);
    point('before-return');
    const ended = { durationMs: Date.now() - began, exitCode: null };
    if (ending.outcome === 'done') return { ...ended, outcome: 'done', output: redact(forms, ending.output) };
    return { ...ended, outcome: 'failed', cause: redact(forms, ending.cause), output: pace.summary() };
  };
  return withHeartbeat(work, () => ({ report: report() }));
}

async function carryOut(dependencies: Dependencies, job: EffectJob<RowsAction>, pace: Pace): Promise<Ending> {
  const limits = limitsOf(dependencies);
  const deadline = Date.now() + job.timeoutMs;
  const { connection, to = connection } = job.action;
  let target: Target;
  let source: Target;
  try {
    target = await targetOf(job.context, to, dependencies.env);
    source = await targetOf(job.context, connection, dependencies.env);
  } catch (error) {
    if (!(error instanceof Refusal || error instanceof UnresolvedReference)) throw error;
    return { outcome: 'failed', cause: error.message };
  }
  const name = to === connection ? target.name : `${source.name} or ${target.name}`;
  const untilDone: Setting['untilDone'] = async (own, work) => {
    const trouble = new Trouble({ ...target, name }, limits.unreachableMs, own);
    for (;;) {
      const end = mustEnd(job, pace, deadline, trouble.obstacle);
      if (end !== null) return end;
      const doneBefore = own.batches;
      try {
        const ending = await withSession(target, (session) =>
          to === connection ? work(session, session) : withSession(source, (from) => work(session, from)),
        );
        if (ending !== null) return ending;
      } catch (error) {
        const ending = trouble.meet(error, own.batches > doneBefore);
        if (ending !== null) return ending;
        await backOff(trouble.tries);
      }
    }
  };
  const late = (): boolean => Date.now() >= deadline;
  const program = programFor(dependencies, job);
  const setting = { job, lockTimeoutMs: limits.lockTimeoutMs, pace, program, mustEnd: late, untilDone };
  return untilDone(pace, (session, from) => runTransfer(session, from, setting));
}

/** Why there may be no further try; null when there may. Throws when the next attempt must go on. */
function mustEnd(
  { timeoutMs }: EffectJob<RowsAction>,
  pace: Pace,
  deadline: number,
  obstacle: string,
): Ending | null {
  const interrupted = interruption();
  if (interrupted === 'leave') throw workerLeft();
  if (interrupted === 'stop') return { outcome: 'failed', cause: `stopped after ${pace.summary()}` };
  if (Date.now() < deadline) return null;
  const cause = `It timed out after ${durationText(timeoutMs)} and ${pace.summary()}. ${obstacle}. Give the step a longer x-timeout, and retry: it goes on with the next row.`;
  return { outcome: 'failed', cause };
}

/** What came in the way so far. */
class Trouble {
  obstacle = 'The database did not finish it';
  /** In a row, without a batch in between. */
  tries = 0;
  #lostSince: number | null = null;

  constructor(
    readonly target: Target,
    readonly unreachableMs: number,
    readonly pace: Pace,
  ) {}

  /** How it ends because of the error; null when another try may help. Throws our own errors on. */
  meet(error: unknown, progressed: boolean): Ending | null {
    // Its end is looked at next.
    if (error instanceof ProgramStopped) return null;
    if (error instanceof Overtaken || error instanceof Unbalanced || error instanceof Refusal) {
      return { outcome: 'failed', cause: error.message };
    }
    const found = classifySqlError(error, this.target, false);
    if (found === null) throw error;
    if (found.kind === 'refused') return { outcome: 'failed', cause: found.why };
    this.tries = progressed ? 0 : this.tries + 1;
    this.obstacle = found.why;
    if (found.kind !== 'lost') {
      this.#lostSince = null;
      this.pace.halve();
      return null;
    }
    this.#lostSince = (progressed ? null : this.#lostSince) ?? Date.now();
    if (Date.now() - this.#lostSince < this.unreachableMs) return null;
    const cause = `${found.why}, for ${durationText(this.unreachableMs)}. Restore it or correct the connection, and retry: it goes on with the next row.`;
    return { outcome: 'failed', cause };
  }
}
