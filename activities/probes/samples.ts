/** The samples of a watch as people are shown them. */
import type { Watch } from '../../strategy/plan.js';
import type { SamplePoint } from '../../strategy/run/progress.js';
import type { RequirementView } from '../../strategy/run/view.js';
import type { TimedResult } from './timed.js';
import type { ProbeResult } from './verdict.js';

/** `began`: when the sample of a condition with a frequency of its own began. */
export type Sampled = ProbeResult & Partial<TimedResult>;

/** All conditions and shown metrics, sampled once. */
export interface Round {
  readonly at: number;
  readonly tookMs: number;
  /** One per condition, in order; null for one that was not due, or has no result yet. */
  readonly findings: readonly (Sampled | null)[];
  /** By metric that is only shown: null without data. */
  readonly shown: Readonly<Record<string, number | null>>;
}

/** A metric that is only shown has a value and no verdict. */
export function shownResult([name, value]: readonly [string, number | null]): RequirementView {
  const evidence = value === null ? 'no data' : `latest: ${value}`;
  return { text: `watched: ${name}`, how: 'metric', verdict: null, evidence };
}

export function pointsOf(watch: Watch, round: Round): readonly SamplePoint[] {
  const at = new Date(round.at).toISOString();
  const conditions = watch.conditions.flatMap(({ text }, index): readonly SamplePoint[] => {
    const { verdict, value = null, limit } = round.findings[index] ?? {};
    if (verdict === undefined) return [];
    return [{ text, value, verdict: AS_ALERT[verdict], at, ...(limit === undefined ? {} : { limit }) }];
  });
  const shown = Object.entries(round.shown).map(
    ([text, value]): SamplePoint => ({ text, value, verdict: null, at }),
  );
  return [...conditions, ...shown];
}

/** A condition whose sentence holds is what one does not want to see. */
const AS_ALERT = { pass: 'fail', fail: 'pass', inconclusive: 'inconclusive' } as const;

/** How many samples the heartbeats carry: enough for a line of an hour, and a few kilobytes. */
const SAMPLES_SHOWN = 120;

/** The latest rounds. */
export function keep(samples: readonly SamplePoint[], watch: Watch): readonly SamplePoint[] {
  const perRound = Math.max(1, watch.conditions.length + watch.metrics.length);
  const rounds = Math.max(1, Math.floor(SAMPLES_SHOWN / perRound));
  return samples.slice(-rounds * perRound);
}
