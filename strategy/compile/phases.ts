/** The phases with their gates. */
import { type Gate, list, nonBlank, numbered, type Phase, sentences } from '../document.js';
import type { Approval, PlannedGate, PlannedPhase, WatchCondition } from '../plan.js';
import { below } from '../pointer.js';
import type { Compilation } from './compilation.js';
import { datasetRequirement, requirementOf } from './requirement.js';
import { compileStep } from './steps.js';

/** In the order in which they run; pointers keep the order of the file. */
export function compilePhases(
  c: Compilation,
  everywhere: readonly WatchCondition[],
): readonly PlannedPhase[] {
  return placed(c.document.migration_phases, '/migration_phases').map(({ item, pointer }) =>
    compilePhase(c, item, pointer, everywhere),
  );
}

function compilePhase(
  c: Compilation,
  phase: Phase,
  pointer: string,
  everywhere: readonly WatchCondition[],
): PlannedPhase {
  const at = c.facts.momentOfPhaseStart(phase.phase_id);
  const startConditions = numbered(phase.start_condition).map(({ index, text }) =>
    requirementOf(c, text, {
      pointer: below(pointer, 'start_condition', index),
      at,
      connection: null,
      person: 'asked of anyone, before the phase begins',
    }),
  );
  const steps = placed(list(phase.steps), below(pointer, 'steps')).map((step) =>
    compileStep(c, step.item, step.pointer, everywhere),
  );
  const gate = phase.validation_gate
    ? compileGate(c, phase.validation_gate, below(pointer, 'validation_gate'))
    : null;
  coverRollbackPoint(c, phase, below(pointer, 'rollback_point'));
  return { id: phase.phase_id, name: phase.name, startConditions, steps, gate };
}

function compileGate(c: Compilation, gate: Gate, pointer: string): PlannedGate {
  const approval = approvalOf(c, gate, pointer);
  const asked = approval === null ? 'anyone' : approval.approvers.join(', ') || 'anyone';
  const place = (at: string): Parameters<typeof requirementOf>[2] => ({
    pointer: at,
    at: c.facts.momentOfGate(gate.gate_id),
    connection: null,
    person: `asked of ${asked}, at the gate`,
  });
  const requirements = [
    ...numbered(gate.criteria).map(({ index, text }) =>
      requirementOf(c, text, place(below(pointer, 'criteria', index))),
    ),
    ...numbered(gate.test_dataset_ids).map(({ index, text }) =>
      datasetRequirement(c, text, place(below(pointer, 'test_dataset_ids', index))),
    ),
  ];
  return {
    id: gate.gate_id,
    name: nonBlank(gate.name) ?? gate.gate_id,
    requirements,
    approval,
    failureResponse: gate.failure_response ?? 'manual_decision',
  };
}

/** Who must say yes; named approvers are asked unless the file says that no approval is required. */
export function approvalOf(
  c: Compilation,
  of: Pick<Gate, 'approval_required' | 'approvers'>,
  pointer: string,
): Approval | null {
  const approvers = sentences(of.approvers);
  if (of.approval_required === false || (of.approval_required == null && approvers.length === 0)) return null;
  for (const role of approvers) c.role(role);
  const key = of.approval_required == null ? 'approvers' : 'approval_required';
  // An approval is a person's by nature: `unbound: 'fail'` does not speak of it.
  c.cover(below(pointer, key), 'approval', 'person', `approved by ${approvers.join(', ') || 'anyone'}`);
  return { approvers };
}

function coverRollbackPoint(c: Compilation, phase: Phase, pointer: string): void {
  const point = phase.rollback_point;
  if (!point) return;
  const procedure = nonBlank(point.rollback_procedure);
  const how = 'the undo of each step, in reverse order';
  if (procedure !== null) c.cover(below(pointer, 'rollback_procedure'), procedure, 'automated', how);
  const test = nonBlank(point.rollback_test_id);
  const why = 'this version tests undos and levels, not rollback points; put it under a level';
  if (test !== null) c.cover(below(pointer, 'rollback_test_id'), test, 'not-carried-out', why);
  if (point.can_rollback_from_here !== false) return;
  const at = below(pointer, 'can_rollback_from_here');
  c.cover(at, 'can_rollback_from_here: false', 'not-carried-out', 'a point of no return is marked on a step');
  c.report(at, {
    code: 'phase-point-of-no-return',
    severity: 'warning',
    message: `a rollback may still go back through "${phase.phase_id}": points of no return are marked on steps`,
    advice: 'Write can_rollback: false in the rollback_procedure of the step that cannot be taken back.',
  });
}

/** Phases or steps in the order in which they run, each with its pointer in the file. */
function placed<T extends { readonly order: number }>(
  items: readonly T[],
  pointer: string,
): readonly { readonly item: T; readonly pointer: string }[] {
  return items
    .map((item, index) => ({ item, pointer: below(pointer, index) }))
    .sort((left, right) => left.item.order - right.item.order);
}
