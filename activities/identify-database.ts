/** Finds out which database a connection leads to, so that the run can pin it before its first use. */
import pg from 'pg';
import { interruption, withHeartbeat, workerLeft } from './attempt.js';
import type { Identified, IdentifyJob } from './contract.js';
import { type Dependencies, limitsOf } from './dependencies.js';
import { classifySqlError } from './effects/sql/error-class.js';
import { redact } from './redact.js';
import { Refusal } from './refusal.js';
import { secretForms, UnresolvedReference } from './secrets.js';
import { backOff, ConnectionLost, withSession } from './sql/session.js';
import { targetOf } from './sql/target.js';

/** Waits for a database that is out of reach as long as an effect would. */
export async function identifyDatabase(dependencies: Dependencies, job: IdentifyJob): Promise<Identified> {
  return withHeartbeat(async () => {
    const forms = await secretForms(job.context, dependencies.env);
    const deadline = Date.now() + limitsOf(dependencies).unreachableMs;
    for (let tries = 0; ; tries += 1) {
      try {
        const target = await targetOf(job.context, job.connection, dependencies.env);
        return await withSession(target, async ({ database }) => ({ database }));
      } catch (error) {
        if (interruption() === 'leave') throw workerLeft();
        const mayComeBack =
          error instanceof ConnectionLost && Date.now() < deadline && interruption() === null;
        if (!mayComeBack) return { why: redact(forms, await whyOf(error, dependencies, job)) };
        await backOff(tries);
      }
    }
  });
}

async function whyOf(error: unknown, dependencies: Dependencies, job: IdentifyJob): Promise<string> {
  if (error instanceof Refusal || error instanceof UnresolvedReference) return error.message;
  if (!(error instanceof ConnectionLost || error instanceof pg.DatabaseError)) throw error;
  const target = await targetOf(job.context, job.connection, dependencies.env);
  const { why } = classifySqlError(error, target, true) ?? { why: error.message };
  return `${why}. Nothing was run. Restore it or correct the connection, and retry.`;
}
