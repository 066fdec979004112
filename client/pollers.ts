/** Whether a worker is there. */
import { setTimeout as sleep } from 'node:timers/promises';
import { QUERIES } from '../strategy/run/messages.js';
import { SluiceError } from './error.js';
import { ask, noWorker, type Session } from './session.js';
import { stalled } from './stalled.js';
import { tsToMs } from './temporal.js';

const WORKFLOW_QUEUE = 1;
/** A poll lasts up to a minute, and the server notes its beginning. */
const RECENT_MS = 65_000;

/** True when a worker has asked for work of the task queue, by default the session's, within the last minute. */
export async function workerPolls(session: Session, taskQueue = session.taskQueue): Promise<boolean> {
  const { pollers } = await ask(session, null, () =>
    session.client.workflowService.describeTaskQueue({
      namespace: session.namespace,
      taskQueue: { name: taskQueue },
      taskQueueType: WORKFLOW_QUEUE,
    }),
  );
  const oldest = Date.now() - RECENT_MS;
  return (pollers ?? []).some(
    ({ lastAccessTime }) => lastAccessTime != null && tsToMs(lastAccessTime) > oldest,
  );
}

/** A worker that lives answers a query within milliseconds; on an overloaded machine, within seconds. */
const ANSWER_MS = 5_000;
/** An answer that takes longer than this makes it worth looking whether anybody polls at all. */
const DOUBT_MS = 300;

/**
 * Asks a run something that only a worker can answer (a query).
 * @throws SluiceError `no-worker` when none polls or none answers in time; `no-run`; `no-engine`
 */
export async function askWorker<T>(session: Session, run: string, request: () => Promise<T>): Promise<T> {
  const answer = ask(session, run, request, ANSWER_MS).catch(async (error: unknown) => {
    if (!(error instanceof SluiceError)) throw error;
    switch (error.code) {
      case 'unknown-outcome':
        throw silent(session, run, await queueOf(session, run), error);
      case 'no-worker':
        throw unasked(session, run, await queueOf(session, run));
      case 'stalled':
        throw await stalled(session, run, error);
      default:
        throw error;
    }
  });
  const doubt = new AbortController();
  const nobody = sleep(DOUBT_MS, undefined, { signal: doubt.signal }).then(
    async () => {
      // Without any poller the query would wait for its whole deadline.
      const queue = await queueOf(session, run);
      if (await workerPolls(session, queue)) return answer;
      throw unasked(session, run, queue);
    },
    () => answer,
  );
  try {
    return await Promise.race([answer, nobody]);
  } finally {
    doubt.abort();
  }
}

/**
 * True when a worker answers for this run now. More certain than that one has polled: a worker killed half a minute
 * ago still counts as polling.
 * @throws SluiceError `no-run`, `no-engine`
 */
export async function workerAnswers(session: Session, run: string): Promise<boolean> {
  const handle = session.client.workflow.getHandle(run);
  try {
    await askWorker(session, run, () => handle.query<unknown>(QUERIES.decisions));
    return true;
  } catch (error) {
    if (error instanceof SluiceError && error.code === 'no-worker') return false;
    throw error;
  }
}

/** Where the run's workers poll: another program may have started it on another queue than this session's. */
async function queueOf(session: Session, run: string): Promise<string> {
  const { taskQueue } = await ask(session, run, () => session.client.workflow.getHandle(run).describe());
  return taskQueue;
}

function unasked(session: Session, run: string, queue: string): SluiceError {
  return noWorker(session, `The run "${run}" cannot answer without one.`, queue);
}

function silent(session: Session, run: string, queue: string, cause: SluiceError): SluiceError {
  return new SluiceError(
    'no-worker',
    `No worker answered for the run "${run}" within ${ANSWER_MS / 1000} s, on the task queue "${queue}" of the engine at ${session.address}.`,
    'It may have been killed. Start one: sluice up, or sluice worker.',
    cause,
  );
}
