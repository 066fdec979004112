/**
 * Watches conditions while a step runs and soaks, for minutes or for weeks, in one activity: its state travels in the
 * heartbeats, so that the next worker continues counting where this one stopped, and the history does not grow.
 * What the samples mean is decided in strategy/watch/.
 */
import { windowMsOf } from '../../strategy/kinds/probes/metric.js';
import type { Watch, WatchCondition } from '../../strategy/plan.js';
import type { HeartbeatReport, SamplePoint } from '../../strategy/run/progress.js';
import {
  afterSample,
  blindness,
  type ConditionState,
  countBlind,
  isDecided,
  type Limits,
  QUIET,
} from '../../strategy/watch/condition.js';
import { soakProgress } from '../../strategy/watch/progress.js';
import { resultsOf } from '../../strategy/watch/result.js';
import { soakOn } from '../../strategy/watch/soak.js';
import { readWatchState, type WatchState } from '../../strategy/watch/state.js';
import { isDue, paceOf, withLatest } from '../../strategy/watch/timed.js';
import { interruption, pause, resumeDetails, withHeartbeat, workerLeft } from '../attempt.js';
import type { WatchAlert, WatchJob, WatchReport } from '../contract.js';
import type { Dependencies } from '../dependencies.js';
import { probe, probeContextOf } from './index.js';
import { sampleOrNull } from './metric.js';
import { keep, pointsOf, type Round, type Sampled, shownResult } from './samples.js';
import { TimedProbes } from './timed.js';
import type { ProbeContext } from './verdict.js';

/** Milliseconds one sample may take: not less in a trial that compresses time, since the probes are as slow as ever. */
const SAMPLE_MS = { least: 10_000, most: 30_000 };

/** Milliseconds between two rounds at least, however much a trial compresses time. */
const LEAST_MS = 250;

/** Alerts of one condition reported in a step; one that flaps for weeks is only counted after that. */
const EPISODES_TOLD = 10;

/** Samples at once and then once per interval, until the end that the job names or until a condition fires or recovers. */
export async function watchMetrics(dependencies: Dependencies, job: WatchJob): Promise<WatchReport> {
  const watcher = new Watcher(job);
  return withHeartbeat(
    () => watcher.run(dependencies),
    () => ({ resume: watcher.state, report: watcher.report() }),
  );
}

class Watcher {
  state: WatchState;
  readonly #intervalMs: number;
  #round: Round | null = null;
  #samples: readonly SamplePoint[] = [];
  readonly #timed = new TimedProbes();

  constructor(readonly job: WatchJob) {
    this.#intervalMs = Math.max(LEAST_MS, job.intervalMs);
    const earlier = readWatchState(resumeDetails(), job.watch.conditions.length);
    this.state = earlier ?? job.state;
  }

  async run(dependencies: Dependencies): Promise<WatchReport> {
    const { job } = this;
    const probes = job.watch.conditions.map((condition) => condition.probe);
    const sampleMs = Math.min(SAMPLE_MS.most, Math.max(SAMPLE_MS.least, job.intervalMs));
    const settings = { probes, baselines: job.baselines, timeoutMs: sampleMs };
    const context = await probeContextOf(dependencies, job.context, settings);
    for (;;) {
      const round = await this.#sampleAll(context);
      switch (interruption()) {
        case 'leave':
          throw workerLeft();
        case 'stop':
          return this.#end('cancelled', []); // This round was cut short.
        case null:
          break;
      }
      this.#take(round);
      const alerts = this.#alerts();
      const end = this.#endAfter(alerts);
      if (end !== null) return this.#end(end, alerts);
      await pause(this.#pauseMs());
      if (interruption() === 'leave') throw workerLeft();
      if (interruption() === 'stop') return this.#end('cancelled', []);
    }
  }

  /** For people, by way of the heartbeats. */
  report(): HeartbeatReport {
    const { step, until } = this.job;
    const progress = until.kind === 'soaked' && until.ms > 0 ? soakProgress(this.state, until.ms) : null;
    return { step, progress, samples: this.#samples };
  }

  async #sampleAll(context: ProbeContext): Promise<Round> {
    const { watch } = this.job;
    const began = Date.now();
    const [findings, shown] = await Promise.all([
      Promise.all(watch.conditions.map((condition, index) => this.#sample(condition, index, context))),
      sampleShown(watch, context),
    ]);
    const at = Date.now();
    return { at, tookMs: at - began, findings, shown };
  }

  async #sample(condition: WatchCondition, index: number, context: ProbeContext): Promise<Sampled | null> {
    const { probe: machine } = condition;
    const { failureLimit, compress } = this.job;
    const pace = paceOf(condition, compress);
    if (pace === null) return probe(machine, context);
    const due = isDue(this.#known(index), pace, Date.now(), { failureLimit });
    return due || this.#timed.isUnderWay(index) ? this.#timed.sample(index, machine, context) : null;
  }

  #known(index: number): ConditionState {
    return this.state.conditions[index] ?? QUIET;
  }

  /** Counts a round in. */
  #take(round: Round): void {
    const { watch } = this.job;
    const conditions = watch.conditions.map((condition, index) => this.#after(round, condition, index));
    const verdicts = conditions.map(
      ({ latest }, index) => round.findings[index]?.verdict ?? latest?.verdict ?? 'inconclusive',
    );
    const soak = soakOn(this.state.soak, verdicts, round, this.#intervalMs);
    this.state = { ...this.state, conditions, soak };
    this.#round = round;
    this.#samples = keep([...this.#samples, ...pointsOf(watch, round)], watch);
  }

  #after(round: Round, condition: WatchCondition, index: number): ConditionState {
    const known = this.#known(index);
    const finding = round.findings[index] ?? null;
    if (finding === null) return known;
    const counted = afterSample(known, finding.verdict, round, this.#limits(index));
    const next = countBlind(counted, known, finding.broken === true, this.job);
    const { began, verdict, evidence } = finding;
    const pace = paceOf(condition, this.job.compress);
    if (pace === null || began === undefined) return next;
    return withLatest(next, known, { began, verdict, evidence }, pace);
  }

  #evidenceOf(index: number): string {
    return this.#round?.findings[index]?.evidence ?? this.#known(index).latest?.evidence ?? '';
  }

  /**
   * What fired or recovered of the conditions that only notify. Compared with what the run knows, not with the round
   * before: a worker may have died after it saw it and before the run heard of it.
   */
  #alerts(): readonly WatchAlert[] {
    const { watch, state } = this.job;
    return watch.conditions.flatMap(({ text, onFire }, index) => {
      const { firing, episodes } = this.#known(index);
      const known = (state.conditions[index] ?? QUIET).firing;
      const blind = this.#blindAlert(text, index);
      if (onFire !== 'notify' || firing === known || episodes > EPISODES_TOLD) return blind;
      return [{ text, evidence: this.#evidenceOf(index), recovered: known }, ...blind];
    });
  }

  /** Somebody hears at once that nobody can tell how a condition stands, and when that is over. */
  #blindAlert(text: string, index: number): readonly WatchAlert[] {
    const now = blindness(this.#known(index), this.job);
    const before = blindness(this.job.state.conditions[index] ?? QUIET, this.job);
    const { blindEpisodes = 0 } = this.#known(index);
    if ((now === null) === (before === null) || blindEpisodes > EPISODES_TOLD) return [];
    const evidence = [now, this.#evidenceOf(index)].filter((part) => part !== null).join(': ');
    return [{ text: `no verdict: ${text}`, evidence, recovered: now === null }];
  }

  /** While the step works, nothing can wait for an answer; it is asked for once the step soaks. */
  #blind(): readonly number[] {
    const { until, vouched = [] } = this.job;
    if (until.kind === 'cancelled') return [];
    return [...this.state.conditions.entries()].flatMap(([index, state]) =>
      blindness(state, this.job) === null || vouched.includes(index) ? [] : [index],
    );
  }

  #endAfter(alerts: readonly WatchAlert[]): WatchReport['ended'] | null {
    if (this.#fired() !== null) return 'fired';
    if (alerts.length > 0) return 'alerts';
    const { until, failureLimit } = this.job;
    if (until.kind === 'cancelled') return null;
    if (this.#blind().length > 0) return 'blind';
    const { conditions, soak } = this.state;
    if (this.#timed.busy) return null;
    const decided = conditions.every((condition) => isDecided(condition, { failureLimit }));
    return decided && soak.samples >= until.samples && soak.sampledMs >= until.ms ? 'soaked' : null;
  }

  #fired(): number | null {
    const index = this.job.watch.conditions.findIndex(
      ({ onFire }, place) => onFire === 'fail' && this.state.conditions[place]?.firing === true,
    );
    return index === -1 ? null : index;
  }

  /** Not beyond the end of the soak, so that a soak shorter than the interval lasts no longer than it says. */
  #pauseMs(): number {
    const { until } = this.job;
    const left = until.kind === 'soaked' ? until.ms - this.state.soak.sampledMs : 0;
    return left > 0 ? Math.max(LEAST_MS, Math.min(left, this.#intervalMs)) : this.#intervalMs;
  }

  #limits(index: number): Limits {
    const { watch, failureLimit, compress } = this.job;
    const probe = watch.conditions[index]?.probe;
    const overMs = (probe === undefined ? null : windowMsOf(probe)) ?? 0;
    return { failureLimit, intervalMs: this.#intervalMs, overMs: overMs / compress };
  }

  #end(ended: WatchReport['ended'], alerts: readonly WatchAlert[]): WatchReport {
    const { watch, failureLimit } = this.job;
    const findings = this.#round?.findings ?? [];
    const results = resultsOf(watch.conditions, this.state, findings, failureLimit);
    const index = ended === 'fired' ? this.#fired() : null;
    return {
      ended,
      fired: index === null ? null : { index, evidence: this.#evidenceOf(index) },
      alerts,
      results: [...results, ...Object.entries(this.#round?.shown ?? {}).map(shownResult)],
      ...(ended === 'blind' ? { blind: this.#blind() } : {}),
      state: this.state,
    };
  }
}

async function sampleShown(watch: Watch, context: ProbeContext): Promise<Record<string, number | null>> {
  const latest = watch.metrics.map(
    async (name): Promise<[string, number | null]> => [name, await sampleOrNull(name, context)],
  );
  return Object.fromEntries(await Promise.all(latest));
}
