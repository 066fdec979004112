/** What the commands in `bin/` ask of a shop. The process of its environment answers them; without curl, a process of their own. */
import { dump } from './dump.mjs';
import { kubectl } from './kubectl.mjs';
import { query } from './query.mjs';
import { snapshot } from './snapshot.mjs';
import * as trials from './trials.mjs';

const CHECKS = new Map(Object.entries(trials));

/** @param {string} folder where relative paths begin @returns {Promise<string>} @throws why not */
export async function carryOut(home, folder, verb, args) {
  if (verb === 'snapshot') return JSON.stringify(await snapshot(home), null, 2);
  if (verb === 'query') return query(home, args[0]);
  if (verb === 'dump') return dump(home, args);
  if (verb === 'kubectl') return kubectl({ home, folder }, args);
  const [name, ...rest] = args;
  const check = CHECKS.get(name);
  if (check === undefined) throw new Error(`it can try ${[...CHECKS.keys()].join(', ')}`);
  return check({ home, folder }, ...rest);
}
