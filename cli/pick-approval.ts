/** Which approval `approve` and `reject` mean. Pure. */
import type { Decision, DecisionKind } from '../strategy/run/decision.js';
import { CliError } from './cli-error.js';
import { EXIT } from './exit.js';

const APPROVALS: ReadonlySet<DecisionKind> = new Set(['approval', 'rollback-approval', 'amendment']);

/**
 * The approval of this id or gate; without a name, the one that is open. Null when no open approval has this name:
 * the run itself says best what is wrong with it.
 * @throws CliError when nothing is named and none, or several, are open.
 */
export function pickApproval(
  run: string,
  decisions: readonly Decision[],
  named: string | undefined,
): Decision | null {
  const approvals = decisions.filter(({ kind }) => APPROVALS.has(kind));
  if (named !== undefined) {
    return approvals.find(({ id, subject }) => id === named || subject === named) ?? null;
  }
  const [first, ...others] = approvals;
  if (first === undefined) {
    const rest = decisions.map(({ id }) => id).join(', ');
    const advice =
      rest === ''
        ? `See what it does: sluice status ${run}`
        : `Open decisions: ${rest}. Answer with: sluice decide ${run} ID OPTION`;
    throw new CliError('no-decision', `${run} has no open approval.`, advice, EXIT.problems);
  }
  if (others.length === 0) return first;
  throw new CliError(
    'several-decisions',
    `${run} has several open approvals: ${approvals.map(({ id }) => id).join(', ')}.`,
    'Specify one of them.',
    EXIT.problems,
  );
}
