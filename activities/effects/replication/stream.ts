/**
 * Carries out a part of a stream. Each part makes what is missing and removes what is there, in an order in which every kill leaves
 * something from which the next attempt goes on. Rows pass through this process only where it relays them.
 */
import type { StreamAction } from '../../../strategy/plan.js';
import type { HeartbeatReport } from '../../../strategy/run/progress.js';
import { firstScheduledAt, interruption, withHeartbeat, workerLeft } from '../../attempt.js';
import type { EffectJob, EffectOutcome } from '../../contract.js';
import { type Dependencies, limitsOf } from '../../dependencies.js';
import { point } from '../../fault-points.js';
import { redact } from '../../redact.js';
import { Refusal } from '../../refusal.js';
import { secretForms, UnresolvedReference } from '../../secrets.js';
import { backOff, type Session, withSession } from '../../sql/session.js';
import { type Target, targetOf } from '../../sql/target.js';
import { durationText } from '../../wording.js';
import type { Ending } from '../rows/ending.js';
import { classifySqlError } from '../sql/error-class.js';
import { cutOver, finish, switchBack } from './cut-over.js';
import { namesOf } from './names.js';
import { StreamProgress } from './progress.js';
import { Interrupted, type Setting, Stopped } from './setting.js';
import { start, undoStart } from './start.js';
import { takeStream } from './state.js';

/** Throws only when the next attempt must go on with it. */
export async function runStream(
  dependencies: Dependencies,
  job: EffectJob<StreamAction>,
): Promise<EffectOutcome> {
  const progress = new StreamProgress(firstScheduledAt());
  const report = (): HeartbeatReport => ({ step: job.key.subject, progress: progress.read(), samples: [] });
  const work = async (): Promise<EffectOutcome> => {
    const began = Date.now();
    const forms = await secretForms(job.context, dependencies.env);
    const ending = await carryOut(dependencies, job, progress);
    point('before-return');
    const ended = { durationMs: Date.now() - began, exitCode: null };
    if (ending.outcome === 'done') return { ...ended, outcome: 'done', output: redact(forms, ending.output) };
    return { ...ended, outcome: 'failed', cause: redact(forms, ending.cause), output: progress.sentence };
  };
  return withHeartbeat(work, () => ({ report: report() }));
}

async function carryOut(
  dependencies: Dependencies,
  job: EffectJob<StreamAction>,
  progress: StreamProgress,
): Promise<Ending> {
  const limits = limitsOf(dependencies);
  const deadline = Date.now() + job.timeoutMs;
  let source: Target;
  let target: Target;
  try {
    source = await targetOf(job.context, job.action.connection, dependencies.env);
    target = await targetOf(job.context, job.action.to, dependencies.env);
  } catch (error) {
    if (!(error instanceof Refusal || error instanceof UnresolvedReference)) throw error;
    return { outcome: 'failed', cause: error.message };
  }
  const name = `${source.name} or ${target.name}`;
  const trouble = new Trouble({ ...target, name }, limits.unreachableMs, progress);
  const base = { job, names: namesOf(job), progress, deadline, lockTimeoutMs: limits.lockTimeoutMs };
  for (;;) {
    const end = mustEnd(job, deadline, trouble);
    if (end !== null) return end;
    try {
      return await withSession(target, (to) =>
        withSession(source, async (from) => {
          if (!(await takeStream(to, base.names.id))) throw new Taken();
          return carryOutPart(
            {
              ...base,
              source: { session: from, at: source },
              target: { session: to, at: target },
            },
            [from, to],
          );
        }),
      );
    } catch (error) {
      const ending = trouble.meet(error);
      if (ending !== null) return ending;
      await backOff(Math.min(trouble.tries, MOST_TRIES));
    }
  }
}

/** Behind it, the wait between two tries grows no more. */
const MOST_TRIES = 5;

/** Why there may be no further try; null when there may. Throws when the next attempt must go on. */
function mustEnd(
  { timeoutMs }: EffectJob<StreamAction>,
  deadline: number,
  { obstacle, progress }: Trouble,
): Ending | null {
  const interrupted = interruption();
  if (interrupted === 'leave') throw workerLeft();
  if (interrupted === 'stop') return { outcome: 'failed', cause: `Stopped while ${progress.sentence}.` };
  if (Date.now() < deadline) return null;
  const cause = `It timed out after ${durationText(timeoutMs)}, ${progress.sentence}. ${obstacle}. Give the step a longer x-timeout, and retry: it goes on where it is.`;
  return { outcome: 'failed', cause };
}

/** What came in the way so far. */
class Trouble {
  obstacle = 'The servers did not finish it';
  tries = 0;
  #lostSince: number | null = null;
  #lostAt = '';

  constructor(
    readonly target: Target,
    readonly unreachableMs: number,
    readonly progress: StreamProgress,
  ) {}

  /** How it ends because of the error; null when another try may help. Throws our own errors on. */
  meet(error: unknown): Ending | null {
    if (error instanceof Interrupted) return null;
    if (error instanceof Stopped || error instanceof Refusal)
      return { outcome: 'failed', cause: error.message };
    this.tries += 1;
    if (error instanceof Taken) {
      this.obstacle = error.message;
      return null;
    }
    const found = classifySqlError(error, this.target, false);
    if (found === null) throw error;
    if (found.kind === 'refused') return { outcome: 'failed', cause: found.why };
    this.obstacle = found.why;
    if (found.kind !== 'lost') {
      this.#lostSince = null;
      return null;
    }
    // It came on since the last loss.
    if (this.progress.sentence !== this.#lostAt) this.#lostSince = null;
    this.#lostAt = this.progress.sentence;
    this.#lostSince ??= Date.now();
    if (Date.now() - this.#lostSince < this.unreachableMs) return null;
    const cause = `${found.why}, for ${durationText(this.unreachableMs)}. Restore it or correct the connection, and retry: it goes on where it is.`;
    return { outcome: 'failed', cause };
  }
}

class Taken extends Error {
  override readonly name = 'Taken';

  constructor() {
    super('An earlier attempt, whose worker was lost, still holds its connection');
  }
}

/** Reading takes as long as the server takes; waiting for locks is limited where it happens. */
async function carryOutPart(setting: Setting, sessions: readonly Session[]): Promise<Ending> {
  for (const session of sessions) await session.query("set client_min_messages = 'error'");
  const { part, direction } = setting.job.action;
  const undo = direction === 'undo';
  switch (part) {
    case 'start':
      return undo ? undoStart(setting) : start(setting);
    case 'cut-over':
      return undo ? switchBack(setting) : cutOver(setting);
    case 'finish':
      return finish(setting);
    default:
      return part satisfies never;
  }
}
