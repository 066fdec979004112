/** What became of a requirement. */
import type { Probe } from '../plan.js';

/** `inconclusive`: no data, or the probe itself broke. It never counts as a pass. */
export type Verdict = 'pass' | 'fail' | 'inconclusive';

export interface RequirementView {
  readonly text: string;
  readonly how: Probe['how'];
  /** Null until it has been evaluated. */
  readonly verdict: Verdict | null;
  /** What was seen, in one line; null until it has been evaluated. */
  readonly evidence: string | null;
  /** True for a condition that is watched: `pass` says that it did not fire. */
  readonly alert?: true;
}
