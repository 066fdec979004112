/** A series of kills while rows are copied, changed, kept in step, switched over and taken back: every row is counted in the end. */
import { Random } from '../random.js';
import { Attack, type Kill } from './attack.js';
import { openBed } from './bed.js';
import { CORRECTIONS_METHODS } from './corrections.js';
import { EXPAND_METHODS } from './expand.js';
import type { Method } from './method.js';
import { MIRROR_METHODS } from './mirror.js';
import { MOVE_METHODS } from './move.js';
import { ONLINE_METHODS } from './online.js';
import { ROUNDS_METHODS } from './rounds.js';
import { ROWS_METHODS } from './rows.js';

export interface Summary {
  readonly kills: readonly Kill[];
  /** The name of the method of each round. */
  readonly rounds: readonly string[];
  /** Whatever is wrong, in words. */
  readonly wrong: readonly { readonly method: string; readonly what: string }[];
}

export const METHODS: readonly Method[] = [
  ...ROWS_METHODS,
  ...MOVE_METHODS,
  ...ONLINE_METHODS,
  ...MIRROR_METHODS,
  ...ROUNDS_METHODS,
  ...CORRECTIONS_METHODS,
  ...EXPAND_METHODS,
];

/** @param only methods whose name contains it */
export async function series(
  kills: number,
  seed: number,
  onRound: (summary: Summary) => void = () => undefined,
  only = '',
): Promise<Summary> {
  const random = new Random(seed);
  const summary = { kills: [] as Kill[], rounds: [] as string[], wrong: [] as Summary['wrong'][number][] };
  const methods = METHODS.filter(({ name }) => name.includes(only));
  const bed = await openBed();
  let deck: Method[] = [];
  try {
    while (summary.kills.length < kills) {
      if (deck.length === 0) deck = random.shuffled(methods);
      const method = deck.pop();
      if (method === undefined) break;
      const round = summary.rounds.push(method.name);
      await bed.empty();
      const attack = new Attack(bed, random, method.name, method.sides, summary.kills, kills);
      const problems = await method
        .carryOut(attack, `run-${round}`)
        .catch((error: unknown) => [String(error)]);
      summary.wrong.push(
        ...problems.map((what) => ({ method: method.name, what: `round ${round}: ${what}` })),
      );
      onRound(summary);
    }
  } finally {
    await bed.close();
  }
  return summary;
}
