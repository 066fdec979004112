/** The open decisions of every run, and who may take them. No run is asked: each publishes what it asks in its memo. */
import type { WorkflowExecutionInfo } from '@temporalio/client';
import type { DecisionSummary, Option } from '../strategy/run/decision.js';
import type { Electorate } from '../strategy/run/electorate.js';
import { possibleVoters } from '../strategy/run/voters.js';
import { UNBOUND } from './electorate.js';
import { openRuns } from './list.js';
import { readMemo, readPublication } from './memo.js';
import type { Session } from './session.js';

export interface InboxEntry {
  readonly run: string;
  readonly strategy: string | null;
  /** Without its evidence, which the view of the run has. */
  readonly decision: DecisionSummary;
  /** The options that would count, when the inbox is somebody's; else all of them. */
  readonly options: readonly Option[];
}

export interface Inbox {
  /** Oldest first. */
  readonly entries: readonly InboxEntry[];
}

/** A decision that waits, with what tells who may take it. */
export interface OpenDecision extends Omit<InboxEntry, 'options'> {
  readonly electorate: Electorate;
}

/**
 * The open decisions across runs; with `as`, only those that this identity can vote on now. Needs no worker.
 * @throws SluiceError `no-engine`
 */
export async function inbox(session: Session, as?: string): Promise<Inbox> {
  const entries = (await openDecisions(session)).flatMap(({ electorate, ...open }): readonly InboxEntry[] => {
    const options = as === undefined ? open.decision.options : optionsFor(open.decision, as, electorate);
    return options.length === 0 ? [] : [{ ...open, options }];
  });
  return { entries };
}

/** The open decisions across runs, the oldest first, asked once for whoever looks. @throws SluiceError `no-engine` */
export async function openDecisions(session: Session): Promise<readonly OpenDecision[]> {
  return (await openRuns(session))
    .flatMap(decisionsOf)
    .sort((one, other) => one.decision.openedAt.localeCompare(other.decision.openedAt));
}

function decisionsOf({ memo, workflowId }: WorkflowExecutionInfo): readonly OpenDecision[] {
  const start = readMemo(memo);
  const about = {
    run: workflowId,
    strategy: start?.strategy ?? null,
    electorate: start?.electorate ?? UNBOUND,
  };
  return (readPublication(memo)?.decisions ?? []).map((decision) => ({ ...about, decision }));
}

function optionsFor(decision: DecisionSummary, by: string, electorate: Electorate): readonly Option[] {
  const counting = possibleVoters(decision, { by, named: true }, electorate, new Date()).flatMap(
    ({ options }) => options,
  );
  return decision.options.filter((option) => counting.includes(option));
}
