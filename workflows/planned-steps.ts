/** The bodies of the steps: at hand in a plan that travels whole, loaded a few at a time from the plan store otherwise. */
import { isCancellation } from '@temporalio/workflow';
import type { StepsJob } from '../activities/contract.js';
import type { PlannedStep } from '../strategy/plan.js';
import type { EncodedPlan, PlanHead } from '../strategy/run/messages.js';
import { messageOf, patientPlanStore, planStore } from './activities.js';

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

  /** `waiting`: told why the plan is waited for, and null when it is there. */
  constructor(
    private readonly plan: EncodedPlan,
    private readonly waiting: (why: string | null) => void,
  ) {
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
      const steps = await this.fromStore({ plan: hash, phase, from, count: CHUNK });
      this.chunk = { phase, from, steps };
      const step = steps[index - from];
      if (step !== undefined) return step;
    }
    return undefined;
  }

  /** Nothing can be done, and nothing undone, without the plan: a run waits for it, since ending would leave it half done. */
  private async fromStore(job: StepsJob): Promise<readonly PlannedStep[]> {
    try {
      return await planStore.loadSteps(job);
    } catch (error) {
      if (isCancellation(error)) throw error;
      this.waiting(messageOf(error));
    }
    const steps = await patientPlanStore.loadSteps(job);
    this.waiting(null);
    return steps;
  }
}
