/** The runs of an engine, newest first. No run is asked: what each published last is in its memo. */
import type { WorkflowExecutionInfo } from '@temporalio/client';
import { WORKFLOW } from '../strategy/run/messages.js';
import type { RunStatus } from '../strategy/run/view.js';
import { readMemo, readPublication } from './memo.js';
import { ask, type Session } from './session.js';

export interface RunSummary {
  readonly run: string;
  /** The strategy's name; null when another program started the run without one. */
  readonly strategy: string | null;
  readonly submittedBy: string | null;
  /** `unknown` for a run that was ended from outside (terminated, or timed out). */
  readonly status: RunStatus | 'unknown';
  /** What it waits for or how it ended; empty while it runs. */
  readonly reason: string;
  readonly startedAt: string;
  readonly endedAt: string | null;
  /** The ids of the open decisions. */
  readonly decisions: readonly string[];
}

export interface ListOptions {
  /** How many at most, the newest; by default 50. */
  readonly limit?: number | undefined;
}

const LIMIT = 50;

const ALL = `WorkflowType = '${WORKFLOW}'`;

/** Lists runs. Needs no worker. @throws SluiceError `no-engine` */
export async function list(session: Session, options: ListOptions = {}): Promise<readonly RunSummary[]> {
  return (await visible(session, ALL, options.limit ?? LIMIT)).map(summarize);
}

/** The open runs, as the engine lists them. */
export function openRuns(session: Session): Promise<readonly WorkflowExecutionInfo[]> {
  return visible(session, `${ALL} AND ExecutionStatus = 'Running'`, Number.POSITIVE_INFINITY);
}

/** The runs whose id starts so, newest first, at most `limit`; by default 20. @throws SluiceError `no-engine` */
export async function findRuns(session: Session, prefix: string, limit = 20): Promise<readonly string[]> {
  // A quote would end the text of the query; no run id has one.
  if (/['"\\]/.test(prefix)) return [];
  const found = await visible(session, `${ALL} AND WorkflowId STARTS_WITH '${prefix}'`, limit);
  return found.map(({ workflowId }) => workflowId);
}

/** One per id: the latest Temporal run of each chain; the server lists the newest first. */
async function visible(
  session: Session,
  query: string,
  limit: number,
): Promise<readonly WorkflowExecutionInfo[]> {
  return ask(session, null, async () => {
    const found = new Map<string, WorkflowExecutionInfo>();
    for await (const info of session.client.workflow.list({ query })) {
      if (info.status.name === 'CONTINUED_AS_NEW' || found.has(info.workflowId)) continue;
      found.set(info.workflowId, info);
      if (found.size >= limit) break;
    }
    return [...found.values()];
  });
}

function summarize(info: WorkflowExecutionInfo): RunSummary {
  const memo = readMemo(info.memo);
  return {
    run: info.workflowId,
    strategy: memo?.strategy ?? null,
    submittedBy: memo?.by ?? null,
    ...stateOf(info),
    startedAt: info.startTime.toISOString(),
    endedAt: info.closeTime?.toISOString() ?? null,
  };
}

function stateOf({
  status,
  memo,
}: WorkflowExecutionInfo): Pick<RunSummary, 'status' | 'reason' | 'decisions'> {
  const published = readPublication(memo);
  if (status.name !== 'RUNNING' && status.name !== 'COMPLETED') {
    const reason = `Ended in Temporal (${status.name.toLowerCase().replaceAll('_', ' ')}).`;
    return { status: 'unknown', reason, decisions: [] };
  }
  if (published === null) return { status: 'running', reason: '', decisions: [] };
  return {
    status: published.status,
    reason: published.reason,
    decisions: published.decisions.map(({ id }) => id),
  };
}
