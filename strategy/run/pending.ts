/** Steps and gates to which nothing has happened yet. */
import type { GateView, StepView } from './view.js';

export function newStep(id: string, name: string, type: StepView['type']): StepView {
  return {
    id,
    name,
    type,
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
  };
}

export function newGate(id: string, name: string): GateView {
  return { id, name, status: 'pending', reason: '', requirements: [], votes: [] };
}
