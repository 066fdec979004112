/** The levels of a rollback. */
import { list, nonBlank, numbered, type RollbackLevel } from '../document.js';
import type { Action, Level, PlannedLevel, Requirement } from '../plan.js';
import { below } from '../pointer.js';
import { ActionList, describeRun, scriptAction } from './actions.js';
import type { Compilation } from './compilation.js';
import { AT_THE_END } from './facts.js';
import { datasetRequirement, machineProbe, type Place, requirementOf } from './requirement.js';
import { executable } from './undo.js';

const SIZES: readonly Level[] = ['step', 'phase', 'full'];

/** From the smallest to the largest. */
export function compileLevels(c: Compilation): readonly PlannedLevel[] {
  return list(c.document.rollback_strategy?.rollback_levels)
    .map((level, index) => compileLevel(c, level, below('/rollback_strategy/rollback_levels', index)))
    .sort((left, right) => SIZES.indexOf(left.level) - SIZES.indexOf(right.level));
}

function compileLevel(c: Compilation, level: RollbackLevel, pointer: string): PlannedLevel {
  const decisionMaker = nonBlank(level.decision_maker);
  const approvalRequired = level.approval_required ?? false;
  c.role(decisionMaker);
  if (approvalRequired) {
    const how = `approved by ${decisionMaker ?? 'anyone'} before it begins`;
    c.cover(below(pointer, 'approval_required'), `approval of a ${level.level} rollback`, 'person', how);
  }
  const person = `asked of ${decisionMaker ?? 'anyone'}, in the rollback`;
  const { actions, manualSteps } = procedureOf(c, level, below(pointer, 'rollback_procedure'), person);
  return {
    level: level.level,
    description: nonBlank(level.description) ?? '',
    triggers: triggersOf(c, level, below(pointer, 'trigger_conditions')),
    decisionMaker,
    approvalRequired,
    actions,
    manualSteps,
    checks: checksOf(c, level, below(pointer, 'validation'), person),
  };
}

function triggersOf(c: Compilation, level: RollbackLevel, pointer: string): readonly Requirement[] {
  return numbered(level.trigger_conditions).map(({ index, text }) => {
    const at = below(pointer, index);
    const found = machineProbe(c, text, { pointer: at, at: AT_THE_END, connection: null });
    if (found === null) {
      c.coverByPerson(at, text, 'shown wherever a person decides how far to go back');
      return { text, probe: { how: 'person' } };
    }
    const when = found.probe.how === 'metric' ? 'watched in every step' : 'evaluated when something fails';
    c.cover(at, text, 'automated', `${when}: ${found.how}`);
    return { text, probe: found.probe };
  });
}

function procedureOf(
  c: Compilation,
  level: RollbackLevel,
  pointer: string,
  person: string,
): { readonly actions: readonly Action[]; readonly manualSteps: readonly string[] } {
  const procedure = level.rollback_procedure;
  const manualSteps: string[] = [];
  const list = new ActionList();
  const script = nonBlank(procedure?.automation_script);
  if (script !== null) {
    const at = below(pointer, 'automation_script');
    const action = scriptAction(c, script, null, at);
    c.cover(
      at,
      script,
      'automated',
      action === null ? 'script' : `covers steps without an undo: ${describeRun(action)}`,
    );
    if (action !== null) list.add(action);
  }
  const steps = numbered(procedure?.steps);
  const found =
    script === null
      ? steps.map(({ index, text }) => executable(c, text, null, below(pointer, 'steps', index)))
      : [];
  const automatic = found.length > 0 && found.every((step) => step !== null);
  for (const [place, { index, text }] of steps.entries()) {
    const at = below(pointer, 'steps', index);
    const step = found[place] ?? null;
    if (script !== null) {
      c.cover(at, text, 'automated', `carried out by ${script}`);
    } else if (automatic && step !== null) {
      c.cover(at, text, 'automated', `covers steps without an undo: ${step.how}`);
      for (const action of step.actions) list.add(action);
    } else {
      c.coverByPerson(at, text, person);
      manualSteps.push(text);
    }
  }
  for (const { index, text } of numbered(procedure?.manual_steps)) {
    c.cover(below(pointer, 'manual_steps', index), text, 'person', `manual step: ${person}`);
    manualSteps.push(text);
  }
  return { actions: list.actions, manualSteps };
}

function checksOf(
  c: Compilation,
  level: RollbackLevel,
  pointer: string,
  person: string,
): readonly Requirement[] {
  const place = (at: string): Place => ({ pointer: at, at: AT_THE_END, connection: null, person });
  return [
    ...numbered(level.validation?.post_rollback_checks).map(({ index, text }) =>
      requirementOf(c, text, place(below(pointer, 'post_rollback_checks', index))),
    ),
    ...numbered(level.validation?.test_dataset_ids).map(({ index, text }) =>
      datasetRequirement(c, text, place(below(pointer, 'test_dataset_ids', index))),
    ),
  ];
}
