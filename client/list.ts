/** The runs of an engine, newest first. No run is asked: what each published last is in its memo. */
import type { RunStatus } from '../strategy/run/view.js';
import { readMemo, readPublication } from './memo.js';
import type { Session } from './session.js';
import { countRuns, type VisibleRun, visibleRuns } from './visible.js';

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

/** Of runs that are open. */
const OPEN = "ExecutionStatus = 'Running'";
const ENDED = "ExecutionStatus != 'Running'";

/** Lists runs. Needs no worker. @throws SluiceError `no-engine` */
export async function list(session: Session, options: ListOptions = {}): Promise<readonly RunSummary[]> {
  return (await visibleRuns(session, null, options.limit ?? LIMIT)).map(summarize);
}

/** The open runs, as the engine lists them. */
export function openRuns(session: Session): Promise<readonly VisibleRun[]> {
  return visibleRuns(session, OPEN, Number.POSITIVE_INFINITY);
}

/** The runs whose id starts so, newest first, at most `limit`; by default 20. @throws SluiceError `no-engine` */
export async function findRuns(session: Session, prefix: string, limit = 20): Promise<readonly string[]> {
  // A quote would end the text of the query; no run id has one.
  if (/['"\\]/.test(prefix)) return [];
  const found = await visibleRuns(session, `WorkflowId STARTS_WITH '${prefix}'`, limit);
  return found.map(({ run }) => run);
}

/** The ended runs, and what tells that another one has ended since. */
export interface EndedRuns {
  readonly count: number;
  readonly latest: string | null;
  readonly runs: readonly RunSummary[];
}

/** The ended runs; `last` again, unless another one has ended or is forgotten. @throws SluiceError `no-engine` */
export async function endedRuns(session: Session, limit: number, last: EndedRuns | null): Promise<EndedRuns> {
  const [count, [newest]] = await Promise.all([countRuns(session, ENDED), visibleRuns(session, ENDED, 1)]);
  const latest = newest?.execution ?? null;
  if (last !== null && last.count === count && last.latest === latest) return last;
  return { count, latest, runs: (await visibleRuns(session, ENDED, limit)).map(summarize) };
}

export function summarize(run: VisibleRun): RunSummary {
  const memo = readMemo(run.memo);
  return {
    run: run.run,
    strategy: memo?.strategy ?? null,
    submittedBy: memo?.by ?? null,
    ...stateOf(run),
    startedAt: run.startedAt,
    endedAt: run.endedAt,
  };
}

function stateOf({
  endedFromOutside,
  memo,
}: VisibleRun): Pick<RunSummary, 'status' | 'reason' | 'decisions'> {
  if (endedFromOutside !== null) {
    return { status: 'unknown', reason: `Ended in Temporal (${endedFromOutside}).`, decisions: [] };
  }
  const published = readPublication(memo);
  if (published === null) return { status: 'running', reason: '', decisions: [] };
  return {
    status: published.status,
    reason: published.reason,
    decisions: published.decisions.map(({ id }) => id),
  };
}
