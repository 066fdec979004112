/**
 * Probes of conditions with a frequency of their own: a validation may take longer than a round of samples. A round waits
 * for one as long as for any other probe; then it goes on in the background, and a later round takes its result. One
 * probe is never under way twice.
 */
import type { MachineProbe } from '../../strategy/plan.js';
import { probe } from './index.js';
import type { ProbeContext, ProbeResult } from './verdict.js';

/** Milliseconds such a probe may take. */
const LONGEST_MS = 1_800_000;

/** A result, with when its probe began (milliseconds since 1970). */
export interface TimedResult extends ProbeResult {
  readonly began: number;
}

export class TimedProbes {
  /** By the place of the condition. */
  readonly #underWay = new Map<number, Promise<TimedResult>>();

  /** True while a result is still to come. */
  get busy(): boolean {
    return this.#underWay.size > 0;
  }

  isUnderWay(index: number): boolean {
    return this.#underWay.has(index);
  }

  /** Begins the probe, unless it is under way, and waits `context.timeoutMs` for it. @returns null when it is not done by then */
  async sample(index: number, machine: MachineProbe, context: ProbeContext): Promise<TimedResult | null> {
    const underWay = this.#underWay.get(index) ?? begin(machine, context);
    this.#underWay.set(index, underWay);
    const result = await within(underWay, context.timeoutMs);
    if (result !== null) this.#underWay.delete(index);
    return result;
  }
}

async function begin(machine: MachineProbe, context: ProbeContext): Promise<TimedResult> {
  const began = Date.now();
  return { ...(await probe(machine, { ...context, timeoutMs: LONGEST_MS })), began };
}

async function within<T>(work: Promise<T>, ms: number): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), ms);
  });
  try {
    return await Promise.race([work, over]);
  } finally {
    clearTimeout(timer);
  }
}
