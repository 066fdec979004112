/** What becomes of the phases and steps behind a landing. */
import { newGate } from './pending.js';
import type { GateView, MigrationView, PhaseView, RunStatus, StepView } from './view.js';

export type Reset = {
  readonly step: (step: StepView) => StepView;
  readonly gate: (gate: GateView) => GateView;
  readonly phase: PhaseView['status'];
};

/** After a rollback: what lies behind the landing no longer stands. */
export const settled: Reset = {
  step: (step) =>
    step.status === 'pending' || step.status === 'rolled_back' || step.status === 'rollback_failed'
      ? step
      : { ...step, status: 'rolled_back', actionsDone: 0 },
  gate: (gate) =>
    gate.status === 'pending' ? gate : { ...newGate(gate.id, gate.name), reason: 'Rolled back.' },
  phase: 'rolled_back',
};

/**
 * Before it is all carried out again. A step whose undo was given up may be half undone: what was done of it, and what
 * was undone, both count no more.
 */
export const renewed: Reset = {
  step: (step) => ({
    ...step,
    status: 'pending',
    reason: '',
    undone: step.status === 'rollback_failed' ? step.undone + 1 : step.undone,
    actionsDone: 0,
    baselines: {},
    requirements: [],
  }),
  gate: (gate) => newGate(gate.id, gate.name),
  phase: 'pending',
};

export function afterLanding(view: MigrationView, landing: string, reset: Reset): MigrationView {
  let behind = landing === 'start';
  const phases = view.phases.map((phase) => {
    const wasBehind = behind;
    const standing = new Set<string | null>(behind ? [] : [null]);
    const steps = phase.steps.map((step) => {
      const changed = behind ? reset.step(step) : step;
      if (step.id === landing) behind = true;
      if (!behind) standing.add(step.id);
      return changed;
    });
    const stopsHere = phase.id === landing;
    if (stopsHere) behind = true;
    if (!behind || stopsHere) return { ...phase, steps };
    const untouched = wasBehind && phase.status === 'pending';
    return {
      ...phase,
      steps,
      gate: phase.gate === null ? null : reset.gate(phase.gate),
      ...(phase.gates === undefined
        ? {}
        : {
            gates: phase.gates.map((gate) =>
              standing.has(gate.after) ? gate : { ...gate, ...reset.gate(gate) },
            ),
          }),
      status: untouched ? phase.status : wasBehind ? reset.phase : 'running',
    };
  });
  return { ...view, phases, completion: { status: 'pending', reason: '', requirements: [], votes: [] } };
}

/** Nothing of a run that has ended is still at work or waits. */
export function broughtToAnEnd(view: MigrationView, status: RunStatus): MigrationView {
  const reason = `The run ended before it finished (${status.replaceAll('_', ' ')}).`;
  return {
    ...view,
    phases: view.phases.map((phase) => ({
      ...phase,
      ...(OPEN.has(phase.status) ? { status: status === 'rolled_back' ? status : 'failed', reason } : {}),
      steps: phase.steps.map((step) =>
        step.status === 'rolling_back' ? { ...step, status: 'rollback_failed', reason } : step,
      ),
      gate: phase.gate === null ? null : closed(phase.gate, reason),
      ...(phase.gates === undefined ? {} : { gates: phase.gates.map((gate) => closed(gate, reason)) }),
    })),
  };
}

function closed<G extends GateView>(gate: G, reason: string): G {
  return OPEN.has(gate.status) ? { ...gate, status: 'failed', reason } : gate;
}

const OPEN: ReadonlySet<string> = new Set(['waiting', 'running', 'evaluating']);

/** A new rollback tries again what an earlier one left standing. */
export function undoAgain(view: MigrationView): MigrationView {
  return {
    ...view,
    phases: view.phases.map((phase) => ({
      ...phase,
      steps: phase.steps.map((step) =>
        step.status === 'rollback_failed'
          ? { ...step, status: 'failed', reason: 'Waiting to be undone again.' }
          : step,
      ),
    })),
  };
}
