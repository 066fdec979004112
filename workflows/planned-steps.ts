/** The bodies of the steps: at hand in a plan that travels whole, loaded a few at a time from the plan store otherwise. */
import type { PlannedStep } from '../strategy/plan.js';
import type { CarriedPlan, PlanHead } from '../strategy/run/messages.js';
import { shared } from './activities.js';

/** Steps loaded at once. A step of a few kilobytes keeps one load far below Temporal's 2 MiB payload limit. */
const CHUNK = 100;

export function headOf(plan: CarriedPlan): PlanHead {
  return plan.kind === 'inline' ? plan.plan : plan.head;
}

export class PlannedSteps {
  private readonly places = new Map<string, { phase: number; index: number }>();
  private loaded: { readonly key: string; readonly steps: readonly PlannedStep[] } | null = null;

  constructor(private readonly plan: CarriedPlan) {
    headOf(plan).phases.forEach((phase, phaseIndex) => {
      phase.steps.forEach((step, index) => {
        this.places.set(step.id, { phase: phaseIndex, index });
      });
    });
  }

  /** The step of this id, which must be in the plan. */
  async get(id: string): Promise<PlannedStep> {
    const place = this.places.get(id);
    const step = place === undefined ? undefined : await this.at(place.phase, place.index);
    if (step === undefined) throw new Error(`The plan has no step ${id}.`);
    return step;
  }

  private async at(phase: number, index: number): Promise<PlannedStep | undefined> {
    if (this.plan.kind === 'inline') return this.plan.plan.phases[phase]?.steps[index];
    const from = index - (index % CHUNK);
    const key = `${phase}/${from}`;
    if (this.loaded?.key !== key) {
      const steps = await shared.loadSteps({ plan: this.plan.head.hash, phase, from, count: CHUNK });
      this.loaded = { key, steps };
    }
    return this.loaded.steps[index - from];
  }
}
