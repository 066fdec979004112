/**
 * Runs SQL exactly once. Statements that may share a transaction commit together with one row of the journal; those
 * that need their own are noted before and after (see sql/journal.ts and sql/own-transaction.ts).
 *
 * Whatever gets in the way, the answer is in the database: after a lost connection the next try inserts the same row, and
 * either finds it, or waits for the lost transaction to end, or knows that it ended without a trace. Only when the
 * database stays out of reach at the wrong moment is the outcome unknown.
 */
import pg from 'pg';
import { interruption, isRepeat, leaving, whileBeating } from './attempt.js';
import { type Clients, type Limits, limitsOf } from './clients.js';
import type { EffectOutcome, SqlJob } from './contract.js';
import { point } from './fault-points.js';
import { Refusal } from './program.js';
import { redact } from './redact.js';
import { secretForms, UnresolvedReference } from './secrets.js';
import { causeOf, isBusy, isCancelled, serverSaid } from './sql/failure.js';
import * as journal from './sql/journal.js';
import { standingOf, waitsQuietly } from './sql/own-transaction.js';
import { type Answer, backOff, ConnectionLost, Session } from './sql/session.js';
import { type Batch, batchesOf } from './sql/statements.js';
import { type Target, targetOf } from './sql/target.js';
import { tailOfBytes } from './tail.js';
import { durationText } from './wording.js';

/** A transaction that its worker has forgotten (frozen, or cut off) is ended by the server after this long. */
const IDLE_MS = 15_000;
const ROWS_SHOWN = 5;

/** Runs `job.action` and answers with what became of it; throws only when the attempt has to be left to the next one. */
export async function runSql(clients: Clients, job: SqlJob): Promise<EffectOutcome> {
  return whileBeating(async () => {
    const began = Date.now();
    const forms = await secretForms(job.setting, clients.env);
    let effect: SqlEffect;
    try {
      const target = await targetOf(job.setting, job.action.connection, clients.env);
      effect = new SqlEffect(job, target, limitsOf(clients), began + job.timeoutMs);
      effect.batches = await batchesOf(job.action, job.setting.workspace);
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
    const ending = await effect.carryOut();
    point('before-return');
    const durationMs = Date.now() - began;
    const output = tailOfBytes(Buffer.from(redact(forms, effect.output())));
    if (ending.outcome === 'done') return { outcome: 'done', exitCode: null, durationMs, output };
    const cause = redact(forms, ending.cause);
    if (ending.outcome === 'unknown') return { outcome: 'unknown', cause, durationMs, output };
    return { outcome: 'failed', cause, exitCode: null, durationMs, output };
  });
}

type Ending =
  | { readonly outcome: 'done' }
  | { readonly outcome: 'failed' | 'unknown'; readonly cause: string };

const DONE: Ending = { outcome: 'done' };

/** An earlier attempt, whose worker was lost, is still at it on the server. */
class StillRunning extends Error {
  override readonly name = 'StillRunning';
}

class SqlEffect {
  batches: readonly Batch[] = [];
  /**
   * True while statements may have taken effect without our knowing: a commit is under way, or an earlier attempt
   * was here and the journal has not been asked yet. A failure is then an unknown outcome.
   */
  #uncertain = isRepeat();
  #printed: string[] = [];
  #waits = 0;
  #inJournal = true;

  constructor(
    readonly job: SqlJob,
    readonly target: Target,
    readonly limits: Limits,
    readonly deadline: number,
  ) {}

  output(): string {
    const waits =
      this.#waits === 0 ? [] : [`waited ${this.#waits} times for locks or colliding transactions`];
    return [...waits, ...this.#printed, ''].join('\n');
  }

  async carryOut(): Promise<Ending> {
    for (const [index, batch] of this.batches.entries()) {
      const part = this.batches.length === 1 ? null : index + 1;
      const statement = batch.statements.join(';\n');
      const entry = journal.entryOf(this.job.setting, this.job.key, statement, part);
      this.#uncertain = isRepeat();
      const ending = await this.#persist(batch, entry);
      if (ending.outcome !== 'done')
        return index === 0 ? ending : { ...ending, cause: `${ending.cause} ${stands(index)}` };
    }
    return DONE;
  }

  /** Tries until there is an answer, or no time left. */
  async #persist(batch: Batch, entry: journal.Entry): Promise<Ending> {
    const printed = this.#printed;
    let lostSince: number | null = null;
    let obstacle = 'The database did not get it done';
    for (let tries = 0; ; tries += 1) {
      this.#printed = [...printed];
      const end = this.#mustEnd(obstacle);
      if (end !== null) return this.#giveUp(end, entry);
      try {
        return await this.#try(batch, entry);
      } catch (error) {
        const hindrance = this.#hindrance(error);
        if (hindrance === null) throw error;
        if (hindrance.kind === 'refused') return this.#giveUp(hindrance.why, entry);
        if (hindrance.kind === 'busy') this.#waits += 1;
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
    if (interrupted === 'leave') throw leaving();
    if (interrupted === 'stop') return 'stopped: it was rolled back.';
    if (Date.now() < this.deadline) return null;
    return `It timed out after ${durationText(this.job.timeoutMs)}. ${obstacle}. It was rolled back; give the step a longer x-timeout, or clear the way, and retry.`;
  }

  /** What came in the way of a try; null for an error of our own. */
  #hindrance(
    error: unknown,
  ): { readonly kind: 'lost' | 'busy' | 'cancelled' | 'refused'; readonly why: string } | null {
    if (error instanceof ConnectionLost) {
      return { kind: 'lost', why: `The database ${this.target.name} could not be reached: ${error.message}` };
    }
    if (error instanceof StillRunning) return { kind: 'busy', why: error.message };
    if (!(error instanceof pg.DatabaseError)) return null;
    if (isBusy(error)) return { kind: 'busy', why: `Others were in the way: ${serverSaid(error)}` };
    if (isCancelled(error)) return { kind: 'cancelled', why: 'A statement was cancelled' };
    return { kind: 'refused', why: causeOf(error, this.target, this.#inJournal) };
  }

  async #try(batch: Batch, entry: journal.Entry): Promise<Ending> {
    this.#inJournal = true;
    const session = await Session.open(this.target);
    try {
      await noticeDeadWorkers(session);
      await journal.ensureJournal(session);
      return batch.own
        ? await this.#alone(session, batch.statements[0] ?? '', entry)
        : await this.#together(session, batch, entry);
    } finally {
      this.#printed.push(...session.notices);
      await session.close();
    }
  }

  /** The statements and their journal row, in one transaction. */
  async #together(session: Session, batch: Batch, entry: journal.Entry): Promise<Ending> {
    const left = this.#left();
    await session.query('begin');
    await session.query(
      "select set_config('lock_timeout', $1, true), set_config('statement_timeout', $2, true), set_config('idle_in_transaction_session_timeout', $3, true)",
      [String(this.limits.lockTimeoutMs), String(left), String(IDLE_MS)],
    );
    point('before-journal-row');
    const entered = await journal.enter(session, entry, 'done');
    this.#uncertain = false;
    if (!entered) return this.#already();
    const refused = await this.#voided(session, entry);
    if (refused !== null) return refused;
    point('after-journal-row');
    this.#inJournal = false;
    for (const statement of batch.statements) this.#print(await session.query(statement, [], left));
    if (interruption() !== null) {
      await session.querySteadily('rollback');
      throw new ConnectionLost('interrupted');
    }
    point('before-commit');
    this.#uncertain = true;
    const { command } = await this.#commit(session);
    this.#uncertain = false;
    point('after-commit');
    // A COMMIT of a transaction in an error state answers ROLLBACK.
    return command === 'COMMIT'
      ? DONE
      : { outcome: 'failed', cause: `The database ${this.target.name} rolled the transaction back.` };
  }

  /** Deferred constraints are checked here: an error of the server means that nothing was committed. */
  async #commit(session: Session): Promise<Answer> {
    try {
      return await session.querySteadily('commit');
    } catch (error) {
      if (error instanceof pg.DatabaseError) this.#uncertain = false;
      throw error;
    }
  }

  /** A statement that needs its own transaction, between its intent and its done. */
  async #alone(session: Session, statement: string, entry: journal.Entry): Promise<Ending> {
    // Held by the session that runs the statement: while a lost one still runs on the server, nobody else begins.
    const [lock] = (
      await session.query('select pg_try_advisory_lock(hashtextextended($1, 0))::text as held', [entry.key])
    ).rows;
    if (lock?.held !== 'true')
      throw new StillRunning('An earlier attempt at this statement still runs there');
    const found = await journal.find(session, entry.key);
    if (found?.state === 'done') return this.#already();
    if (found?.state === 'intent') {
      const standing = await standingOf(session, statement);
      // A later attempt exists only because somebody said that the one that left this intent did not happen.
      if (standing === 'unknown' && found.attempt >= entry.effect.attempt) {
        return {
          outcome: 'unknown',
          cause: `The statement was begun in ${this.target.name}, and nobody saw how it ended. Look at what it was to change, then say whether it happened.`,
        };
      }
      if (standing === 'applied') {
        await journal.markDone(session, entry);
        return this.#already();
      }
    }
    this.#uncertain = false;
    const refused = await this.#voided(session, entry);
    if (refused !== null) return refused;
    point('before-journal-row');
    if (found === null) await journal.enter(session, entry, 'intent');
    else await journal.takeOver(session, entry);
    point('after-journal-row');
    const left = this.#left();
    await session.query(
      "select set_config('lock_timeout', $1, false), set_config('statement_timeout', $2, false)",
      [waitsQuietly(statement) ? '0' : String(this.limits.lockTimeoutMs), String(left)],
    );
    this.#inJournal = false;
    this.#uncertain = true;
    point('before-commit');
    let answer: Answer;
    try {
      answer = await session.query(statement, [], left);
    } catch (error) {
      if (error instanceof pg.DatabaseError) await this.#takeBack(session, statement, entry);
      throw error;
    }
    point('after-commit');
    this.#inJournal = true;
    await journal.markDone(session, entry);
    this.#uncertain = false;
    this.#print(answer);
    return DONE;
  }

  /** After an error of the server: removes what the statement left behind, then its intent. */
  async #takeBack(session: Session, statement: string, entry: journal.Entry): Promise<void> {
    await session.querySteadily("select set_config('statement_timeout', '0', false)");
    if ((await standingOf(session, statement)) === 'applied') {
      // Such as a second CREATE INDEX of the same name: what stands there is not ours to remove.
      this.#printed.push('what the statement was to create is there already, and not by this step');
    }
    await journal.withdraw(session, entry);
    this.#uncertain = false;
  }

  /** Null unless an attempt of the same number has reported a failure already: then this slower one must not act. */
  async #voided(session: Session, entry: journal.Entry): Promise<Ending | null> {
    if ((await journal.find(session, entry.voidKey)) === null) return null;
    return {
      outcome: 'failed',
      cause: 'Another attempt at the same effect has already reported its failure. Nothing was run.',
    };
  }

  #already(): Ending {
    this.#printed.push('already applied: the journal has its row');
    return DONE;
  }

  /** A failure, when it is certain that nothing was done and nothing will be. */
  async #giveUp(cause: string, entry: journal.Entry): Promise<Ending> {
    if (this.#uncertain)
      return {
        outcome: 'unknown',
        cause: `${cause} Whether an earlier try took effect could not be found out.`,
      };
    if (isRepeat() && interruption() === null) {
      try {
        const session = await Session.open(this.target);
        try {
          if (!(await journal.declareVoid(session, entry))) return this.#already();
        } finally {
          await session.close();
        }
      } catch (error) {
        if (!(error instanceof ConnectionLost || error instanceof pg.DatabaseError)) throw error;
        this.#printed.push('the journal could not be told of this failure');
      }
    }
    return { outcome: 'failed', cause };
  }

  #outOfReach(obstacle: string): Ending {
    const since = `for ${durationText(this.limits.unreachableMs)}`;
    if (this.#uncertain) {
      return {
        outcome: 'unknown',
        cause: `${obstacle}, ${since}, just when its transaction was to commit. Look at the row in sluice.journal once it is back, then say whether it happened.`,
      };
    }
    return {
      outcome: 'failed',
      cause: `${obstacle}, ${since}. Nothing was changed. Bring it back or correct the connection, and retry.`,
    };
  }

  #left(): number {
    return Math.max(1, this.deadline - Date.now());
  }

  #print({ command, rowCount, rows }: Answer): void {
    this.#printed.push(rowCount === null ? command : `${command} ${rowCount}`);
    for (const row of rows.slice(0, ROWS_SHOWN)) this.#printed.push(`  ${JSON.stringify(row).slice(0, 500)}`);
    if (rows.length > ROWS_SHOWN) this.#printed.push(`  ... ${rows.length - ROWS_SHOWN} more rows`);
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
