/**
 * Runs SQL exactly once. Statements that may share a transaction commit together with one row of the journal; those
 * that need their own are noted before and after (see sql/shared-transaction.ts, sql/own-transaction.ts, sql/journal.ts).
 *
 * Whatever gets in the way, the answer is in the database: after a lost connection the next try inserts the same row, and
 * either finds it, or waits for the lost transaction to end, or knows that it ended without a trace. Only when the
 * database stays out of reach at the wrong moment is the outcome unknown.
 */
import pg from 'pg';
import type { SqlAction } from '../../../strategy/plan.js';
import type { HeartbeatReport } from '../../../strategy/run/progress.js';
import { firstScheduledAt, interruption, isRepeat, withHeartbeat, workerLeft } from '../../attempt.js';
import type { EffectJob, EffectOutcome } from '../../contract.js';
import { type Dependencies, type Limits, limitsOf } from '../../dependencies.js';
import { point } from '../../fault-points.js';
import { redact } from '../../redact.js';
import { Refusal } from '../../refusal.js';
import { secretForms, UnresolvedReference } from '../../secrets.js';
import { backOff, Session } from '../../sql/session.js';
import { type Batch, batchesOf } from '../../sql/statements.js';
import { type Target, targetOf } from '../../sql/target.js';
import { oneLine, tailOfBytes } from '../../tail.js';
import { durationText } from '../../wording.js';
import { classifySqlError } from './error-class.js';
import * as journal from './journal.js';
import { runAlone } from './own-transaction.js';
import { DONE, type Ending, Progress } from './progress.js';
import { runTogether } from './shared-transaction.js';

/** Characters of the running statement that a heartbeat carries. */
const STATEMENT_SHOWN = 100;

/** Runs `job.action` and returns its outcome; throws only when the next attempt must do it. */
export async function runSql(dependencies: Dependencies, job: EffectJob<SqlAction>): Promise<EffectOutcome> {
  let running: SqlEffect | null = null;
  const since = firstScheduledAt();
  const report = (): HeartbeatReport => ({
    step: job.key.subject,
    progress: running?.reached(since) ?? null,
    samples: [],
  });
  const work = async (): Promise<EffectOutcome> => {
    const began = Date.now();
    const forms = await secretForms(job.context, dependencies.env);
    const progress = new Progress(isRepeat(), began + job.timeoutMs, (text) => redact(forms, text));
    let effect: SqlEffect;
    try {
      const target = await targetOf(job.context, job.action.connection, dependencies.env);
      const batches = await batchesOf(job.action, job.context.workspace);
      effect = new SqlEffect(job, batches, target, limitsOf(dependencies), progress);
    } catch (error) {
      if (!(error instanceof Refusal || error instanceof UnresolvedReference)) throw error;
      return {
        outcome: 'failed',
        cause: redact(forms, error.message),
        exitCode: null,
        durationMs: 0,
        output: '',
      };
    }
    running = effect;
    const ending = await effect.carryOut();
    point('before-return');
    const durationMs = Date.now() - began;
    const output = tailOfBytes(Buffer.from(redact(forms, progress.output())));
    if (ending.outcome === 'done') return { outcome: 'done', exitCode: null, durationMs, output };
    const cause = redact(forms, ending.cause);
    if (ending.outcome === 'unknown') return { outcome: 'unknown', cause, durationMs, output };
    return { outcome: 'failed', cause, exitCode: null, durationMs, output };
  };
  return withHeartbeat(work, () => ({ report: report() }));
}

class SqlEffect {
  constructor(
    readonly job: EffectJob<SqlAction>,
    readonly batches: readonly Batch[],
    readonly target: Target,
    readonly limits: Limits,
    readonly progress: Progress,
  ) {}

  /** For people: the statements done, and the one that runs now. */
  reached(since: string): HeartbeatReport['progress'] {
    const all = this.batches.flatMap(({ statements }) => statements);
    const done = Math.min(this.progress.statements, all.length);
    const current = all[done];
    const now = current === undefined ? null : this.#shown(current);
    const reached = `${done} of ${all.length} statements done`;
    return {
      done,
      total: all.length,
      unit: 'statements',
      ratePerSecond: null,
      since,
      endsAt: null,
      sentence: now === null ? reached : all.length === 1 ? `running: ${now}` : `${reached}, running: ${now}`,
    };
  }

  #shown(statement: string): string {
    return oneLine(this.progress.redacted(statement), STATEMENT_SHOWN);
  }

  async carryOut(): Promise<Ending> {
    let before = 0;
    for (const [index, batch] of this.batches.entries()) {
      const part = this.batches.length === 1 ? null : index + 1;
      const statement = batch.statements.join(';\n');
      const entry = journal.entryOf(this.job.context, this.job.key, statement, part);
      this.progress.uncertain = isRepeat();
      this.progress.keep();
      const ending = await this.#persist(batch, entry);
      // Also those that an earlier attempt did.
      before += batch.statements.length;
      if (ending.outcome === 'done') this.progress.statements = before;
      if (ending.outcome !== 'done')
        return index === 0 ? ending : { ...ending, cause: `${ending.cause} ${stands(index)}` };
    }
    return DONE;
  }

  /** Tries until there is an answer, or no time left. */
  async #persist(batch: Batch, entry: journal.Entry): Promise<Ending> {
    let lostSince: number | null = null;
    let obstacle = 'The database did not finish it';
    for (let tries = 0; ; tries += 1) {
      this.progress.forget();
      const end = this.#mustEnd(obstacle);
      if (end !== null) return this.#giveUp(end, entry);
      try {
        return await this.#try(batch, entry);
      } catch (error) {
        const hindrance = classifySqlError(error, this.target, this.progress.inJournal);
        if (hindrance === null) throw error;
        if (hindrance.kind === 'refused') return this.#giveUp(hindrance.why, entry);
        if (hindrance.kind === 'busy') this.progress.waits += 1;
        lostSince = hindrance.kind === 'lost' ? (lostSince ?? Date.now()) : null;
        obstacle = hindrance.why;
        if (lostSince !== null && Date.now() - lostSince >= this.limits.unreachableMs) {
          return this.#outOfReach(obstacle);
        }
        await backOff(tries);
      }
    }
  }

  /** Why there may be no further try; null when there may. */
  #mustEnd(obstacle: string): string | null {
    const interrupted = interruption();
    if (interrupted === 'leave') throw workerLeft();
    if (interrupted === 'stop') return 'stopped: it was rolled back.';
    if (Date.now() < this.progress.deadline) return null;
    return `It timed out after ${durationText(this.job.timeoutMs)}. ${obstacle}. It was rolled back; give the step a longer x-timeout, or remove the obstacle, and retry.`;
  }

  async #try(batch: Batch, entry: journal.Entry): Promise<Ending> {
    const { progress, target, limits } = this;
    progress.inJournal = true;
    const session = await Session.open(target);
    try {
      await noticeDeadWorkers(session);
      await journal.ensureJournal(session);
      const attempt = {
        session,
        entry,
        progress,
        lockTimeoutMs: limits.lockTimeoutMs,
        database: target.name,
        settings: batch.settings,
      };
      return batch.own
        ? await runAlone(attempt, batch.statements[0] ?? '')
        : await runTogether(attempt, batch.statements);
    } finally {
      progress.note(...session.notices);
      await session.close();
    }
  }

  /** A failure, when it is certain that nothing was done and nothing will be. */
  async #giveUp(cause: string, entry: journal.Entry): Promise<Ending> {
    if (this.progress.uncertain)
      return {
        outcome: 'unknown',
        cause: `${cause} It is unknown whether an earlier attempt took effect.`,
      };
    if (isRepeat() && interruption() === null) {
      try {
        const session = await Session.open(this.target);
        try {
          if (!(await journal.declareVoid(session, entry))) return this.progress.already();
        } finally {
          await session.close();
        }
      } catch (error) {
        if (classifySqlError(error, this.target, true) === null) throw error;
        this.progress.note('this failure could not be written to the journal');
      }
    }
    return { outcome: 'failed', cause };
  }

  #outOfReach(obstacle: string): Ending {
    const since = `for ${durationText(this.limits.unreachableMs)}`;
    if (this.progress.uncertain) {
      return {
        outcome: 'unknown',
        cause: `${obstacle}, ${since}, just when its transaction was to commit. Check the row in sluice.journal once it is back, then answer whether it happened.`,
      };
    }
    return {
      outcome: 'failed',
      cause: `${obstacle}, ${since}. Nothing was changed. Restore it or correct the connection, and retry.`,
    };
  }
}

function stands(count: number): string {
  return `The ${count === 1 ? 'transaction' : `${count} transactions`} before it stand, and are not run again.`;
}

/** Lets the server notice within two seconds that the worker of a running statement died (Postgres 14 or newer). */
async function noticeDeadWorkers(session: Session): Promise<void> {
  try {
    await session.query(
      "select set_config(name, '2000', false) from pg_settings where name = 'client_connection_check_interval'",
    );
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error; // Not on every platform; it is only quicker with it.
  }
}
