/** What a probe found. A probe that broke is `inconclusive`, with the reason; never a pass, never an exception. */
import type { Verdict } from '../../strategy/run/view.js';
import type { Clients } from '../clients.js';
import type { Setting } from '../contract.js';

export interface Finding {
  readonly verdict: Verdict;
  /** One line; may hold secrets until it has been redacted. */
  readonly evidence: string;
}

/** With what a probe works. */
export interface Site {
  readonly setting: Setting;
  readonly env: Clients['env'];
  readonly killGraceMs: number;
  /** Milliseconds the probe may take. */
  readonly timeoutMs: number;
  /** Aborts when the activity is interrupted. */
  readonly signal: AbortSignal;
}

export function pass(evidence: string): Finding {
  return { verdict: 'pass', evidence };
}

export function fail(evidence: string): Finding {
  return { verdict: 'fail', evidence };
}

export function inconclusive(evidence: string): Finding {
  return { verdict: 'inconclusive', evidence };
}
