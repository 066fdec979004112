/** What a probe found. A probe that broke is `inconclusive`, with the reason; never a pass, never an exception. */
import type { Verdict } from '../../strategy/run/view.js';
import type { Clients } from '../clients.js';
import type { Setting } from '../contract.js';
import { redact } from '../redact.js';
import { oneLine } from '../tail.js';

export interface Finding {
  readonly verdict: Verdict;
  /** One line without secrets. */
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
  /** Every form of every secret; see redact.ts. */
  readonly forms: readonly string[];
}

/** Foreign text on one line. The secrets are taken out first: of one that is cut or folded, a part would stay. */
export function told(site: Site, text: string, limit?: number): string {
  return oneLine(redact(site.forms, text), limit);
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
