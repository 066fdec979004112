/** Which approval `approve` and `reject` mean. Pure. */
import type { Decision } from '../strategy/run/decision.js';
import { CliError } from './cli-error.js';
import { EXIT } from './exit.js';

/**
 * The id of the approval that is named by its own id or its gate's, else the only one that is open to the voter.
 * A name that fits no open approval is handed on: the run itself says best what is wrong with it.
 * `mine` holds the ids of the decisions that the voter may vote on.
 * @throws Trouble when none or several could be meant.
 */
export function pickApproval(
  run: string,
  decisions: readonly Decision[],
  named: string | undefined,
  mine: ReadonlySet<string>,
): string {
  const approvals = decisions.filter(({ kind }) => kind === 'approval' || kind === 'rollback-approval');
  if (named !== undefined) return approvals.find(({ subject }) => subject === named)?.id ?? named;
  const [first, ...others] = approvals;
  if (first === undefined) {
    const rest = decisions.map(({ id }) => id).join(', ');
    const advice =
      rest === ''
        ? `See what it does: sluice status ${run}`
        : `Open there: ${rest}. Answer with sluice decide ${run} ID OPTION.`;
    throw new CliError('no-decision', `${run} has no open approval.`, advice, EXIT.problems);
  }
  if (others.length === 0) return first.id;
  const [only, ...more] = approvals.filter(({ id }) => mine.has(id));
  if (only !== undefined && more.length === 0) return only.id;
  const ids = approvals.map(({ id }) => id).join(', ');
  throw new CliError(
    'several-decisions',
    `${run} has several open approvals: ${ids}.`,
    'Name the one you mean.',
    EXIT.problems,
  );
}
