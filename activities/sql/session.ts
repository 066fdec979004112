/** One short-lived connection, whose queries end when the activity is interrupted or out of time. */
import { finished } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import type { DatabaseIdentity } from '../../strategy/run/database.js';
import { interruption, interruptionSignal, pause } from '../attempt.js';
import { checkPin, whoAnswers } from './identity.js';
import type { Target } from './target.js';

/** The connection is gone, or nobody answers on it. What it was doing may or may not have happened. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost';
}

/** How long a server may take to accept a connection, to end a cancelled query, or to answer after its own time limit. */
const ANSWER_MS = 5_000;

export interface Answer {
  readonly command: string;
  readonly rowCount: number | null;
  /** Values as the server writes them. */
  readonly rows: readonly Readonly<Record<string, string | null>>[];
}

export class Session {
  readonly notices: string[] = [];
  readonly #client: pg.Client;
  readonly #target: Target;
  #pid = 0;
  #database: DatabaseIdentity = { system: '', oid: '', name: '' };

  private constructor(client: pg.Client, target: Target) {
    this.#client = client;
    this.#target = target;
  }

  get database(): DatabaseIdentity {
    return this.#database;
  }

  /**
   * Throws `ConnectionLost` when the server cannot be reached now, `pg.DatabaseError` when it refuses, `OtherDatabase` when
   * it is not the one that the run has used before. The connection is closed then.
   */
  static async open(target: Target): Promise<Session> {
    const client = new pg.Client({
      connectionString: target.url,
      application_name: 'sluice',
      connectionTimeoutMillis: ANSWER_MS,
      keepAlive: true,
      types: { getTypeParser: () => (value: unknown) => value },
    });
    const session = new Session(client, target);
    // The query in progress reports the loss; an idle connection's is reported by the next query.
    client.on('error', () => undefined);
    client.on('notice', (notice) =>
      session.notices.push(`${notice.severity ?? 'NOTICE'}: ${notice.message ?? ''}`),
    );
    try {
      await client.connect();
    } catch (error) {
      throw asLost(error);
    }
    try {
      await session.#setUp();
      return session;
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  async #setUp(): Promise<void> {
    const { database, pid } = await whoAnswers((text) => this.query(text));
    this.#pid = pid;
    this.#database = database;
    checkPin(this.#target.name, this.#target.pin, this.#database);
  }

  /**
   * Runs one query. When the activity is interrupted, the server is told to cancel it. Throws `pg.DatabaseError` with
   * the server's answer, or `ConnectionLost`. `limitMs`: when to stop waiting for an answer at all.
   */
  async query(text: string, values: readonly unknown[] = [], limitMs = 30_000): Promise<Answer> {
    const signal = interruptionSignal();
    const cancel = (): void => {
      void this.#cancel();
    };
    const answer = values.length === 0 ? this.#client.query(text) : this.#client.query(text, [...values]);
    signal.addEventListener('abort', cancel);
    let timer: NodeJS.Timeout | undefined;
    const silence = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new ConnectionLost('the server does not answer')), limitMs + ANSWER_MS);
    });
    try {
      return asAnswer(await Promise.race([answer, silence]));
    } catch (error) {
      answer.catch(() => undefined);
      throw asLost(error);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', cancel);
    }
  }

  /** Like `query`, for what must not be cancelled half-way: a COMMIT, a note in the journal. */
  async querySteadily(text: string, values: readonly unknown[] = []): Promise<Answer> {
    const answer = values.length === 0 ? this.#client.query(text) : this.#client.query(text, [...values]);
    let timer: NodeJS.Timeout | undefined;
    const silence = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new ConnectionLost('the server does not answer')), 2 * ANSWER_MS);
    });
    try {
      return asAnswer(await Promise.race([answer, silence]));
    } catch (error) {
      answer.catch(() => undefined);
      throw asLost(error);
    } finally {
      clearTimeout(timer);
    }
  }

  /**
   * Pipes the answer of a COPY ... TO STDOUT here into a COPY ... FROM STDIN there, and answers with the number of rows written. Throws
   * what `query` throws; both must roll back then. `seen`: is given what passes.
   */
  async pipe(
    copyOut: string,
    there: Session,
    copyIn: string,
    limitMs: number,
    seen?: (chunk: Buffer) => void,
  ): Promise<number> {
    const signal = interruptionSignal();
    const cancel = (): void => {
      void this.#cancel();
      void there.#cancel();
    };
    const writing = there.#client.query(copyFrom(copyIn));
    const reading = this.#client.query(copyTo(copyOut));
    signal.addEventListener('abort', cancel);
    let timer: NodeJS.Timeout | undefined;
    const silence = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new ConnectionLost('the server does not answer')), limitMs + ANSWER_MS);
    });
    reading.pipe(writing);
    if (seen !== undefined) reading.on('data', seen);
    // What is still on its way is read to its end, so that the connection can be used again.
    writing.once('error', () => reading.unpipe(writing).resume());
    reading.once('error', () => writing.destroy());
    const ended = Promise.allSettled([
      finished(reading, { writable: false }),
      finished(writing, { readable: false }),
    ]);
    try {
      const [read, written] = await Promise.race([ended, silence]);
      if (written.status === 'rejected' && isAnswer(written.reason)) throw written.reason;
      if (read.status === 'rejected') throw read.reason;
      if (written.status === 'rejected') throw written.reason;
      return writing.rowCount;
    } catch (error) {
      throw asLost(error);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', cancel);
    }
  }

  /** Gives the connection back; one with a query in progress is cut, and the server rolls back. */
  async close(): Promise<void> {
    await Promise.race([
      this.#client.end().catch(() => undefined),
      new Promise((resolve) => setTimeout(resolve, 1_000).unref()),
    ]);
  }

  async #cancel(): Promise<void> {
    const other = new pg.Client({
      connectionString: this.#target.url,
      application_name: 'sluice',
      connectionTimeoutMillis: ANSWER_MS,
    });
    other.on('error', () => undefined);
    try {
      await other.connect();
      await other.query('select pg_cancel_backend($1)', [this.#pid]);
    } catch {
      // Out of reach: cutting the connection makes the server roll back as soon as it notices.
      await this.close();
    } finally {
      await other.end().catch(() => undefined);
    }
  }
}

/** Does something on a connection of its own. */
export async function withSession<T>(target: Target, work: (session: Session) => Promise<T>): Promise<T> {
  const session = await Session.open(target);
  try {
    return await work(session);
  } finally {
    await session.close();
  }
}

/** Waits longer each time, with jitter, so that those who collided do not collide again. */
export async function backOff(times: number): Promise<void> {
  const most = Math.min(100 * 2 ** times, 10_000);
  if (interruption() === null) await pause(most / 2 + (Math.random() * most) / 2);
}

/** What the server itself says of a COPY, and not that the other side broke off (57014: we told it so). */
function isAnswer(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code !== '57014';
}

/** SQLSTATE classes in which the server ends the connection or does not let it in for now. */
const LOST = /^(?:08...|57P01|57P02|57P03|57P05|25P03|53300)$/;

/** The error as `ConnectionLost` where it tells of the connection, and as it is otherwise. */
export function asLost(error: unknown): unknown {
  if (error instanceof ConnectionLost) return error;
  if (error instanceof pg.DatabaseError) {
    return LOST.test(error.code ?? '') ? new ConnectionLost(error.message) : error;
  }
  if (!(error instanceof Error)) return error;
  // Everything else that pg reports while connecting or waiting is the loss of the connection (ECONNREFUSED, "Connection
  // terminated unexpectedly", ...). AggregateError: each address of the host was tried.
  const parts = error instanceof AggregateError ? error.errors.map(String).join('; ') : error.message;
  return new ConnectionLost(parts);
}

/** Several statements in one text give several results; the last one counts, as in psql. */
function asAnswer(result: pg.QueryResult | pg.QueryResult[]): Answer {
  const last = Array.isArray(result) ? result.at(-1) : result;
  return { command: last?.command ?? '', rowCount: last?.rowCount ?? null, rows: last?.rows ?? [] };
}
