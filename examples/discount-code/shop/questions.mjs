/**
 * What `bin/shop` asks of the customers' process: `/questions?argument=try&argument=calm&folder=...` answers "yes " and what was
 * seen, or "no " and why not, as text. Nothing is changed.
 */
import { query } from './query.mjs';
import { snapshot } from './snapshot.mjs';
import * as trials from './trials.mjs';

const CHECKS = new Map(Object.entries(trials));

/** Answers itself. @returns null */
export async function answer(home, url, response) {
  const [verb, ...args] = url.searchParams.getAll('argument');
  const folder = url.searchParams.get('folder') ?? '.';
  const text = await find(home, folder, verb, args).then(
    (seen) => `yes ${seen}`,
    (error) => `no ${error.message}`,
  );
  response.writeHead(200, { 'content-type': 'text/plain' }).end(text);
  return null;
}

/** @param {string} folder where relative paths begin @returns {Promise<string>} @throws why not */
export async function find(home, folder, verb, args) {
  if (verb === 'snapshot') return JSON.stringify(await snapshot(home), null, 2);
  if (verb === 'query') return query(home, args[0]);
  const [name, ...rest] = args;
  const check = CHECKS.get(name);
  if (check === undefined) throw new Error(`it can try ${[...CHECKS.keys()].join(', ')}`);
  return check({ home, folder }, ...rest);
}
