/** What a sentence came to, apart from where it stands. */
import type { Probe } from '../plan.js';
import type { Finding } from './reporter.js';

export type Classified =
  | { readonly kind: 'probe'; readonly probe: Probe; readonly how: string }
  | { readonly kind: 'open'; readonly doubt?: Finding }
  | { readonly kind: 'problem'; readonly finding: Finding };
