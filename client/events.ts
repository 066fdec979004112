/** The record of a run, from any place in it: over every Temporal run of the chain that continued as new. */
import type { RunEvent } from '../strategy/run/event.js';
import { type EventsPage, type EventsQuery, QUERIES } from '../strategy/run/messages.js';
import { askWorker } from './pollers.js';
import { recordedRun } from './record.js';
import { ask, noRun, type Session } from './session.js';
import { describe } from './view.js';

/** Events per query: their output tails keep a page far below the engine's limit for one answer. */
export const PAGE = 200;

/**
 * The events of a run from `from` on, oldest first. Those of an ended run are read from its record file when this
 * host has it; otherwise a worker must be there to answer.
 * @throws SluiceError `no-run`, `no-worker`
 */
export async function events(session: Session, run: string, from = 0): Promise<readonly RunEvent[]> {
  const { status, runId } = await describe(session, run);
  if (status === 'COMPLETED') {
    const recorded = await recordedRun(session.home, run);
    if (recorded !== null) return recorded.events.filter(({ seq }) => seq >= from);
  }
  return chain(session, run, runId, from, Number.MAX_SAFE_INTEGER);
}

/** One page of the latest Temporal run, which may begin after `from`. */
export function page(session: Session, run: string, from: number, runId?: string): Promise<EventsPage> {
  const handle = session.client.workflow.getHandle(run, runId);
  const query: EventsQuery = { from, limit: PAGE };
  return askWorker(session, run, () => handle.query<EventsPage, [EventsQuery]>(QUERIES.events, query));
}

/** The events `from` <= seq < `to` that lie in this Temporal run and those before it. */
export async function chain(
  session: Session,
  run: string,
  runId: string,
  from: number,
  to: number,
): Promise<readonly RunEvent[]> {
  const found: RunEvent[] = [];
  let next = from;
  const first = await page(session, run, next, runId);
  if (first.oldest > next) {
    const before = await predecessor(session, run, runId);
    if (before !== null) found.push(...(await chain(session, run, before, next, Math.min(to, first.oldest))));
    next = Math.min(to, first.oldest);
  }
  while (next < to) {
    const { events: some } = await page(session, run, next, runId);
    const wanted = some.filter(({ seq }) => seq >= next && seq < to);
    const last = wanted.at(-1);
    if (last === undefined) break;
    found.push(...wanted);
    next = last.seq + 1;
  }
  return found;
}

/** The Temporal run that continued as this one; null for the first. */
async function predecessor(session: Session, run: string, runId: string): Promise<string | null> {
  const { history } = await ask(session, run, () =>
    session.client.workflowService.getWorkflowExecutionHistory({
      namespace: session.namespace,
      execution: { workflowId: run, runId },
      maximumPageSize: 1,
    }),
  );
  const started = history?.events?.[0]?.workflowExecutionStartedEventAttributes;
  if (started === undefined || started === null) throw noRun(session, run);
  return started.continuedExecutionRunId || null;
}
