/**
 * The runs as the engine lists them, with what each published in its memo.
 *
 * Read from the raw answer: of 1,000 runs, the SDK's own reading took 100 ms, and this takes 10.
 */
import { WORKFLOW } from '../strategy/run/messages.js';
import { ask, type Session } from './session.js';
import { defaultPayloadConverter, tsToMs } from './temporal.js';

export interface VisibleRun {
  readonly run: string;
  /** Of the latest Temporal run of its chain. */
  readonly execution: string;
  /** How it was ended in Temporal, such as `terminated`; null for one that is open, or that ended by itself. */
  readonly endedFromOutside: string | null;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly memo: Readonly<Record<string, unknown>>;
}

type Answer = Awaited<ReturnType<Session['client']['workflowService']['listWorkflowExecutions']>>;
type Raw = Answer['executions'][number];

/** `WorkflowExecutionStatus` of Temporal's API. */
const FROM_OUTSIDE: Readonly<Record<number, string>> = {
  3: 'failed',
  4: 'cancelled',
  5: 'terminated',
  7: 'timed out',
};

/** Temporal's largest page. */
const PAGE = 1_000;

const RUNS = `WorkflowType = '${WORKFLOW}' AND ExecutionStatus != 'ContinuedAsNew'`;

/**
 * The runs to which the condition applies, at most `limit`: the open ones, then the others, the latest first. One per id.
 * @param condition in Temporal's list filter; null for every run
 * @throws SluiceError `no-engine`
 */
export async function visibleRuns(
  session: Session,
  condition: string | null,
  limit: number,
): Promise<readonly VisibleRun[]> {
  return ask(session, null, async () => {
    const found = new Map<string, VisibleRun>();
    let nextPageToken: Uint8Array = new Uint8Array();
    do {
      const answer: Answer = await session.client.workflowService.listWorkflowExecutions({
        namespace: session.namespace,
        query: queryOf(condition),
        // What an id was used for before counts for the page, and not for the limit.
        pageSize: Math.min(limit, PAGE),
        nextPageToken,
      });
      for (const raw of answer.executions) {
        const { run } = idsOf(raw);
        if (found.size < limit && !found.has(run)) found.set(run, read(raw));
      }
      nextPageToken = answer.nextPageToken;
    } while (found.size < limit && nextPageToken.length > 0);
    return [...found.values()];
  });
}

/** How many there are. @throws SluiceError `no-engine` */
export async function countRuns(session: Session, condition: string): Promise<number> {
  const { namespace } = session;
  const query = queryOf(condition);
  const { count } = await ask(session, null, () =>
    session.client.workflowService.countWorkflowExecutions({ namespace, query }),
  );
  return Number(count);
}

function queryOf(condition: string | null): string {
  return condition === null ? RUNS : `${RUNS} AND ${condition}`;
}

function idsOf({ execution }: Raw): { readonly run: string; readonly execution: string } {
  return { run: execution?.workflowId ?? '', execution: execution?.runId ?? '' };
}

function read(raw: Raw): VisibleRun {
  const { status, startTime, closeTime, memo } = raw;
  const fields = Object.entries(memo?.fields ?? {});
  return {
    ...idsOf(raw),
    endedFromOutside: FROM_OUTSIDE[status ?? 0] ?? null,
    startedAt: new Date(tsToMs(startTime)).toISOString(),
    endedAt: closeTime == null ? null : new Date(tsToMs(closeTime)).toISOString(),
    memo: Object.fromEntries(
      fields.map(([name, payload]) => [name, defaultPayloadConverter.fromPayload<unknown>(payload)]),
    ),
  };
}
