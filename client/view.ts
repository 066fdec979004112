/** The state of a run: from the run itself while it is open, from its result once it has ended. */
import type { WorkflowExecutionDescription } from '@temporalio/client';
import type { Plan } from '../strategy/plan.js';
import type { Decision } from '../strategy/run/decision.js';
import { excerpt } from '../strategy/run/excerpt.js';
import {
  type DecisionsAnswer,
  QUERIES,
  type RunResult,
  type StepsQuery,
  WORKFLOW,
} from '../strategy/run/messages.js';
import type { Published } from '../strategy/run/published.js';
import type { MigrationView, PhaseView, StepView } from '../strategy/run/view.js';
import { wayBackOf } from '../strategy/run/way-back.js';
import { SluiceError } from './error.js';
import { readPublication } from './memo.js';
import { askWorker } from './pollers.js';
import { withProgress } from './progress.js';
import { recordedRun } from './record.js';
import { ask, isPassing, noRun, type Session } from './session.js';
import { WorkflowFailedError } from './temporal.js';

export interface ViewOptions {
  /** With every step; otherwise a large run comes as a summary (see `PhaseView.omitted`). By default true. */
  readonly steps?: boolean | undefined;
}

/**
 * The view of a run. That of an ended run needs no worker.
 * @throws SluiceError `no-run`; `no-worker` for an open run that no worker can answer for; `run-ended` when the run
 *   was ended from outside (terminated), so that it left no result.
 */
export async function view(
  session: Session,
  run: string,
  { steps: whole = true }: ViewOptions = {},
): Promise<MigrationView> {
  const { type, status, raw } = await describe(session, run);
  if (type !== WORKFLOW) throw noRun(session, run);
  if (status === 'RUNNING') {
    const now = await summary(session, run);
    return withProgress(session, whole ? await withSteps(session, run, now) : now, raw);
  }
  const recorded = await recordedRun(session.home, run);
  if (recorded !== null) return whole ? recorded.view : excerpt(recorded.view);
  const { view: last } = await result(session, run);
  if (!whole) return last;
  try {
    return await withSteps(session, run, last);
  } catch (error) {
    // Without a worker the rest of a large run cannot be looked up: its summary has to do.
    if (isPassing(error)) return last;
    throw error;
  }
}

/** The open decisions of a run; none once it has ended. */
export async function decisions(session: Session, run: string): Promise<readonly Decision[]> {
  const { status } = await describe(session, run);
  if (status !== 'RUNNING') return [];
  const handle = session.client.workflow.getHandle(run);
  return askWorker(session, run, () => handle.query<DecisionsAnswer>(QUERIES.decisions));
}

/** The view of a run known to be open: the whole of it, or its summary when it is large. */
export function summary(session: Session, run: string): Promise<MigrationView> {
  const handle = session.client.workflow.getHandle(run);
  return askWorker(session, run, () => handle.query<MigrationView>(QUERIES.view));
}

/** The plan of a run known to be open; null for one that travels by reference. */
export function planOf(session: Session, run: string): Promise<Plan | null> {
  const handle = session.client.workflow.getHandle(run);
  return askWorker(session, run, () => handle.query<Plan | null>(QUERIES.plan));
}

/**
 * One page of the steps of a phase, from the place `from` on; empty past its end.
 * @throws SluiceError `no-run`; `no-worker`, for an ended run as well
 */
export function steps(
  session: Session,
  run: string,
  phase: string,
  from: number,
): Promise<readonly StepView[]> {
  const handle = session.client.workflow.getHandle(run);
  return askWorker(session, run, () =>
    handle.query<readonly StepView[], [StepsQuery]>(QUERIES.steps, { phase, from }),
  );
}

/** The whole view: the steps that a summary leaves out are fetched page by page. */
async function withSteps(session: Session, run: string, seen: MigrationView): Promise<MigrationView> {
  if (seen.phases.every(({ omitted }) => omitted === null)) return seen;
  const phases: PhaseView[] = [];
  for (const phase of seen.phases) {
    const all: StepView[] = [];
    for (;;) {
      const page = await steps(session, run, phase.id, all.length);
      if (page.length === 0) break;
      all.push(...page);
    }
    phases.push({ ...phase, steps: all, omitted: null });
  }
  return { ...seen, phases, wayBack: wayBackOf({ applied: seen.applied, phases }) };
}

/** What an ended run returned, from its history: no worker is needed. */
export async function result(session: Session, run: string): Promise<RunResult> {
  try {
    const value: unknown = await ask(session, run, () => session.client.workflow.getHandle(run).result());
    if (isResult(value)) return value;
    throw new SluiceError(
      'engine-trouble',
      `The run "${run}" ended with a result that sluice does not know.`,
      null,
    );
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    const why = error.cause instanceof Error ? error.cause.message : error.message;
    throw new SluiceError(
      'run-ended',
      `The run "${run}" ended in Temporal without a result: ${why}.`,
      `Its record up to then: sluice events ${run}.`,
      error,
    );
  }
}

/** What a run published last; null before it has published anything. Needs no worker. @throws SluiceError `no-run` */
export async function published(session: Session, run: string): Promise<Published | null> {
  return readPublication((await describe(session, run)).memo);
}

/** True when the engine knows a run of exactly this id. @throws SluiceError `no-engine` */
export async function isRun(session: Session, run: string): Promise<boolean> {
  try {
    return (await describe(session, run)).type === WORKFLOW;
  } catch (error) {
    if (error instanceof SluiceError && error.code === 'no-run') return false;
    throw error;
  }
}

/** What the engine itself knows of a run, without a worker. */
export type Described = Pick<WorkflowExecutionDescription, 'type' | 'runId' | 'raw'> & {
  readonly status: string;
  readonly memo: Record<string, unknown> | undefined;
};

export async function describe(session: Session, run: string): Promise<Described> {
  const { type, status, runId, raw, memo } = await ask(session, run, () =>
    session.client.workflow.getHandle(run).describe(),
  );
  return { type, status: status.name, runId, raw, memo };
}

/** Changes with every event of the workflow's history: what a run tells of itself changes no more often than that. */
export function markOf({ runId, raw }: Described): string {
  return `${runId} ${String(raw.workflowExecutionInfo?.historyLength ?? '')}`;
}

function isResult(value: unknown): value is RunResult {
  if (typeof value !== 'object' || value === null || !('view' in value)) return false;
  const { view: found } = value;
  return typeof found === 'object' && found !== null && 'run' in found && 'phases' in found;
}
