/** What the run does after what it does now: the first place of the plan that nothing has reached yet. */
import { gatesAfter } from './gates.js';
import { ENDED, type MigrationView } from './view.js';

export interface NextPlace {
  readonly kind: 'prerequisite' | 'step' | 'gate' | 'completion';
  readonly id: string;
  readonly name: string;
}

interface Place extends NextPlace {
  readonly status: string;
}

/** Null when nothing follows: the run has ended, goes back, or its completion is under way. */
export function nextOf(view: MigrationView): NextPlace | null {
  if (ENDED.includes(view.status) || view.rollback !== null) return null;
  const places = placesOf(view);
  const reached = places.findLastIndex(({ status }) => status !== 'pending' && status !== 'rolled_back');
  const next = places.slice(reached + 1).find(({ status }) => status === 'pending');
  return next === undefined ? null : { kind: next.kind, id: next.id, name: next.name };
}

function placesOf({ prerequisites, phases, completion }: MigrationView): readonly Place[] {
  return [
    ...prerequisites.map((each): Place => ({ kind: 'prerequisite', ...named(each) })),
    ...phases.flatMap((phase): Place[] => [
      ...gatesAfter(phase, null).map(gatePlace),
      ...phase.steps.flatMap((step): Place[] => [
        { kind: 'step', ...named(step) },
        ...gatesAfter(phase, step.id).map(gatePlace),
      ]),
      ...(phase.gate === null ? [] : [gatePlace(phase.gate)]),
    ]),
    { kind: 'completion', id: 'completion', name: 'Completion and cleanup', status: completion.status },
  ];
}

type Named = Omit<Place, 'kind'>;

function gatePlace(gate: Named): Place {
  return { kind: 'gate', ...named(gate) };
}

function named({ id, name, status }: Named): Named {
  return { id, name, status };
}
