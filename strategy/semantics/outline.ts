import { list, nonBlank, type Step, type StrategyDocument, sentences } from '../document.js';
import { checkApproval } from './approvals.js';
import type { Findings } from './findings.js';
import type { Inventory } from './inventory.js';

/** The migration has a name, its phases and steps do something, and nothing says that it is over or cannot begin. */
export function checkOutline(inventory: Inventory, findings: Findings): void {
  const { document } = inventory;
  checkMetadata(document, findings);
  checkPrerequisites(document, findings);
  for (const { phase, pointer, steps } of inventory.phases) {
    if (steps.length === 0)
      checkEmptyPhase(phase.phase_id, pointer, Boolean(phase.validation_gate), findings);
    for (const placed of steps) {
      if (!isEmpty(placed.step)) continue;
      const message = `the step "${placed.step.step_id}" has nothing to do and nothing to check`;
      findings.warning('empty-step', placed.pointer, message, 'Give it commands, a script or manual steps.');
    }
  }
  const completion = document.success_criteria?.migration_complete_definition;
  if (completion) {
    checkApproval('the completion', completion, '/success_criteria/migration_complete_definition', findings);
  }
}

function checkMetadata(document: StrategyDocument, findings: Findings): void {
  const { metadata, migration_overview } = document;
  if (nonBlank(metadata.migration_name) === null && nonBlank(migration_overview?.name) === null) {
    const advice = 'Add "migration_name" to "metadata".';
    findings.error('missing-name', '/metadata', 'the migration has no name', advice);
  }
  const status = metadata.migration_status;
  if (status === 'completed' || status === 'rolled_back') {
    const message = `the strategy says that the migration is ${status === 'completed' ? 'completed' : 'rolled back'} already`;
    findings.warning(
      'already-over',
      '/metadata/migration_status',
      message,
      'Write "planned" to run it again.',
    );
  }
}

function checkPrerequisites(document: StrategyDocument, findings: Findings): void {
  for (const [index, prerequisite] of list(document.prerequisites).entries()) {
    if (prerequisite.validation?.status !== 'blocked') continue;
    const message = `the prerequisite "${prerequisite.prerequisite_id}" is blocked: a run cannot get past it`;
    const advice = 'Write "verified" once it holds, or "pending" to have it asked.';
    findings.warning('blocked-prerequisite', `/prerequisites/${index}/validation/status`, message, advice);
  }
}

function checkEmptyPhase(id: string, pointer: string, hasGate: boolean, findings: Findings): void {
  const advice = 'Add steps, or remove the phase.';
  if (hasGate) findings.warning('empty-phase', pointer, `the phase "${id}" has a gate and no steps`, advice);
  else findings.error('empty-phase', pointer, `the phase "${id}" has no steps`, advice);
}

function isEmpty(step: Step): boolean {
  const details = step.execution_details;
  const validation = step.validation;
  const uses = step['x-uses'];
  if (typeof uses === 'object' && uses !== null && uses.length > 0) return false;
  const id = typeof uses === 'string' ? uses : null;
  const texts = [id, details?.method, details?.automation_script, validation?.validation_script];
  if (texts.some((text) => nonBlank(text) !== null)) return false;
  const lists = [
    details?.commands,
    details?.manual_steps,
    validation?.validation_checks,
    validation?.success_criteria,
    validation?.test_dataset_ids,
  ];
  return lists.every((each) => sentences(each).length === 0);
}
