/** What the parts of a stream share: both sides, and what is told about it. */
import type { StreamAction } from '../../../strategy/plan.js';
import type { EffectJob } from '../../contract.js';
import type { Session } from '../../sql/session.js';
import type { Target } from '../../sql/target.js';
import type { Names } from './names.js';
import type { StreamProgress } from './progress.js';

export interface Setting {
  readonly job: EffectJob<StreamAction>;
  readonly names: Names;
  readonly source: Side;
  readonly target: Side;
  readonly lockTimeoutMs: number;
  readonly progress: StreamProgress;
  /** Milliseconds since 1970. */
  readonly deadline: number;
}

export interface Side {
  readonly session: Session;
  /** Where it is, with the credentials: how the other server, or a relay, reaches it. */
  readonly at: Target;
}

/** The end of a part that a person must look at. */
export class Stopped extends Error {
  override readonly name = 'Stopped';
}

/** It was interrupted, or its time is up. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** Does it in one transaction, which waits for a lock only for a moment. */
export async function inTransaction<T>(
  session: Session,
  lockTimeoutMs: number,
  work: () => Promise<T>,
): Promise<T> {
  await session.query('begin');
  try {
    await session.query(
      "select set_config('lock_timeout', $1, true), set_config('synchronous_commit', 'on', true)",
      [String(lockTimeoutMs)],
    );
    const result = await work();
    await session.querySteadily('commit');
    return result;
  } catch (error) {
    await session.querySteadily('rollback').catch(() => undefined);
    throw error;
  }
}
