/**
 * What a job carries: where it runs, what it needs of the bindings, and which databases its connections must lead to. A
 * database is pinned before the run's first job that uses it; from then on every job is refused by another one.
 */
import { isCancellation } from '@temporalio/workflow';
import type { RunContext } from '../activities/contract.js';
import type { Needs } from '../strategy/kinds/needs.js';
import { jobBindings } from '../strategy/run/job-bindings.js';
import { identifier, messageOf } from './activities.js';
import type { Run } from './run.js';

export interface Prepared {
  readonly context: RunContext;
  /** Why a connection is not pinned yet; null when all are. An effect is not carried out then; a probe finds out itself. */
  readonly unidentified: string | null;
}

/** Pins the databases that are used for the first time, then answers with the context of the job. */
export async function contextFor(run: Run, needs: Needs): Promise<Prepared> {
  let unidentified: string | null = null;
  const { bindings } = pinnedContext(run, needs);
  for (const connection of Object.keys(bindings.connections)) {
    if (run.pins.has(connection)) continue;
    const job = { context: pinnedContext(run, needs), connection };
    const found = await identifier.identifyDatabase(job).catch((error: unknown) => {
      if (isCancellation(error)) throw error;
      return { why: messageOf(error) };
    });
    if ('why' in found) unidentified ??= found.why;
    // Two jobs may have asked at the same moment: the first answer counts.
    else if (!run.pins.has(connection)) run.pins.set(connection, found.database);
  }
  return { context: pinnedContext(run, needs), unidentified };
}

/** The context of a job with the pins that there are. */
export function pinnedContext(run: Run, needs: Needs): RunContext {
  const bindings = jobBindings(run.plan.bindings, needs);
  const pins = [...run.pins].filter(([connection]) => Object.hasOwn(bindings.connections, connection));
  const { execution, input, view } = run;
  return { run: view.run, execution, workspace: input.workspace, bindings, pins: Object.fromEntries(pins) };
}
