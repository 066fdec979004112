/** Saying something to a run and hearing at once whether it counts: Temporal updates, with an end to every wait. */
import { randomUUID } from 'node:crypto';
import type { WorkflowUpdateFailedError as UpdateFailed } from '@temporalio/client';
import type { Expiring } from '../strategy/run/ballot.js';
import { EXPIRED, type UPDATES } from '../strategy/run/messages.js';
import { type ErrorCode, SluiceError } from './error.js';
import { pause } from './pause.js';
import { workerAnswers } from './pollers.js';
import { ask, grpcCode, isPassing, noRun, noWorker, type Session } from './session.js';
import { ApplicationFailure, WorkflowNotFoundError, WorkflowUpdateFailedError } from './temporal.js';
import { type Described, describe } from './view.js';

/** How long to wait for an answer, over restarts of the engine. */
const PATIENCE_MS = 15_000;
const PAUSE_MS = 100;
const NOT_FOUND = 5;

/** A run that answers takes milliseconds. Past this, it is asked whether a worker is there at all. */
const DOUBT_MS = 300;
/** How long a message counts: long enough for a busy worker, and short enough to wait for when no worker runs. */
const VALID_MS = 10_000;
/** `PendingWorkflowTaskState` of Temporal's API: a worker has the run in hand. */
const TASK_STARTED = 2;

export interface UpdateOptions {
  /** Makes repeats harmless: the run takes an update of the same id once. By default a new one. */
  readonly updateId?: string | undefined;
  /** Called once when no worker answers yet: the message counts for so many more seconds, and that long it is waited for. */
  readonly onWaiting?: ((seconds: number) => void) | undefined;
}

interface Message {
  readonly run: string;
  readonly name: (typeof UPDATES)[keyof typeof UPDATES];
  readonly argument: Expiring;
  readonly updateId: string;
}

/**
 * Sends an update and waits until the run has taken or refused it.
 *
 * An update that no worker takes would wait in the engine, and could be taken long after its sender gave up. So it is
 * sent with an instant after which it no longer counts, and only then is it reported as not recorded. That
 * instant is of this host's clock and the run judges by the engine's: if they differ by so much that the run refuses
 * it at once, it is sent without, after a worker has answered.
 * @throws SluiceError `refused` with the run's reason; `no-worker` when nothing was recorded; `unknown-outcome` when no
 *   answer came in time; `no-run`; `run-ended`; `stalled`.
 */
export async function update(
  session: Session,
  run: string,
  name: Message['name'],
  argument: object,
  { updateId = randomUUID(), onWaiting = () => undefined }: UpdateOptions = {},
): Promise<void> {
  const validUntil = new Date(Date.now() + VALID_MS);
  const over = new AbortController();
  const limited = { run, name, argument: { ...argument, validUntil: validUntil.toISOString() }, updateId };
  try {
    const sent = send(session, limited, over.signal);
    await Promise.race([sent, unlessNobodyAnswers(session, run, sent, validUntil, over.signal, onWaiting)]);
  } catch (error) {
    if (!isExpired(error)) throw error;
    if (!(await workerAnswers(session, run))) {
      await stillOpen(session, run);
      throw nothingRecorded(session);
    }
    // The engine keeps no trace of an update that was refused as expired: the same id is free.
    await send(session, { run, name, argument, updateId }, over.signal);
  } finally {
    over.abort();
  }
}

/** What becomes of `sent`, or, once the message no longer counts, why no worker can have taken it. */
async function unlessNobodyAnswers(
  session: Session,
  run: string,
  sent: Promise<void>,
  validUntil: Date,
  over: AbortSignal,
  onWaiting: (seconds: number) => void,
): Promise<void> {
  await pause(DOUBT_MS, over);
  if (over.aborted) return sent;
  const reason = await whyNobodyAnswers(session, run);
  if (reason === null || over.aborted) return sent;
  onWaiting(Math.ceil((validUntil.getTime() - Date.now()) / 1000));
  await pause(validUntil.getTime() - Date.now(), over);
  if (over.aborted) return sent;
  const { raw } = await stillOpen(session, run);
  // A worker that took it in time, and has not answered yet.
  if (raw.pendingWorkflowTask?.state === TASK_STARTED && reason.code === 'no-worker') return sent;
  throw reason;
}

/** Only for these is it certain that the run has not taken the message: for others `sent` says what became of it. */
const UNTAKEN: readonly ErrorCode[] = ['no-worker', 'stalled'];

async function whyNobodyAnswers(session: Session, run: string): Promise<SluiceError | null> {
  try {
    return (await workerAnswers(session, run)) ? null : nothingRecorded(session);
  } catch (error) {
    return error instanceof SluiceError && UNTAKEN.includes(error.code) ? error : null;
  }
}

/** Sends until the run has answered; `over` ends the waiting for one that nobody waits for any more. */
async function send(
  session: Session,
  { run, name, argument, updateId }: Message,
  over: AbortSignal,
): Promise<void> {
  const { client } = session;
  const handle = client.workflow.getHandle(run);
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      // A signal for each attempt: the SDK's client never takes its listener off again.
      await client.withAbortSignal(AbortSignal.any([over]), () =>
        ask(
          session,
          null,
          () => handle.executeUpdate(name, { args: [argument], updateId }),
          deadline - Date.now(),
        ),
      );
      return;
    } catch (error) {
      if (error instanceof WorkflowUpdateFailedError) throw refusal(error);
      if (error instanceof WorkflowNotFoundError || grpcCode(error) === NOT_FOUND) {
        await stillOpen(session, run);
        throw noRun(session, run);
      }
      if (!isPassing(error)) throw error;
      if (over.aborted || Date.now() + PAUSE_MS >= deadline) throw unknown(session, run, error);
      await pause(PAUSE_MS, over);
    }
  }
}

/** @throws SluiceError `run-ended` or `no-run` */
async function stillOpen(session: Session, run: string): Promise<Described> {
  const described = await describe(session, run);
  if (described.status === 'RUNNING') return described;
  throw new SluiceError('run-ended', `The run "${run}" has ended.`, `See its result: sluice status ${run}.`);
}

function isExpired(error: unknown): boolean {
  if (!(error instanceof SluiceError && error.cause instanceof WorkflowUpdateFailedError)) return false;
  const { cause } = error.cause;
  return cause instanceof ApplicationFailure && cause.type === EXPIRED;
}

function nothingRecorded(session: Session): SluiceError {
  return noWorker(session, 'No worker took it before it expired, so nothing was recorded.');
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
