/** The runs and what they ask, looked at again and again: the open ones are read once, the ended ones when another has ended. */
import { decisionsOf, type OpenDecision } from './inbox.js';
import { type EndedRuns, endedRuns, openRuns, type RunSummary, summarize } from './list.js';
import type { Session } from './session.js';

export interface RunsOverview {
  /** Every open run, then the ended ones, the latest first. */
  readonly runs: readonly RunSummary[];
  /** The oldest first. */
  readonly decisions: readonly OpenDecision[];
  readonly ended: EndedRuns;
}

/**
 * @param limit of the ended runs
 * @param last what was seen before, of which the ended runs are kept where none has ended since
 * @throws SluiceError `no-engine`
 */
export async function overview(
  session: Session,
  limit: number,
  last: RunsOverview | null,
): Promise<RunsOverview> {
  const [open, ended] = await Promise.all([
    openRuns(session),
    endedRuns(session, limit, last?.ended ?? null),
  ]);
  const live = new Set(open.map(({ run }) => run));
  const past = ended.runs.filter(({ run }) => !live.has(run));
  return { runs: [...open.map(summarize), ...past], decisions: decisionsOf(open), ended };
}
