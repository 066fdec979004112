/** Tries until there is an answer, whatever locks and lost connections are in the way, and ends when the run or the time does. */
import { interruption, workerLeft } from '../../attempt.js';
import type { Limits } from '../../dependencies.js';
import { backOff, Session } from '../../sql/session.js';
import type { Target } from '../../sql/target.js';
import { durationText } from '../../wording.js';
import type { Ending } from '../rows/ending.js';
import { classifySqlError, type SqlErrorClass } from '../sql/error-class.js';

export interface Trying {
  readonly targets: readonly Target[];
  readonly limits: Limits;
  readonly timeoutMs: number;
  /** How much is done: more of it than before the last trouble means that the trouble is over. */
  readonly done: () => number;
  /** Of what is done, for people. */
  readonly summary: () => string;
}

/**
 * `attempt` gets one session per target, and answers null when it was interrupted or its time is up. Throws when the next attempt of
 * the activity must go on.
 */
export async function tryUntil(
  trying: Trying,
  attempt: (sessions: readonly Session[], deadline: number) => Promise<Ending | null>,
): Promise<Ending> {
  const trouble = new Trouble(trying);
  const deadline = Date.now() + trying.timeoutMs;
  for (;;) {
    const end = trouble.mustEnd(deadline);
    if (end !== null) return end;
    const before = trying.done();
    try {
      const ending = await withSessions(trying.targets, (sessions) => attempt(sessions, deadline));
      if (ending !== null) return ending;
    } catch (error) {
      const ending = trouble.meet(error, trying.done() > before);
      if (ending !== null) return ending;
      await backOff(trouble.tries);
    }
  }
}

/** What came in the way so far. */
class Trouble {
  /** In a row, without anything done in between. */
  tries = 0;
  #obstacle = 'The database did not finish it';
  #lostSince: number | null = null;

  constructor(readonly trying: Trying) {}

  /** Why there may be no further try; null when there may. Throws when the next attempt must go on. */
  mustEnd(deadline: number): Ending | null {
    const { timeoutMs, summary } = this.trying;
    const interrupted = interruption();
    if (interrupted === 'leave') throw workerLeft();
    if (interrupted === 'stop') return { outcome: 'failed', cause: `stopped${summary()}` };
    if (Date.now() < deadline) return null;
    const cause = `It timed out after ${durationText(timeoutMs)}${summary()}. ${this.#obstacle}. Give the step a longer x-timeout, or remove the obstacle, and retry.`;
    return { outcome: 'failed', cause };
  }

  /** How it ends because of the error; null when another try may help. Throws our own errors on. */
  meet(error: unknown, progressed: boolean): Ending | null {
    const found = this.#classify(error);
    if (found === null) throw error;
    if (found.kind === 'refused') return { outcome: 'failed', cause: found.why };
    this.#obstacle = found.why;
    this.tries = progressed ? 0 : this.tries + 1;
    if (found.kind !== 'lost') {
      this.#lostSince = null;
      return null;
    }
    const { unreachableMs } = this.trying.limits;
    this.#lostSince = (progressed ? null : this.#lostSince) ?? Date.now();
    if (Date.now() - this.#lostSince < unreachableMs) return null;
    const cause = `${found.why}, for ${durationText(unreachableMs)}. Restore it or correct the connection, and retry.`;
    return { outcome: 'failed', cause };
  }

  #classify(error: unknown): SqlErrorClass | null {
    const [first, ...others] = this.trying.targets;
    if (first === undefined) return null;
    const name = [first, ...others].map((target) => target.name).join(' or ');
    return classifySqlError(error, { ...first, name }, false);
  }
}

async function withSessions<T>(
  targets: readonly Target[],
  work: (sessions: readonly Session[]) => Promise<T>,
): Promise<T> {
  const sessions: Session[] = [];
  try {
    for (const target of targets) sessions.push(await Session.open(target));
    return await work(sessions);
  } finally {
    for (const session of sessions) await session.close();
  }
}
