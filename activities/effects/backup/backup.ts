/**
 * Backs up the tables of an item in their own database, and restores them. Each task is one transaction that holds the row of
 * `sluice.backup`, so a repeat after a kill at any moment finds all of it done, or nothing.
 */
import type { BackupAction } from '../../../strategy/plan.js';
import type { HeartbeatReport } from '../../../strategy/run/progress.js';
import { firstScheduledAt, withHeartbeat } from '../../attempt.js';
import type { EffectJob, EffectOutcome } from '../../contract.js';
import { type Dependencies, limitsOf } from '../../dependencies.js';
import { point } from '../../fault-points.js';
import { redact } from '../../redact.js';
import { Refusal } from '../../refusal.js';
import { secretForms, UnresolvedReference } from '../../secrets.js';
import type { Session } from '../../sql/session.js';
import { targetOf } from '../../sql/target.js';
import { tryUntil } from '../mirror/try-until.js';
import { ensureTransfers } from '../rows/transfer.js';
import { type Limits, makeBackup, markEnd } from './make.js';
import { type Restored, restoreBackup } from './restore.js';
import { beginExact } from './shape.js';
import { ensureBackups } from './state.js';

type Job = EffectJob<BackupAction>;

/** A timer takes no more. */
const MOST_MS = 2 ** 31 - 1 - 60_000;

/** Carries `job.action` out; throws only when the next attempt must do it. */
export async function runBackup(dependencies: Dependencies, job: Job): Promise<EffectOutcome> {
  let sentence = '';
  const since = firstScheduledAt();
  const report = (): HeartbeatReport => ({
    step: job.key.subject,
    progress: { done: 0, total: null, unit: 'rows', ratePerSecond: null, since, endsAt: null, sentence },
    samples: [],
  });
  const work = async (): Promise<EffectOutcome> => {
    const began = Date.now();
    const forms = await secretForms(job.context, dependencies.env);
    const ending = await carryOut(dependencies, job, (now) => {
      sentence = now;
    });
    point('before-return');
    const ended = { durationMs: Date.now() - began, exitCode: null };
    if (ending.outcome === 'failed') {
      return { ...ended, outcome: 'failed', cause: redact(forms, ending.cause), output: '' };
    }
    const { output, losses } = ending;
    return { ...ended, outcome: 'done', output: redact(forms, output), ...(losses && { losses }) };
  };
  return withHeartbeat(work, () => (sentence === '' ? {} : { report: report() }));
}

async function carryOut(dependencies: Dependencies, job: Job, say: Limits['say']): Promise<Restored> {
  const limits = limitsOf(dependencies);
  let restored: Restored | null = null;
  try {
    const target = await targetOf(job.context, job.action.connection, dependencies.env);
    const trying = { targets: [target], limits, timeoutMs: job.timeoutMs, done: () => 0, summary: () => '' };
    const ending = await tryUntil(trying, async ([session], deadline) => {
      if (session === undefined) return null;
      await ensureTransfers(session);
      await ensureBackups(session);
      const leftMs = Math.min(deadline - Date.now(), MOST_MS);
      restored = await inTransaction(session, job, limits.lockTimeoutMs, { leftMs, say });
      return restored;
    });
    return restored ?? ending;
  } catch (error) {
    if (!(error instanceof Refusal || error instanceof UnresolvedReference)) throw error;
    return { outcome: 'failed', cause: error.message };
  }
}

/** What failed leaves nothing. */
async function inTransaction(
  session: Session,
  job: Job,
  lockTimeoutMs: number,
  limits: Limits,
): Promise<Restored> {
  const restores = job.action.task.do === 'restore';
  const { leftMs } = limits;
  await beginExact(session, restores ? 'read committed' : 'repeatable read', { lockTimeoutMs, leftMs });
  const ending = await carryOutTask(session, job, limits);
  if (ending.outcome === 'failed') {
    await session.querySteadily('rollback');
    return ending;
  }
  point('before-commit');
  await session.querySteadily('commit');
  point('after-commit');
  return ending;
}

function carryOutTask(session: Session, job: Job, limits: Limits): Promise<Restored> {
  const { task } = job.action;
  switch (task.do) {
    case 'make':
      return makeBackup(session, job, limits);
    case 'mark':
      return markEnd(session, job, limits);
    case 'restore':
      return restoreBackup(session, job, limits);
    default:
      return task satisfies never;
  }
}
