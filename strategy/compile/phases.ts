/** The phases with their gates. */
import { type Gate, list, nonBlank, numbered, type Phase, sentences } from '../document.js';
import type { Approval, PlannedGate, PlannedPhase, ValidationGate, WatchCondition } from '../plan.js';
import { below } from '../pointer.js';
import type { Compilation } from './compilation.js';
import { isExecutable } from './executable.js';
import { shorten } from './reporter.js';
import { datasetRequirement, requirementOf } from './requirement.js';
import { compileStep } from './steps.js';
import { type Sentence, sentenceAt } from './work.js';

/** What a step is watched for beside its own conditions, by the ids of its phase and of itself. */
type WatchedIn = (phase: string, step: string) => readonly WatchCondition[];

/** In the order in which they run; pointers keep the order of the file. */
export function compilePhases(
  c: Compilation,
  gates: ReadonlyMap<string, readonly ValidationGate[]>,
  watchedIn: WatchedIn,
): readonly PlannedPhase[] {
  return placed(c.document.migration_phases, '/migration_phases').map(({ item, pointer }) =>
    withGates(compilePhase(c, item, pointer, watchedIn), gates.get(item.phase_id) ?? []),
  );
}

/** In the order in which they are passed: by the step they stand behind. */
function withGates(phase: PlannedPhase, gates: readonly ValidationGate[]): PlannedPhase {
  if (gates.length === 0) return phase;
  const ids = phase.steps.map(({ id }) => id);
  const place = ({ after }: ValidationGate): number => (after === null ? -1 : ids.indexOf(after));
  return { ...phase, gates: gates.toSorted((one, other) => place(one) - place(other)) };
}

function compilePhase(c: Compilation, phase: Phase, pointer: string, watchedIn: WatchedIn): PlannedPhase {
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
    compileStep(c, step.item, step.pointer, watchedIn(phase.phase_id, step.item.step_id)),
  );
  const gate = phase.validation_gate
    ? compileGate(c, phase.validation_gate, below(pointer, 'validation_gate'))
    : null;
  const pointOfNoReturn = rollbackPointOf(c, phase, below(pointer, 'rollback_point'));
  return { id: phase.phase_id, name: phase.name, startConditions, steps, gate, pointOfNoReturn };
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
  // An approval is a person's by nature: `unbound: 'fail'` does not apply to it.
  c.cover(below(pointer, key), 'approval', 'person', `approved by ${approvers.join(', ') || 'anyone'}`);
  return { approvers };
}

/** True when the way back through the phase needs a person's word: `can_rollback_from_here: false`. */
function rollbackPointOf(c: Compilation, phase: Phase, pointer: string): boolean {
  const point = phase.rollback_point;
  if (!point) return false;
  const procedure = sentenceAt(point.rollback_procedure, below(pointer, 'rollback_procedure'));
  if (procedure !== null) coverProcedure(c, procedure);
  const test = nonBlank(point.rollback_test_id);
  const why = 'this version tests undos and levels, not rollback points; put it under a level';
  if (test !== null) c.cover(below(pointer, 'rollback_test_id'), test, 'not-carried-out', why);
  if (point.can_rollback_from_here !== false) return false;
  const how = 'asked before a rollback undoes a step of this phase';
  c.cover(below(pointer, 'can_rollback_from_here'), 'can_rollback_from_here: false', 'person', how);
  return true;
}

function coverProcedure(c: Compilation, { pointer, text }: Sentence): void {
  const how =
    'words only: a rollback runs the undo of each step, in reverse order, and the actions of its level';
  c.cover(pointer, text, 'not-carried-out', how);
  if (!isExecutable(c, text)) return;
  c.report(pointer, {
    code: 'not-run',
    severity: 'warning',
    message: `"${shorten(text)}" looks executable, but a rollback point runs nothing`,
    advice: 'Put it into the rollback_procedure of a step, or of a level of rollback_strategy.',
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
