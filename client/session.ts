/** An open connection to an engine, and what every request over it shares: deadlines, and errors in sluice's words. */
import type { Client } from '@temporalio/client';
import { type ErrorCode, SluiceError } from './error.js';
import {
  isGrpcDeadlineError,
  isGrpcServiceError,
  QueryNotRegisteredError,
  QueryRejectedError,
  WorkflowNotFoundError,
} from './temporal.js';

export interface Session {
  readonly client: Client;
  readonly address: string;
  readonly namespace: string;
  readonly home: string;
  /** The queue on which workers of this session's runs poll. */
  readonly taskQueue: string;
}

/** gRPC status codes (https://grpc.io/docs/guides/status-codes/). */
const NOT_FOUND = 5;
const FAILED_PRECONDITION = 9;
const UNAVAILABLE = 14;
const CANCELLED = 1;

/** The server's words for a query that nobody is there to answer; the same code stands for a failing workflow task. */
const NO_POLLER = /no poller seen/;

/** A request that no engine answers within this many milliseconds has failed. */
const REQUEST_MS = 10_000;

/** Makes requests with a deadline. @throws SluiceError in place of the SDK's errors */
export async function ask<T>(
  session: Session,
  run: string | null,
  request: () => Promise<T>,
  withinMs = REQUEST_MS,
): Promise<T> {
  try {
    return await session.client.withDeadline(Date.now() + withinMs, request);
  } catch (error) {
    throw inOurWords(session, run, error);
  }
}

export function noRun(session: Session, run: string): SluiceError {
  return new SluiceError(
    'no-run',
    `There is no run "${run}" on the engine at ${session.address} (namespace ${session.namespace}).`,
    'See the runs there: sluice list.',
  );
}

export function noWorker(session: Session, what: string, taskQueue = session.taskQueue): SluiceError {
  return new SluiceError(
    'no-worker',
    `No worker polls the task queue "${taskQueue}" of the engine at ${session.address}. ${what}`.trim(),
    'Start one: sluice up, or sluice worker.',
  );
}

const PASSING: readonly ErrorCode[] = ['no-worker', 'no-engine', 'stalled', 'unknown-outcome'];

/** True for an error that may go away by itself when the engine or a worker comes back. */
export function isPassing(error: unknown): error is SluiceError {
  return error instanceof SluiceError && PASSING.includes(error.code);
}

/** The code of the gRPC status somewhere in the chain of causes; null when no cause has one. */
export function grpcCode(error: unknown): number | null {
  if (isGrpcServiceError(error)) return error.code;
  return error instanceof Error && error.cause !== undefined ? grpcCode(error.cause) : null;
}

export function isSilence(error: unknown): boolean {
  return isGrpcDeadlineError(error) || grpcCode(error) === CANCELLED;
}

function inOurWords(session: Session, run: string | null, error: unknown): unknown {
  if (error instanceof SluiceError) return error;
  const code = grpcCode(error);
  if (run !== null && (error instanceof WorkflowNotFoundError || code === NOT_FOUND))
    return noRun(session, run);
  if (code === UNAVAILABLE) {
    return new SluiceError(
      'no-engine',
      `The engine at ${session.address} cannot be reached any more.`,
      'Start it again: sluice up, or check the Temporal cluster.',
      error,
    );
  }
  if (code === FAILED_PRECONDITION) {
    return NO_POLLER.test(messageOf(error))
      ? noWorker(session, 'The run cannot answer without one.')
      : new SluiceError(
          'stalled',
          `The run "${run}" cannot answer now: its workflow task keeps failing.`,
          "Temporal retries it automatically. If it keeps failing, read the worker's log.",
          error,
        );
  }
  if (isSilence(error)) {
    return new SluiceError(
      'unknown-outcome',
      `No answer came from the engine at ${session.address} in time.`,
      'Check that a worker is running and not overloaded, then try again.',
      error,
    );
  }
  if (error instanceof QueryNotRegisteredError || error instanceof QueryRejectedError) {
    return new SluiceError(
      'engine-trouble',
      `The run "${run}" gave an answer that this version of sluice does not know: ${error.message}.`,
      'It may have been started by another program or version.',
      error,
    );
  }
  // A caller that names no run looks at "not found" itself.
  if (code === null || code === NOT_FOUND) return error;
  return new SluiceError(
    'engine-trouble',
    `The engine at ${session.address} refused the request: ${messageOf(error)}.`,
    null,
    error,
  );
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
