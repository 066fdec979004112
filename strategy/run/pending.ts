/** Steps and gates to which nothing has happened yet. */
import type { PlacedGate, StepOutline } from './outline.js';
import type { GateView, PlacedGateView, StepView } from './view.js';

export function newStep({ id, name, type, undo, estimate }: StepOutline): StepView {
  return {
    id,
    name,
    type,
    undo: undo.kind,
    status: 'pending',
    reason: '',
    attempts: 0,
    undone: 0,
    actionsDone: 0,
    startedAt: null,
    endedAt: null,
    baselines: {},
    requirements: [],
    output: null,
    ...(estimate === undefined ? {} : { estimate }),
  };
}

export function newGate(id: string, name: string): GateView {
  return { id, name, status: 'pending', reason: '', requirements: [], votes: [] };
}

export function newPlacedGate({ id, name, after }: PlacedGate): PlacedGateView {
  return { ...newGate(id, name), after };
}
