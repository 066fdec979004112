/** Saying something to a run and hearing at once whether it counts: Temporal updates, with an end to every wait. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkflowUpdateFailedError as UpdateFailed } from '@temporalio/client';
import { SluiceError } from './error.js';
import { workerAnswers } from './pollers.js';
import { ask, grpcCode, isPassing, noRun, noWorker, type Session } from './session.js';
import { WorkflowNotFoundError, WorkflowUpdateFailedError } from './temporal.js';

/** How long to wait for an answer, over restarts of the engine. */
const PATIENCE_MS = 15_000;
const PAUSE_MS = 100;
const NOT_FOUND = 5;

export interface UpdateOptions {
  /** Makes repeats harmless: the run takes an update of the same id once. By default a new one. */
  readonly updateId?: string | undefined;
}

/**
 * Sends an update and waits until the run has taken or refused it.
 * @throws SluiceError `refused` with the run's reason; `no-worker` when nothing was sent; `unknown-outcome` when no
 *   answer came in time; `no-run`; `run-ended`.
 */
export async function update(
  session: Session,
  run: string,
  name: string,
  argument: object,
  { updateId = randomUUID() }: UpdateOptions = {},
): Promise<void> {
  const handle = session.client.workflow.getHandle(run);
  if (!(await workerAnswers(session, run))) {
    // Known before it is sent: an update that waits for a worker could be taken long after its sender gave up.
    await stillOpen(session, run);
    throw noWorker(session, 'Nothing was sent or recorded.');
  }
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      await ask(
        session,
        null,
        () => handle.executeUpdate(name, { args: [argument], updateId }),
        deadline - Date.now(),
      );
      return;
    } catch (error) {
      if (error instanceof WorkflowUpdateFailedError) throw refusal(error);
      if (error instanceof WorkflowNotFoundError || grpcCode(error) === NOT_FOUND) {
        await stillOpen(session, run);
        throw noRun(session, run);
      }
      if (!isPassing(error)) throw error;
      if (Date.now() + PAUSE_MS >= deadline) throw unknown(session, run, error);
      await sleep(PAUSE_MS);
    }
  }
}

/** @throws SluiceError `run-ended` or `no-run` */
async function stillOpen(session: Session, run: string): Promise<void> {
  const { status } = await ask(session, run, () => session.client.workflow.getHandle(run).describe());
  if (status.name === 'RUNNING') return;
  throw new SluiceError('run-ended', `The run "${run}" has ended.`, `See its result: sluice status ${run}.`);
}

function refusal(error: UpdateFailed): SluiceError {
  const why = error.cause instanceof Error ? error.cause.message : error.message;
  return new SluiceError('refused', why, null, error);
}

function unknown(session: Session, run: string, cause: unknown): SluiceError {
  return new SluiceError(
    'unknown-outcome',
    `The run "${run}" on ${session.address} did not answer in time. The request may or may not have been recorded.`,
    `Check before you repeat it: sluice status ${run}.`,
    cause,
  );
}
