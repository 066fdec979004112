/** What a sentence came to, apart from where it stands. */
import type { Probe } from '../plan.js';
import type { Finding } from './reporter.js';

export type Classified =
  | {
      readonly kind: 'probe';
      readonly probe: Probe;
      readonly how: string;
      /** Set when the probe passes while all is well, with what that is seen from: it is no alert condition. */
      readonly passesWhenWell?: string;
    }
  /** `why`: what kept a machine from reading it; `doubt`: the same as a warning, where a machine was surely meant. */
  | { readonly kind: 'open'; readonly doubt?: Finding; readonly why?: string }
  | { readonly kind: 'problem'; readonly finding: Finding };
