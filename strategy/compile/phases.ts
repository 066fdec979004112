/** The phases with their gates. */
import { type Gate, list, nonBlank, numbered, type Phase, sentences } from '../document.js';
import type { Approval, PlannedGate, PlannedPhase, ValidationGate, WatchCondition } from '../plan.js';
import { below } from '../pointer.js';
import type { Compilation } from './compilation.js';
import { datasetRequirement, requirementOf } from './requirement.js';
import { withRollbackPoint } from './rollback-point.js';
import { compileStep } from './steps.js';
import { type Streams, whileAsked } from './while-asked.js';

/** What a step is watched for beside its own conditions, by the ids of its phase and of itself. */
type WatchedIn = (phase: string, step: string) => readonly WatchCondition[];

/** In the order in which they run; pointers keep the order of the file. */
export function compilePhases(
  c: Compilation,
  gates: ReadonlyMap<string, readonly ValidationGate[]>,
  watchedIn: WatchedIn,
): readonly PlannedPhase[] {
  return placed(c.document.migration_phases, '/migration_phases').map(({ item, pointer }) =>
    compilePhase(c, item, pointer, watchedIn, gates.get(item.phase_id) ?? []),
  );
}

/** By the id of the step behind which a gate stands; null before the first. */
type StreamsAfter = ReadonlyMap<string | null, Streams>;

/** In the order in which they are passed: by the step they stand behind. */
function withGates(
  phase: PlannedPhase,
  gates: readonly ValidationGate[],
  streams: StreamsAfter,
): PlannedPhase {
  if (gates.length === 0) return phase;
  const ids = phase.steps.map(({ id }) => id);
  const place = ({ after }: ValidationGate): number => (after === null ? -1 : ids.indexOf(after));
  const watched = gates.map((gate) => ({ ...gate, ...whileAsked(streams.get(gate.after) ?? new Map()) }));
  return { ...phase, gates: watched.toSorted((one, other) => place(one) - place(other)) };
}

function compilePhase(
  c: Compilation,
  phase: Phase,
  pointer: string,
  watchedIn: WatchedIn,
  gates: readonly ValidationGate[],
): PlannedPhase {
  const streams = new Map<string | null, Streams>([[null, new Map(c.streams)]]);
  const atStart = whileAsked(c.streams);
  const at = c.facts.momentOfPhaseStart(phase.phase_id);
  const startConditions = numbered(phase.start_condition).map(({ index, text }) =>
    requirementOf(c, text, {
      pointer: below(pointer, 'start_condition', index),
      at,
      connection: null,
      person: 'asked of anyone, before the phase begins',
    }),
  );
  const steps = placed(list(phase.steps), below(pointer, 'steps')).map((step) => {
    const id = step.item.step_id;
    const planned = compileStep(c, step.item, step.pointer, watchedIn(phase.phase_id, id));
    streams.set(id, new Map(c.streams));
    return planned;
  });
  const gate = phase.validation_gate
    ? compileGate(c, phase.validation_gate, below(pointer, 'validation_gate'))
    : null;
  const back = withRollbackPoint(c, phase, below(pointer, 'rollback_point'), steps);
  const planned = { id: phase.phase_id, name: phase.name, startConditions, gate, ...back, ...atStart };
  return withGates(planned, gates, streams);
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
    ...whileAsked(c.streams),
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

/** Phases or steps in the order in which they run, each with its pointer in the file. */
function placed<T extends { readonly order: number }>(
  items: readonly T[],
  pointer: string,
): readonly { readonly item: T; readonly pointer: string }[] {
  return items
    .map((item, index) => ({ item, pointer: below(pointer, index) }))
    .sort((left, right) => left.item.order - right.item.order);
}
