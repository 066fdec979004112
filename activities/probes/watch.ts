/**
 * Watches conditions while a step runs and soaks. A condition fires when its sentence held in `failureLimit` samples
 * in a row; a sample without data neither counts nor resets. The counters travel in the heartbeats, so that a new
 * worker goes on counting.
 */
import type { RequirementView } from '../../strategy/run/view.js';
import { interruption, pause, resumeDetails, withHeartbeat, workerLeft } from '../attempt.js';
import type { WatchJob, WatchReport } from '../contract.js';
import type { Dependencies } from '../dependencies.js';
import { probe, probeContextOf } from './index.js';
import { sampleOrNull } from './metric.js';
import type { ProbeContext, ProbeResult } from './verdict.js';

/** Milliseconds one sample may take at most. */
const SAMPLE_MS = 30_000;

/** Milliseconds between two rounds at least, however much a trial compresses time. */
const LEAST_MS = 100;

/** What the heartbeats carry. */
interface Counters {
  /** Per condition: in how many samples in a row it held. */
  readonly held: readonly number[];
  /** The latest samples of the metrics that are only shown. */
  readonly metrics: Readonly<Record<string, number | null>>;
}

/** Ends when a condition fires, or when it is told to stop; then after one more sample. */
export async function watchMetrics(dependencies: Dependencies, job: WatchJob): Promise<WatchReport> {
  const held = countersFrom(resumeDetails(), job.watch.conditions.length);
  const beat: { counters: Counters } = { counters: { held, metrics: {} } };
  return withHeartbeat(
    () => watch(dependencies, job, beat),
    () => ({ resume: beat.counters }),
  );
}

async function watch(
  dependencies: Dependencies,
  job: WatchJob,
  beat: { counters: Counters },
): Promise<WatchReport> {
  const probes = job.watch.conditions.map((condition) => condition.probe);
  const sampleMs = Math.max(1_000, Math.min(SAMPLE_MS, job.intervalMs));
  const settings = { probes, baselines: job.baselines, timeoutMs: sampleMs };
  const context = await probeContextOf(dependencies, job.context, settings);
  for (;;) {
    const last = job.until === 'sampled' || interruption() === 'stop';
    // The last round is taken although the activity is cancelled by then.
    const round = await sampleAll(job, last ? { ...context, signal: new AbortController().signal } : context);
    const cutShort = !last && interruption() !== null;
    if (!cutShort) {
      const held = round.findings.map((finding, index) => countOn(finding, beat.counters.held[index] ?? 0));
      beat.counters = { held, metrics: round.metrics };
      const fired = held.findIndex((count) => count >= job.failureLimit);
      if (fired !== -1 || last)
        return report(job, round.findings, round.metrics, fired === -1 ? null : fired);
      await pause(Math.max(LEAST_MS, job.intervalMs));
    }
    if (interruption() === 'leave') throw workerLeft();
  }
}

async function sampleAll(
  job: WatchJob,
  context: ProbeContext,
): Promise<{ readonly findings: readonly ProbeResult[]; readonly metrics: Counters['metrics'] }> {
  const findings = await Promise.all(
    job.watch.conditions.map((condition) => probe(condition.probe, context)),
  );
  return { findings, metrics: await sampleShown(job, context) };
}

function countOn({ verdict }: ProbeResult, held: number): number {
  switch (verdict) {
    case 'pass':
      return held + 1;
    case 'fail':
      return 0;
    case 'inconclusive':
      return held;
    default:
      return verdict satisfies never;
  }
}

/** A condition whose sentence holds is what one does not want to see: its result is the other way round. */
function report(
  job: WatchJob,
  findings: readonly ProbeResult[],
  metrics: Counters['metrics'],
  fired: number | null,
): WatchReport {
  const results = job.watch.conditions.map(({ text, probe: { how } }, index): RequirementView => {
    const { verdict, evidence } = findings[index] ?? {
      verdict: 'inconclusive',
      evidence: 'it was not sampled',
    };
    if (index === fired) return { text, how, verdict: 'fail', evidence };
    return { text, how, verdict: verdict === 'inconclusive' ? 'inconclusive' : 'pass', evidence };
  });
  const evidence = fired === null ? '' : (findings[fired]?.evidence ?? '');
  return {
    fired: fired === null ? null : { index: fired, evidence },
    results: [...results, ...Object.entries(metrics).map(shown)],
  };
}

/** A metric that is only shown has a value and no verdict. */
function shown([name, value]: readonly [string, number | null]): RequirementView {
  const evidence = value === null ? 'no data' : `latest: ${value}`;
  return { text: `watched: ${name}`, how: 'metric', verdict: null, evidence };
}

async function sampleShown(job: WatchJob, context: ProbeContext): Promise<Record<string, number | null>> {
  const latest: Record<string, number | null> = {};
  for (const name of job.watch.metrics) latest[name] = await sampleOrNull(name, context);
  return latest;
}

function countersFrom(details: unknown, count: number): readonly number[] {
  const none = Array.from({ length: count }, () => 0);
  if (typeof details !== 'object' || details === null || !('held' in details)) return none;
  const { held } = details;
  if (!Array.isArray(held) || held.length !== count) return none;
  return held.map((value: unknown) => (typeof value === 'number' ? value : 0));
}
