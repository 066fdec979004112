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
  /** Says what one does not want to see: `pass` means that it did not happen, `fail` that it did. */
  readonly alert?: true;
}
