/**
 * Watching: alert conditions, the triggers of the levels, and bound metrics, while a step works and soaks. One heartbeating
 * activity samples at a time: first until the work is done, then for as long as the soak lasts. It comes back early only
 * to notify, and continues from its own state, so the history does not grow with time.
 */
import { CancellationScope, isCancellation, sleep } from '@temporalio/workflow';
import type { WatchEnd, WatchJob, WatchReport } from '../activities/contract.js';
import { needsOfWatch, watchNeedsHost } from '../strategy/kinds/probes/index.js';
import type { PlannedStep, Watch, WatchSettings } from '../strategy/plan.js';
import type { Baselines, RequirementView } from '../strategy/run/view.js';
import { isBlind } from '../strategy/watch/soak.js';
import {
  carriedFrom,
  newWatchState,
  readWatchState,
  seenAgain,
  type WatchState,
} from '../strategy/watch/state.js';
import { messageOf, probes } from './activities.js';
import { ask, needOf } from './decisions.js';
import { downtimeOf } from './downtime.js';
import { Failed, Interrupted } from './failure-types.js';
import { lastHeartbeat, withHostFailover } from './hosts.js';
import { contextFor } from './job-context.js';
import { list } from './requirements.js';
import type { Run } from './run.js';

/** A step under watch. */
interface WatchedStep {
  readonly phase: string;
  readonly step: Pick<PlannedStep, 'id' | 'responsible' | 'whileAsked'>;
  readonly watch: Watch;
}

/** What samples are taken for: a step, or the monitoring period after the completion. */
export interface Sampled {
  readonly id: string;
  readonly watch: Watch;
  readonly baselines: Baselines;
  /** How many samples in a row fire a condition, or say that nobody knows. */
  readonly limits: Omit<WatchSettings, 'intervalMs'>;
  /** Told of alerts that only notify, before the sampling continues. */
  readonly onAlerts?: (alerts: WatchReport['alerts']) => Promise<void>;
}

/** Work that is over by then is sampled at its end only: an activity takes up to a second to be stopped. */
const HEAD_START = '1s';

/**
 * Does `work` under watch.
 * @throws Failed when a condition that fails the step fires; the work is stopped, with the command under way.
 */
export async function whileWatching(
  run: Run,
  watched: WatchedStep,
  work: () => Promise<void>,
): Promise<void> {
  await besideSamples(run, sampledOf(run, watched), work, (report) => throwIfFired(run, watched, report));
}

/** Does `work` while samples are taken, and stops it when a condition fires that fails. `judge` throws then. */
export async function besideSamples<T>(
  run: Run,
  sampled: Sampled,
  work: () => Promise<T>,
  judge: (report: WatchReport | null) => void,
): Promise<T> {
  const sampling = new CancellationScope();
  const working = new CancellationScope();
  const watching = sampling
    .run(async () => {
      await sleep(HEAD_START);
      const report = await sample(run, sampled, beginning(run, sampled), { kind: 'cancelled' });
      if (report.fired !== null) working.cancel();
      return report;
    })
    .catch((error: unknown) => {
      if (!isCancellation(error)) throw error;
      return null;
    });
  let done: T;
  try {
    done = await working.run(work);
  } catch (error) {
    sampling.cancel();
    // An alert is why the work was stopped, whatever the work itself says about its end.
    judge(await watching);
    throw error;
  }
  sampling.cancel();
  const report = await watching;
  run.checkCommands();
  judge(report);
  return done;
}

/**
 * Samples until the step has soaked for so many milliseconds (0: not at all) and every condition is decided. What stays
 * without data is put to a person: at the end, or as soon as the limits of the bindings say so; the soak then continues
 * where it was.
 * @throws Failed when a condition that fails the step fires, or a person says that it was not quiet.
 */
export async function soakWatched(run: Run, watched: WatchedStep, soakMs: number): Promise<void> {
  const subject = { kind: 'step', id: watched.step.id, phase: watched.phase } as const;
  let from = beginning(run, watched);
  let end: WatchEnd = { kind: 'soaked', ms: soakMs, samples: 1 };
  const vouched = new Set<number>();
  for (;;) {
    const report = await sample(run, sampledOf(run, watched), from, end, [...vouched]);
    run.checkCommands();
    if (report.ended === 'cancelled') throw new Interrupted();
    throwIfFired(run, watched, report);
    run.emit({ type: 'requirements-evaluated', subject, results: report.results });
    const unsure = report.results.filter(
      ({ verdict }, index) => verdict === 'inconclusive' && (report.blind?.includes(index) ?? true),
    );
    if (report.blind === undefined && unsure.length === 0) return;
    const course = await askAbout(run, watched, report, unsure);
    if (report.blind !== undefined) {
      if (course === 'pass') for (const index of report.blind) vouched.add(index);
      from = seenAgain(report.state, report.blind, course === 'retry');
      continue;
    }
    if (course === 'pass') return;
    const { failureLimit } = run.plan.bindings.watch;
    end = { kind: 'soaked', ms: Math.min(soakMs, blindMs(report)), samples: failureLimit };
    from = beginning(run, watched);
  }
}

/** @throws Failed when a person says that it was not quiet. */
async function askAbout(
  run: Run,
  watched: WatchedStep,
  { results: evidence, blind }: WatchReport,
  unsure: readonly RequirementView[],
): Promise<'pass' | 'retry'> {
  const { phase, step } = watched;
  const offer =
    blind === undefined ? 'Watch again, or answer whether it did?' : 'Watch on, or answer whether it did?';
  const answer = await ask(run, {
    kind: 'inconclusive',
    subject: step.id,
    question: `No verdict on ${list(unsure.map(({ text }) => text))}, so it is unknown whether it stayed quiet. ${offer}`,
    needs: needOf(step.responsible),
    evidence,
  });
  if (answer.option === 'retry') return 'retry';
  const verdict = answer.option === 'pass' ? 'pass' : 'fail';
  const said = `${verdict} by ${answer.by}${answer.reason === null ? '' : `: ${answer.reason}`}`;
  const results = unsure.map((result): RequirementView => ({ ...result, verdict, evidence: said }));
  run.emit({ type: 'requirements-evaluated', subject: { kind: 'step', id: step.id, phase }, results });
  if (verdict === 'pass') return 'pass';
  throw failed(watched, `Not quiet, ${said}`, results, null);
}

/** What a repeated watch has to make up for: the longest time for which a condition had no data. */
function blindMs({ state: { soak } }: WatchReport): number {
  return Math.max(0, ...soak.blindMs.filter((_, index) => isBlind(soak, index)));
}

function sampledOf(run: Run, { phase, step, watch }: WatchedStep): Sampled {
  const { intervalMs: _pace, ...limits } = run.plan.bindings.watch;
  return { id: step.id, watch, baselines: run.stepView(phase, step.id).baselines, limits };
}

function beginning(run: Run, { watch }: Pick<WatchedStep, 'watch'>): WatchState {
  return newWatchState(watch.conditions, run.watched, Date.now());
}

/** Samples to the end, and notifies on the way. A watch that broke is a report without data, never a pass. */
export async function sample(
  run: Run,
  sampled: Sampled,
  from: WatchState,
  until: WatchEnd,
  vouched: readonly number[] = [],
): Promise<WatchReport> {
  const { id, watch } = sampled;
  let state = from;
  for (;;) {
    const report = await watchOnce(run, sampled, state, { until, vouched }).catch((error: unknown) => {
      if (isCancellation(error)) throw error;
      return broken(watch, state, error);
    });
    state = report.state;
    run.watched = carriedFrom(watch.conditions, state);
    for (const { text, evidence, recovered } of report.alerts) {
      const about = { step: id, text, evidence };
      const condition = watch.conditions.find((known) => known.text === text);
      if (recovered) run.emit({ type: 'alert-recovered', ...about });
      else run.emit({ type: 'alert', ...about, ...downtimeOf(run, condition) });
    }
    if (report.ended !== 'alerts') return report;
    if (sampled.onAlerts !== undefined) await sampled.onAlerts(report.alerts);
  }
}

async function watchOnce(
  run: Run,
  sampled: Sampled,
  from: WatchState,
  { until, vouched }: { readonly until: WatchEnd; readonly vouched: readonly number[] },
): Promise<WatchReport> {
  const { id, watch, baselines, limits } = sampled;
  const { intervalMs } = run.plan.bindings.watch;
  const { context } = await contextFor(run, needsOfWatch(watch));
  let state = from;
  return withHostFailover(run, watchNeedsHost(watch, run.plan.bindings), async (queue) => {
    const job: WatchJob = {
      context,
      step: id,
      watch,
      baselines,
      intervalMs: run.compressed(intervalMs),
      ...limits,
      compress: run.input.compress,
      state,
      until,
      ...(vouched.length === 0 ? {} : { vouched }),
    };
    try {
      return await probes(queue).watchMetrics(job);
    } catch (error) {
      // The host that takes over from a silent one continues from its last heartbeat.
      state = readWatchState(lastHeartbeat(error), watch.conditions.length) ?? state;
      throw error;
    }
  });
}

function broken(watch: Watch, state: WatchState, error: unknown): WatchReport {
  const evidence = `the watch failed: ${messageOf(error)}`;
  const results = watch.conditions.map(
    ({ text, probe }): RequirementView => ({
      text,
      how: probe.how,
      verdict: 'inconclusive',
      evidence,
      alert: true,
    }),
  );
  return { ended: 'soaked', fired: null, alerts: [], results, state };
}

function throwIfFired(run: Run, watched: WatchedStep, report: WatchReport | null): void {
  if (report === null || report.fired === null) return;
  const { phase, step, watch } = watched;
  const { index, evidence } = report.fired;
  const condition = watch.conditions[index];
  const text = condition?.text ?? 'a watched condition';
  const subject = { kind: 'step', id: step.id, phase } as const;
  run.emit({ type: 'requirements-evaluated', subject, results: report.results });
  run.emit({ type: 'alert', step: step.id, text, evidence, stops: true, ...downtimeOf(run, condition) });
  const { level = null, responsible = step.responsible } = condition ?? {};
  throw failed(
    { phase, step: { ...step, responsible }, watch },
    `Alert: ${text} (${evidence})`,
    report.results,
    level,
  );
}

function failed(
  { phase, step }: WatchedStep,
  cause: string,
  evidence: readonly RequirementView[],
  level: Failed['failure']['level'],
): Failed {
  return new Failed({
    kind: 'step',
    subject: step.id,
    phase,
    responsible: step.responsible,
    cause,
    evidence,
    level,
    decided: false,
    whileAsked: step.whileAsked,
  });
}
