/** Rollback levels as the strategy defines them, and the approval of their decision makers. */
import type { Action, Level, PlannedLevel } from '../strategy/plan.js';
import type { Need } from '../strategy/run/decision.js';
import { holdsRole } from '../strategy/run/electorate.js';
import type { RollbackCommand } from '../strategy/run/messages.js';
import { type Answer, ask, askFor, needsOf, type Question } from './decisions.js';
import type { Run } from './run.js';

/** What the strategy says of this level; nothing when it does not define it. */
export function levelOf(run: Run, level: Level): PlannedLevel | undefined {
  return run.plan.levels.find((planned) => planned.level === level);
}

/** True when this level needs no approval, or its decision maker approves. */
export async function approved(run: Run, level: Level, cause: string): Promise<boolean> {
  const planned = levelOf(run, level);
  if (planned === undefined || !planned.approvalRequired || run.view.onFailure === 'full') return true;
  const answer = await ask(run, questionAbout(run, planned, cause));
  return answer.option === 'approve';
}

/** True when a rollback of this level that `by` commands needs no other approval than theirs. */
export function commandApproves(run: Run, level: Level, by: string): boolean {
  const planned = levelOf(run, level);
  if (planned === undefined || !planned.approvalRequired) return true;
  return isDecisionMaker(run, planned, by) && needsFor(run, planned).every(({ votes }) => votes === 1);
}

/** Asks for the approval of a commanded rollback, in which a decision maker's command is a vote. Null when it is withdrawn. */
export async function askForCommand(
  run: Run,
  level: Level,
  command: RollbackCommand,
): Promise<Answer | null> {
  const planned = levelOf(run, level);
  if (planned === undefined) throw new Error(`The strategy defines no level ${level}.`);
  const { by, to, reason = null } = command;
  const question = questionAbout(run, planned, `Requested by ${by}, to ${to}.`);
  const role = planned.responsible ?? by;
  const votes = isDecisionMaker(run, planned, by) ? [{ by, role, option: 'approve' as const, reason }] : [];
  return askFor(run, { ...question, votes }, null);
}

function questionAbout(run: Run, planned: PlannedLevel, cause: string): Question {
  return {
    kind: 'rollback-approval',
    subject: planned.level,
    question: `Approve the ${planned.level} rollback? ${cause}`,
    needs: needsFor(run, planned),
    checklist: [...planned.actions.flatMap(manualItems), ...planned.manualSteps],
  };
}

function needsFor(run: Run, { responsible }: PlannedLevel): readonly Need[] {
  return responsible === null ? [] : needsOf(run, [responsible]);
}

function isDecisionMaker(run: Run, { responsible }: PlannedLevel, by: string): boolean {
  return responsible === null || holdsRole(run.electorate.roles, by, responsible);
}

function manualItems(action: Action): readonly string[] {
  return action.kind === 'manual' ? action.items : [];
}
