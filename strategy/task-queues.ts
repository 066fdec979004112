/** The task queues beside the shared one; names only. */

/** Reaches the workers of one host, which share its disk: what needs the workspace or a job folder goes there. */
export function hostQueue(shared: string, host: string): string {
  return `${shared}@${host}`;
}

/**
 * Reaches the same workers, and carries nothing but the question whether the host is there. A host that is fully loaded
 * leaves commands waiting in its queue exactly as a lost one does; this queue is never full, so it tells the two apart.
 */
export function livenessQueue(queueOfHost: string): string {
  return `${queueOfHost}/alive`;
}
