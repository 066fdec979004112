/** Compares rows drawn by a hash of their keys: the same keys on both sides, so that extra rows are seen as well as missing ones. */
import { both, type Compared, differencesOf } from './compare-rows.js';
import { countRows, EVERYTHING, hashes } from './ranges.js';
import { keyText, type Side, type Sides } from './side.js';

/** 2^63: hashes are used without their sign. */
const ALL = 9_223_372_036_854_775_807n;
/** Steps of a share. */
const FINE = 1_000_000_000;

export interface Sample {
  readonly rows: number;
  /** Which rows are drawn: the same number draws the same ones again. */
  readonly seed: number;
}

export interface Sampled extends Compared {
  /** True when it was no sample but every row. */
  readonly complete: boolean;
}

export async function compareSample(sides: Sides, table: string, { rows, seed }: Sample): Promise<Sampled> {
  const [there, here] = await both(sides.source, sides.target, countRows);
  // Somewhat more, because a draw by hash comes out at about the number wanted.
  const share = Math.min(1, (rows + 4 * Math.sqrt(rows)) / Math.max(1, Math.max(there, here)));
  const cut = (ALL * BigInt(Math.ceil(share * FINE))) / BigInt(FINE);
  const drawn = (side: Side): string =>
    share >= 1
      ? 'true'
      : `(${side.hash.text(`${keyText(side)} || ' ${seed}'`)} & ${ALL}::bigint) < ${cut}::bigint`;
  const [left, right] = await both(sides.source, sides.target, (side) =>
    hashes(side, EVERYTHING, drawn(side)),
  );
  return {
    compared: new Set([...left.keys(), ...right.keys()]).size,
    equal: [...left].filter(([key, hash]) => right.get(key) === hash).length,
    differences: [...differencesOf(left, right, table)],
    stopped: false,
    complete: share >= 1,
  };
}
