/** Phases with `can_rollback_from_here: false`: a rollback goes back through one only when a person says so. */
import type { Level } from '../strategy/plan.js';
import { ask, needOf } from './decisions.js';
import { levelOf } from './levels.js';
import type { Run } from './run.js';

/** True when the phase is no point of no return, has nothing applied, or a person lets the rollback continue. */
export async function mayRollBackThrough(run: Run, level: Level, id: string): Promise<boolean> {
  const phase = run.plan.phases.find((candidate) => candidate.id === id);
  const applied = phase?.steps.filter((step) => run.view.applied.includes(step.id)) ?? [];
  if (phase === undefined || !phase.pointOfNoReturn || applied.length === 0) return true;
  const answer = await ask(run, {
    kind: 'confirm',
    subject: id,
    question: `${id} (${phase.name}) is a point of no return (can_rollback_from_here: false). Undo its steps anyway?`,
    needs: needOf(levelOf(run, level)?.responsible ?? null),
    checklist: applied.map((step) => `undo ${step.id} (${step.name})`).reverse(),
  });
  return answer.option === 'confirm';
}
