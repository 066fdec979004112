/** Facts about the run itself, read off its view. */
import type { Fact } from '../plan.js';
import { gatesOf } from './gates.js';
import type { MigrationView, Verdict } from './view.js';

/** The verdict on a fact, and what was seen. */
export function evaluateFact(view: MigrationView, fact: Fact): { verdict: Verdict; evidence: string } {
  switch (fact.kind) {
    case 'step-completed': {
      const step = view.phases.flatMap((phase) => phase.steps).find(({ id }) => id === fact.step);
      return seen(fact.step, step?.status, 'completed');
    }
    case 'phase-completed':
      return seen(fact.phase, view.phases.find(({ id }) => id === fact.phase)?.status, 'completed');
    case 'gate-passed':
      return seen(
        fact.gate,
        view.phases.flatMap(gatesOf).find(({ id }) => id === fact.gate)?.status,
        'passed',
      );
    case 'prerequisite-verified':
      return seen(
        fact.prerequisite,
        view.prerequisites.find(({ id }) => id === fact.prerequisite)?.status,
        'verified',
      );
    case 'all-gates-passed': {
      const open = view.phases
        .flatMap(gatesOf)
        .flatMap(({ id, status }) => (status === 'passed' || id === fact.except ? [] : [id]));
      return open.length === 0
        ? {
            verdict: 'pass',
            evidence: fact.except === undefined ? 'every gate is passed' : 'every other gate is passed',
          }
        : { verdict: 'fail', evidence: `not passed: ${open.join(', ')}` };
    }
    default:
      return unknownFact(fact);
  }
}

function seen(
  id: string,
  status: string | undefined,
  wanted: string,
): { verdict: Verdict; evidence: string } {
  if (status === undefined) return { verdict: 'inconclusive', evidence: `this run has no ${id}` };
  return { verdict: status === wanted ? 'pass' : 'fail', evidence: `${id} is ${status}` };
}

function unknownFact(fact: never): { verdict: Verdict; evidence: string } {
  return { verdict: 'inconclusive', evidence: `this version does not know the fact ${JSON.stringify(fact)}` };
}
