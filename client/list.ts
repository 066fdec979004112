/** The runs of an engine, newest first. */
import type { WorkflowExecutionInfo } from '@temporalio/client';
import { WORKFLOW } from '../strategy/run/messages.js';
import type { MigrationView, RunStatus } from '../strategy/run/view.js';
import { type ErrorCode, SluiceError } from './error.js';
import { readMemo } from './memo.js';
import { inParallel } from './parallel.js';
import { workerPolls } from './pollers.js';
import { ask, noWorker, type Session } from './session.js';
import { openView, result } from './view.js';

export interface RunSummary {
  readonly run: string;
  /** The strategy's name; null when another program started the run without saying. */
  readonly strategy: string | null;
  readonly by: string | null;
  /** `unknown` when nobody could be asked; `reason` says why. */
  readonly status: RunStatus | 'unknown';
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

/** A run as visibility knows it, with its view when it could be had. */
export interface FoundRun {
  readonly info: WorkflowExecutionInfo;
  readonly view: MigrationView | null;
  /** Why there is no view; empty when there is. */
  readonly trouble: string;
}

const LIMIT = 50;
const AT_ONCE = 8;
/** After so many runs of a task queue have not answered, its other runs are not asked: their worker was killed. */
const SILENT_RUNS = AT_ONCE;

/** Lists runs. Without a worker the open ones are listed as `unknown`. @throws SluiceError `no-engine` */
export async function list(session: Session, options: ListOptions = {}): Promise<readonly RunSummary[]> {
  const infos = await visible(session, `WorkflowType = '${WORKFLOW}'`, options.limit ?? LIMIT);
  return (await lookAll(session, infos)).map(summarize);
}

/** The open runs, each with its view. */
export async function openRuns(session: Session): Promise<readonly FoundRun[]> {
  const query = `WorkflowType = '${WORKFLOW}' AND ExecutionStatus = 'Running'`;
  const infos = await visible(session, query, Number.POSITIVE_INFINITY);
  return lookAll(session, infos);
}

/** One per id: the latest Temporal run of each chain; the server gives the newest first. */
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

/** Each with its view. A task queue without a worker is found out once, not by waiting for each of its runs. */
async function lookAll(
  session: Session,
  infos: readonly WorkflowExecutionInfo[],
): Promise<readonly FoundRun[]> {
  const open = infos.filter(({ status }) => status.name === 'RUNNING');
  const deserted = new Map<string, string>();
  for (const queue of new Set(open.map(({ taskQueue }) => taskQueue))) {
    if (!(await workerPolls(session, queue))) deserted.set(queue, noWorker(session, '', queue).message);
  }
  const silences = new Map<string, number>();
  return inParallel(infos, AT_ONCE, async (info) => {
    const queue = info.taskQueue;
    const known = info.status.name === 'RUNNING' ? deserted.get(queue) : undefined;
    if (known !== undefined) return { info, view: null, trouble: known };
    const found = await look(session, info);
    if (found.code === 'no-worker') {
      const times = (silences.get(queue) ?? 0) + 1;
      silences.set(queue, times);
      if (times >= SILENT_RUNS) deserted.set(queue, found.trouble);
    }
    return found;
  });
}

async function look(
  session: Session,
  info: WorkflowExecutionInfo,
): Promise<FoundRun & { readonly code: ErrorCode | null }> {
  const run = info.workflowId;
  try {
    const view =
      info.status.name === 'RUNNING' ? await openView(session, run) : (await result(session, run)).view;
    return { info, view, trouble: '', code: null };
  } catch (error) {
    // One run that cannot be asked must not hide the others.
    if (!(error instanceof SluiceError)) throw error;
    const trouble = [error.message, error.advice ?? ''].join(' ').trim();
    return { info, view: null, trouble, code: error.code };
  }
}

function summarize({ info, view, trouble }: FoundRun): RunSummary {
  const memo = readMemo(info.memo);
  return {
    run: info.workflowId,
    strategy: view?.strategy.name ?? memo?.strategy ?? null,
    by: view?.submittedBy ?? memo?.by ?? null,
    status: view?.status ?? 'unknown',
    reason: view?.reason ?? trouble,
    startedAt: view?.startedAt ?? info.startTime.toISOString(),
    endedAt: view?.endedAt ?? info.closeTime?.toISOString() ?? null,
    decisions: view?.decisions.map(({ id }) => id) ?? [],
  };
}
