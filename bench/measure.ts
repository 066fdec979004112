/** Repetitions, medians and ratios. */

/** Measurements of one thing, in the order in which they were made. */
export interface Series {
  readonly label: string;
  readonly values: readonly number[];
}

/** A goal for `measured / baseline`; null when the ratio is only of interest. */
export type Goal = { readonly atMost: number } | { readonly atLeast: number } | null;

/** Two things measured side by side in one run of the benchmarks, so that the machine's mood hits both. */
export interface Comparison {
  readonly name: string;
  readonly unit: string;
  readonly measured: Series;
  readonly baseline: Series;
  readonly goal: Goal;
}

export interface Benchmark {
  readonly name: string;
  /** One line for people. */
  readonly about: string;
  run(log: (line: string) => void): Promise<readonly Comparison[]>;
}

/** One way to do the thing that is measured; answers with the measurement. */
export interface Contender {
  readonly label: string;
  measure(): Promise<number>;
}

/**
 * Measures every contender `rounds` times, in turn (A B C, A B C, ...). The first turn does not count unless the caller
 * says that all is warm: caches, connections and compiled code.
 */
export async function inTurn(
  rounds: number,
  contenders: readonly Contender[],
  log: (line: string) => void,
  warm = false,
): Promise<readonly Series[]> {
  const values = contenders.map((): number[] => []);
  for (let round = warm ? 1 : 0; round <= rounds; round += 1) {
    for (const [index, contender] of contenders.entries()) {
      const value = await contender.measure();
      if (round > 0) values[index]?.push(value);
      log(`${round === 0 ? 'warm-up' : `round ${round}`}: ${contender.label} ${value.toFixed(2)}`);
    }
  }
  return contenders.map(({ label }, index) => ({ label, values: values[index] ?? [] }));
}

/** The middle value, or the mean of the two in the middle; NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
  return (upper + lower) / 2;
}

export function ratioOf({ measured, baseline }: Comparison): number {
  return median(measured.values) / median(baseline.values);
}

/** Null when there is no goal. */
export function isMet(comparison: Comparison): boolean | null {
  const { goal } = comparison;
  if (goal === null) return null;
  return 'atMost' in goal ? ratioOf(comparison) <= goal.atMost : ratioOf(comparison) >= goal.atLeast;
}
