/** A run whose workflow code no worker gets any further: why, as far as the engine knows. */

import { SluiceError } from './error.js';
import { ask, type Session } from './session.js';
import { tsToMs } from './temporal.js';

/** So many of the latest events are searched for what went wrong last. */
const LATEST = 50;
const TEXT = 400;

/** @param cause the engine's refusal to let the run be asked */
export async function stalled(session: Session, run: string, cause: SluiceError): Promise<SluiceError> {
  const { raw } = await ask(session, run, () => session.client.workflow.getHandle(run).describe());
  const task = raw.pendingWorkflowTask;
  // It continued meanwhile.
  if (task == null) return cause;
  const since = task.originalScheduledTime ?? task.scheduledTime;
  const tries = `${task.attempt ?? 0} attempts${since == null ? '' : ` since ${new Date(tsToMs(since)).toISOString()}`}`;
  const why = await lastFailure(session, run);
  return new SluiceError(
    'stalled',
    `The run "${run}" is stuck: its workflow task failed in ${tries}. ${
      why === null
        ? 'The workers exited or timed out.'
        : `The last error: ${why.length > TEXT ? `${why.slice(0, TEXT)} ...` : why}`
    }`,
    "Temporal retries it automatically, and nothing is lost. If it keeps failing, read the worker's log; if sluice was upgraded since the run began, go back to the earlier version.",
    cause,
  );
}

async function lastFailure(session: Session, run: string): Promise<string | null> {
  const { history } = await ask(session, run, () =>
    session.client.workflowService.getWorkflowExecutionHistoryReverse({
      namespace: session.namespace,
      execution: { workflowId: run },
      maximumPageSize: LATEST,
    }),
  );
  for (const { workflowTaskFailedEventAttributes: failed } of history?.events ?? []) {
    const message = failed?.failure?.message;
    if (message) return message;
  }
  return null;
}
