/** What a probe found. A probe that broke is `inconclusive`, with the reason; never a pass, never an exception. */
import type { MachineProbe } from '../../strategy/plan.js';
import type { Baselines, Verdict } from '../../strategy/run/view.js';
import type { RunContext } from '../contract.js';
import type { Dependencies } from '../dependencies.js';
import { redact } from '../redact.js';
import { oneLine } from '../tail.js';

export interface ProbeResult {
  readonly verdict: Verdict;
  /** One line without secrets. */
  readonly evidence: string;
  /** The probe itself broke, so that it says nothing; a source that answers without data is not broken. */
  readonly broken?: true;
  /** The sample, of a metric that has one; in the metric's own unit. */
  readonly value?: number;
  /** What the sample was compared with, in the same unit. */
  readonly limit?: number;
}

/** With what a probe works. */
export interface ProbeContext {
  readonly run: RunContext;
  readonly env: Dependencies['env'];
  /** The folder of sluice's own files, for evidence that is too long for a line. */
  readonly home: string;
  readonly killGraceMs: number;
  /** Milliseconds the probe may take. */
  readonly timeoutMs: number;
  /** What "baseline" means for each metric. */
  readonly baselines: Baselines;
  /** Aborts when the activity is interrupted. */
  readonly signal: AbortSignal;
  /** Every form of every secret; see redact.ts. */
  readonly forms: readonly string[];
}

/** Evaluates one kind of probe. What it throws becomes an inconclusive verdict. */
export type Evaluator<P extends MachineProbe> = (probe: P, context: ProbeContext) => Promise<ProbeResult>;

/** Foreign text on one line. The secrets are taken out first: of one that is cut or folded, a part would stay. */
export function redactedLine(context: ProbeContext, text: string, limit?: number): string {
  return oneLine(redact(context.forms, text), limit);
}

export function pass(evidence: string): ProbeResult {
  return { verdict: 'pass', evidence };
}

export function fail(evidence: string): ProbeResult {
  return { verdict: 'fail', evidence };
}

/** There is no data. */
export function inconclusive(evidence: string): ProbeResult {
  return { verdict: 'inconclusive', evidence };
}

/** The probe could not be carried out. */
export function broken(evidence: string): ProbeResult {
  return { verdict: 'inconclusive', evidence, broken: true };
}
