/** The open decisions of every run, and who may take them. No run is asked: each publishes what it asks in its memo. */
import type { DecisionSummary, Option } from '../strategy/run/decision.js';
import type { Electorate } from '../strategy/run/electorate.js';
import { possibleVoters } from '../strategy/run/voters.js';
import { UNBOUND } from './electorate.js';
import { openRuns } from './list.js';
import { readMemo, readPublication } from './memo.js';
import type { Session } from './session.js';
import type { VisibleRun } from './visible.js';

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
  return decisionsOf(await openRuns(session));
}

/** What these runs ask, the oldest first. */
export function decisionsOf(open: readonly VisibleRun[]): readonly OpenDecision[] {
  return (
    open
      .flatMap(askedBy)
      // ISO 8601, always in UTC: the order of its characters is that of time, and 1,000 of them are sorted in 1 ms.
      .sort(({ decision: { openedAt: one } }, { decision: { openedAt: other } }) =>
        one === other ? 0 : one < other ? -1 : 1,
      )
  );
}

function askedBy({ memo, run }: VisibleRun): readonly OpenDecision[] {
  const start = readMemo(memo);
  const about = {
    run,
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
