/** Whether a worker is there. */
import { tsToMs } from '@temporalio/common/lib/time.js';
import type { Session } from './session.js';
import { ask } from './session.js';

const WORKFLOW_QUEUE = 1;
/** A poll lasts up to a minute, and the server notes its beginning. */
const RECENT_MS = 65_000;

/** True when a worker has asked for work of the session's task queue within the last minute. */
export async function workerPolls(session: Session): Promise<boolean> {
  const { pollers } = await ask(session, null, () =>
    session.client.workflowService.describeTaskQueue({
      namespace: session.namespace,
      taskQueue: { name: session.taskQueue },
      taskQueueType: WORKFLOW_QUEUE,
    }),
  );
  const oldest = Date.now() - RECENT_MS;
  return (pollers ?? []).some(
    ({ lastAccessTime }) => lastAccessTime != null && tsToMs(lastAccessTime) > oldest,
  );
}
