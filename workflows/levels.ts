/** Rollback levels as the strategy defines them, and the approval of their decision makers. */
import type { Level, PlannedLevel } from '../strategy/plan.js';
import { ask, needsOf } from './decisions.js';
import type { Run } from './run.js';

/** What the strategy says of this level; nothing when it does not define it. */
export function levelOf(run: Run, level: Level): PlannedLevel | undefined {
  return run.plan.levels.find((planned) => planned.level === level);
}

/** True when this level needs no approval, or its decision maker approves. */
export async function approved(run: Run, level: Level, cause: string): Promise<boolean> {
  const planned = levelOf(run, level);
  if (planned === undefined || !planned.approvalRequired || run.view.onFailure === 'full') return true;
  const answer = await ask(run, {
    kind: 'rollback-approval',
    subject: level,
    question: `Approve the ${level} rollback? ${cause}`,
    needs: planned.responsible === null ? [] : needsOf(run, [planned.responsible]),
    checklist: planned.manualSteps,
  });
  return answer.option === 'approve';
}
