/** A series of cases: generated from seeds, run many at once, and the first that differs made small. */
import fc from 'fast-check';
import type { Case } from './case.js';
import { cases } from './generator.js';
import type { Runner } from './runner.js';

export interface SeriesOptions {
  readonly runs: number;
  readonly seed: number;
  /** Where in the tree of shrunk cases to begin, as an earlier series printed it. */
  readonly path: string | null;
  readonly atOnce: number;
  readonly onProgress: (summary: Summary) => void;
  readonly onDifference: (difference: Difference) => void;
}

export interface Summary {
  readonly runs: number;
  readonly effects: number;
  readonly decisions: number;
  readonly rollbacks: number;
  /** Runs that differed while the machine was too busy to tell, and were run again. */
  readonly repeated: number;
  /** By the status in which the runs ended. */
  readonly ends: Readonly<Record<string, number>>;
  readonly differences: readonly Difference[];
}

export interface Difference {
  readonly seed: number;
  readonly path: string | null;
  readonly text: string;
  readonly given: Case;
}

/** A series that goes wrong everywhere need not go on. */
const ENOUGH = 20;
const SHRINKS = 60;
const SHRINK_MS = 240_000;

/** The case of a seed. */
export function caseOf(seed: number, path: string | null): Case {
  const [given] = fc.sample(cases, { seed, numRuns: 1, ...(path === null ? {} : { path }) });
  if (given === undefined) throw new Error(`There is no case at seed ${seed}, path ${path}.`);
  return given;
}

export async function series(runner: Runner, options: SeriesOptions): Promise<Summary> {
  let summary: Summary = {
    runs: 0,
    effects: 0,
    decisions: 0,
    rollbacks: 0,
    repeated: 0,
    ends: {},
    differences: [],
  };
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < options.runs && summary.differences.length < ENOUGH) {
      const seed = options.seed + next;
      next += 1;
      const given = caseOf(seed, options.path);
      const { difference, expected, decisions, tries } = await runner.prove(given);
      const { ends } = summary;
      const found = difference === null ? [] : [{ seed, path: options.path, text: difference, given }];
      for (const one of found) options.onDifference(one);
      summary = {
        runs: summary.runs + 1,
        effects: summary.effects + expected.effects.length,
        decisions: summary.decisions + decisions,
        rollbacks: summary.rollbacks + expected.trace.filter((line) => line.startsWith('rollback ')).length,
        repeated: summary.repeated + tries - 1,
        ends: { ...ends, [expected.status]: (ends[expected.status] ?? 0) + 1 },
        differences: [...summary.differences, ...found],
      };
      options.onProgress(summary);
    }
  };
  await Promise.all(Array.from({ length: options.atOnce }, worker));
  return summary;
}

/** The smallest case found within bounds that still differs; the given one when it does not differ again. */
export async function shrunk(runner: Runner, found: Difference): Promise<Difference> {
  const deadline = Date.now() + SHRINK_MS;
  let left = SHRINKS;
  let text = found.text;
  const property = fc.asyncProperty(cases, async (given) => {
    left -= 1;
    if (left < 0 || Date.now() > deadline) return true;
    const { difference } = await runner.prove(given);
    if (difference !== null) text = difference;
    return difference === null;
  });
  const { seed, path } = found;
  const details = await fc.check(property, { seed, numRuns: 1, ...(path === null ? {} : { path }) });
  const [given] = details.counterexample ?? [];
  if (given === undefined)
    return { ...found, text: `${found.text}\n(It did not differ when it was run again.)` };
  return { seed, path: details.counterexamplePath, text, given };
}
