/**
 * Watches conditions while a step runs and soaks, for minutes or for weeks, in one activity: its state travels in the
 * heartbeats, so that the next worker continues counting where this one stopped, and the history does not grow.
 * What the samples mean is decided in strategy/watch/.
 */
import { windowMsOf } from '../../strategy/kinds/probes/metric.js';
import type { Watch, WatchCondition } from '../../strategy/plan.js';
import type { HeartbeatReport, SamplePoint } from '../../strategy/run/progress.js';
import type { RequirementView } from '../../strategy/run/view.js';
import {
  afterSample,
  type ConditionState,
  isDecided,
  type Limits,
  QUIET,
} from '../../strategy/watch/condition.js';
import { soakProgress } from '../../strategy/watch/progress.js';
import { resultsOf } from '../../strategy/watch/result.js';
import { soakOn } from '../../strategy/watch/soak.js';
import { readWatchState, type WatchState } from '../../strategy/watch/state.js';
import { isDue, withLatest } from '../../strategy/watch/timed.js';
import { interruption, pause, resumeDetails, withHeartbeat, workerLeft } from '../attempt.js';
import type { WatchAlert, WatchJob, WatchReport } from '../contract.js';
import type { Dependencies } from '../dependencies.js';
import { probe, probeContextOf } from './index.js';
import { sampleOrNull } from './metric.js';
import { TimedProbes, type TimedResult } from './timed.js';
import type { ProbeContext, ProbeResult } from './verdict.js';

/** Milliseconds one sample may take: not less in a trial that compresses time, since the probes are as slow as ever. */
const SAMPLE_MS = { least: 10_000, most: 30_000 };

/** Milliseconds between two rounds at least, however much a trial compresses time. */
const LEAST_MS = 100;

/** How many samples the heartbeats carry: enough for a line of an hour, and a few kilobytes. */
const SAMPLES_SHOWN = 120;

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

/** `began`: when the sample of a condition with a frequency of its own began. */
type Sampled = ProbeResult & Partial<TimedResult>;

/** All conditions and shown metrics, sampled once. */
interface Round {
  readonly at: number;
  readonly tookMs: number;
  /** One per condition, in order; null for one that was not due, or has no result yet. */
  readonly findings: readonly (Sampled | null)[];
  /** By metric that is only shown: null without data. */
  readonly shown: Readonly<Record<string, number | null>>;
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

  async #sample(
    { probe: machine, everyMs }: WatchCondition,
    index: number,
    context: ProbeContext,
  ): Promise<Sampled | null> {
    if (everyMs === undefined) return probe(machine, context);
    const { failureLimit, compress } = this.job;
    const due = isDue(this.#known(index), everyMs / compress, Date.now(), { failureLimit });
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

  #after(round: Round, { everyMs }: WatchCondition, index: number): ConditionState {
    const known = this.#known(index);
    const finding = round.findings[index] ?? null;
    if (finding === null) return known;
    const next = afterSample(known, finding.verdict, round, this.#limits(index));
    const { began, verdict, evidence } = finding;
    if (everyMs === undefined || began === undefined) return next;
    return withLatest(next, known, { began, verdict, evidence }, everyMs / this.job.compress);
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
      if (onFire !== 'notify' || firing === known || episodes > EPISODES_TOLD) return [];
      return [{ text, evidence: this.#evidenceOf(index), recovered: known }];
    });
  }

  #endAfter(alerts: readonly WatchAlert[]): WatchReport['ended'] | null {
    if (this.#fired() !== null) return 'fired';
    if (alerts.length > 0) return 'alerts';
    const { until, failureLimit } = this.job;
    if (until.kind === 'cancelled') return null;
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

/** A metric that is only shown has a value and no verdict. */
function shownResult([name, value]: readonly [string, number | null]): RequirementView {
  const evidence = value === null ? 'no data' : `latest: ${value}`;
  return { text: `watched: ${name}`, how: 'metric', verdict: null, evidence };
}

function pointsOf(watch: Watch, round: Round): readonly SamplePoint[] {
  const at = new Date(round.at).toISOString();
  const conditions = watch.conditions.flatMap(({ text }, index): readonly SamplePoint[] => {
    const { verdict, value = null } = round.findings[index] ?? {};
    return verdict === undefined ? [] : [{ text, value, verdict: AS_ALERT[verdict], at }];
  });
  const shown = Object.entries(round.shown).map(
    ([text, value]): SamplePoint => ({ text, value, verdict: null, at }),
  );
  return [...conditions, ...shown];
}

/** A condition whose sentence holds is what one does not want to see. */
const AS_ALERT = { pass: 'fail', fail: 'pass', inconclusive: 'inconclusive' } as const;

/** The latest rounds. */
function keep(samples: readonly SamplePoint[], watch: Watch): readonly SamplePoint[] {
  const perRound = Math.max(1, watch.conditions.length + watch.metrics.length);
  const rounds = Math.max(1, Math.floor(SAMPLES_SHOWN / perRound));
  return samples.slice(-rounds * perRound);
}
