/** A requirement that must hold over a time: sampled at the watch interval until it has, or until one sample does not. */
import type { MachineProbe } from '../../strategy/plan.js';
import { interruption, pause } from '../attempt.js';
import { durationText } from '../wording.js';
import { probe } from './index.js';
import { fail, inconclusive, type ProbeContext, type ProbeResult, pass } from './verdict.js';

export interface Sustained {
  readonly windowMs: number;
  readonly intervalMs: number;
  /** Milliseconds for which an earlier attempt saw it hold. */
  readonly heldMs: number;
  /** Called with how long it has held so far, so that the next attempt can continue from there. */
  readonly progress: (heldMs: number) => void;
}

/**
 * Only sampled time counts: what lies between two samples more than two intervals apart (a worker that stood still, a
 * probe that took long) extends the window.
 */
export async function evaluateSustained(
  machine: MachineProbe,
  context: ProbeContext,
  { windowMs, intervalMs, heldMs: before, progress }: Sustained,
): Promise<ProbeResult> {
  let heldMs = before;
  let last: number | null = null;
  for (let samples = 1; ; samples++) {
    const { verdict, evidence } = await probe(machine, context);
    const now = performance.now();
    if (last !== null) heldMs += Math.min(now - last, 2 * intervalMs);
    last = now;
    if (verdict === 'fail')
      return fail(`${evidence}, after ${durationText(heldMs)} of ${durationText(windowMs)}`);
    if (verdict === 'inconclusive') return inconclusive(evidence);
    if (heldMs >= windowMs)
      return pass(`${evidence}; it held for ${durationText(windowMs)} (${samples} samples)`);
    progress(heldMs);
    await pause(Math.min(intervalMs, windowMs - heldMs));
    if (interruption() !== null) return inconclusive('it was interrupted');
  }
}
