/** The bodies of the steps: at hand in a plan that travels whole, loaded a few at a time from the plan store otherwise. */
import type { PlannedStep } from '../strategy/plan.js';
import type { EncodedPlan, PlanHead } from '../strategy/run/messages.js';
import { shared } from './activities.js';

/** Steps loaded at once; fewer come when they are large, since one load must fit into a payload. */
const CHUNK = 100;

export function headOf(plan: EncodedPlan): PlanHead {
  return plan.kind === 'inline' ? plan.plan : plan.head;
}

interface Place {
  readonly phase: number;
  readonly index: number;
}

export class PlannedSteps {
  private readonly places = new Map<string, Place>();
  private chunk: {
    readonly phase: number;
    readonly from: number;
    readonly steps: readonly PlannedStep[];
  } | null = null;

  constructor(private readonly plan: EncodedPlan) {
    headOf(plan).phases.forEach((phase, phaseIndex) => {
      phase.steps.forEach((step, index) => {
        this.places.set(step.id, { phase: phaseIndex, index });
      });
    });
  }

  /** The step of this id, which must be in the plan. */
  async get(id: string): Promise<PlannedStep> {
    const place = this.places.get(id);
    const step = place && (this.atHand(place) ?? (await this.loaded(place)));
    if (step === undefined) throw new Error(`The plan has no step ${id}.`);
    return step;
  }

  private atHand({ phase, index }: Place): PlannedStep | undefined {
    if (this.plan.kind === 'inline') return this.plan.plan.phases[phase]?.steps[index];
    return this.chunk?.phase === phase ? this.chunk.steps[index - this.chunk.from] : undefined;
  }

  private async loaded({ phase, index }: Place): Promise<PlannedStep | undefined> {
    if (this.plan.kind === 'inline') return undefined;
    const { hash } = this.plan.head;
    // From a round number first, so that a rollback, which comes from behind, does not load every step by itself.
    for (const from of new Set([index - (index % CHUNK), index])) {
      const steps = await shared.loadSteps({ plan: hash, phase, from, count: CHUNK });
      this.chunk = { phase, from, steps };
      const step = steps[index - from];
      if (step !== undefined) return step;
    }
    return undefined;
  }
}
