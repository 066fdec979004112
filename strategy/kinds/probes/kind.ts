/**
 * The pure half of a kind of probe: what the plan, the workflow and every face know of it. Its other half, which
 * evaluates, is `activities/probes/KIND.ts`.
 */
import type { MachineProbe, PlannedBindings } from '../../plan.js';
import type { Needs } from '../needs.js';

export interface ProbeKind<P extends MachineProbe> {
  /** What evaluates it, as in "evaluated by a command". */
  readonly label: string;
  /** True when it can only be evaluated where the workspace is. */
  readonly needsHost: (probe: P, bindings: Pick<PlannedBindings, 'metrics'>) => boolean;
  /** What of the bindings its job carries. */
  readonly needs: (probe: P) => Needs;
  /** What evaluates the sentence, in a few words. */
  readonly describe: (probe: P) => string;
  /** Why it passes while all is well, where the probe itself shows that; null when only its sentence tells. */
  readonly passesWhenWell?: (probe: P) => string | null;
}

export type ProbeOf<H extends MachineProbe['how']> = Extract<MachineProbe, { readonly how: H }>;
