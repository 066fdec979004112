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

/**
 * The open decisions across runs; with `as`, only those that this identity can vote on now. Needs no worker.
 * @throws SluiceError `no-engine`
 */
export async function inbox(session: Session, as?: string): Promise<Inbox> {
  const entries = (await openRuns(session)).flatMap((info) => entriesOf(info, as));
  entries.sort((one, other) => one.decision.openedAt.localeCompare(other.decision.openedAt));
  return { entries };
}

function entriesOf(info: WorkflowExecutionInfo, as: string | undefined): readonly InboxEntry[] {
  const memo = readMemo(info.memo);
  const decisions = readPublication(info.memo)?.decisions ?? [];
  return decisions.flatMap((decision) => {
    const options = as === undefined ? decision.options : optionsFor(decision, as, memo?.electorate);
    if (options.length === 0) return [];
    return [{ run: info.workflowId, strategy: memo?.strategy ?? null, decision, options }];
  });
}

function optionsFor(
  decision: DecisionSummary,
  by: string,
  electorate: Electorate = UNBOUND,
): readonly Option[] {
  const counting = possibleVoters(decision, { by, named: true }, electorate).flatMap(
    ({ options }) => options,
  );
  return decision.options.filter((option) => counting.includes(option));
}
