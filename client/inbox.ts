/** The open decisions of every run, and who may take them. */
import { answerableBy, type Decision } from '../strategy/run/decision.js';
import type { Electorate } from '../strategy/run/electorate.js';
import { type FoundRun, openRuns } from './list.js';
import { readMemo } from './memo.js';
import type { Session } from './session.js';

export interface InboxEntry {
  readonly run: string;
  readonly strategy: string;
  readonly decision: Decision;
}

export interface Inbox {
  /** Oldest first. */
  readonly entries: readonly InboxEntry[];
  /** The open runs that could not be asked, and why: their decisions may be missing above. */
  readonly unreachable: readonly { readonly run: string; readonly why: string }[];
}

/**
 * The open decisions across runs; with `as`, only those that this identity could vote on now.
 * @throws SluiceError `no-engine`
 */
export async function inbox(session: Session, as?: string): Promise<Inbox> {
  const runs = await openRuns(session);
  const entries = runs.flatMap((found) => entriesOf(found, as));
  entries.sort((one, other) => one.decision.openedAt.localeCompare(other.decision.openedAt));
  const unreachable = runs
    .filter(({ view }) => view === null)
    .map(({ info, trouble }) => ({ run: info.workflowId, why: trouble }));
  return { entries, unreachable };
}

function entriesOf({ info, view }: FoundRun, as: string | undefined): readonly InboxEntry[] {
  if (view === null) return [];
  const electorate: Electorate = readMemo(info.memo)?.electorate ?? {
    roles: {},
    authority: { rollback: [], abort: [], pause: [], override: [] },
    submittedBy: view.submittedBy,
    forbidSelfApproval: false,
  };
  return view.decisions
    .filter((decision) => as === undefined || answerableBy(decision, as, electorate))
    .map((decision) => ({ run: view.run, strategy: view.strategy.name, decision }));
}
