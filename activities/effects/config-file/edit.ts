/** What one change makes of the text of a configuration file. Pure: nothing is read or written here. */

import { lookUp, sameTree, withValue } from '../../../strategy/edit/tree.js';
import type { ConfigFormat } from '../../../strategy/plan.js';
import { Refusal } from '../../refusal.js';
import { type Codec, readJson } from './codec.js';
import { flagd } from './flagd.js';
import { json } from './json.js';
import { env, ini, properties } from './lines.js';
import { toml } from './toml.js';
import { yaml } from './yaml.js';

const CODECS: { readonly [F in ConfigFormat]: Codec } = { env, flagd, ini, json, properties, toml, yaml };

/** A change with its references resolved. */
export type Change =
  | { readonly do: 'set'; readonly value: string; readonly expected: string | null }
  | { readonly do: 'remove'; readonly expected: string | null }
  | { readonly do: 'move'; readonly from: readonly string[]; readonly expected: string | null };

/** The setting is not what the strategy says. */
export class Mismatch extends Refusal {
  constructor(
    readonly found: unknown,
    readonly expected: string | null,
  ) {
    super('another value was found');
  }
}

/**
 * The text after the change, which is the same text when the change is made already.
 * @throws Refusal when the file cannot be read or changed, Mismatch when another value is found
 */
export function edit(text: string, format: ConfigFormat, path: readonly string[], change: Change): string {
  const codec = CODECS[format];
  const tree = codec.parse(text);
  switch (change.do) {
    case 'set': {
      const found = lookUp(tree, path);
      if (found !== undefined && agrees(found, change.value)) return text;
      expectFound(found, change.expected);
      return written(codec, text, tree, [[path, typed(format, found, change.value)]]);
    }
    case 'remove': {
      const found = lookUp(tree, path);
      if (found === undefined) return text;
      expectFound(found, change.expected);
      return written(codec, text, tree, [[path, undefined]]);
    }
    case 'move': {
      const found = lookUp(tree, change.from);
      const there = lookUp(tree, path);
      if (found === undefined && there !== undefined && agrees(there, change.expected)) return text;
      if (found === undefined) throw new Mismatch(found, change.expected ?? 'a value');
      if (change.expected !== null) expectFound(found, change.expected);
      if (there !== undefined) throw new Refusal(`${path.join('.')} has a value already`);
      return written(codec, text, tree, [
        [change.from, undefined],
        [path, found],
      ]);
    }
    default:
      return change satisfies never;
  }
}

type Write = readonly [path: readonly string[], value: unknown];

/** Nothing is trusted to have touched only what it should: the result is read again and compared. */
function written(codec: Codec, text: string, tree: unknown, writes: readonly Write[]): string {
  let after = text;
  let wanted = tree;
  for (const [path, value] of writes) {
    after = codec.write(after, path, value);
    wanted = withValue(wanted, path, value);
  }
  if (!sameTree(codec.parse(after), wanted)) {
    throw new Refusal('this setting cannot be changed without changing something else in the file');
  }
  return after;
}

function expectFound(found: unknown, expected: string | null): void {
  const same = found === undefined ? expected === null : expected !== null && agrees(found, expected);
  if (!same) throw new Mismatch(found, expected);
}

function agrees(found: unknown, expected: string | null): boolean {
  if (expected === null) return true;
  if (typeof found !== 'object' && String(found) === expected) return true;
  const read = readJson(expected);
  return read !== undefined && sameTree(found, read);
}

/** The text as a value of the kind that was there: a number stays a number, and a text that looks like one stays a text. */
function typed(format: ConfigFormat, found: unknown, text: string): unknown {
  const flat = format === 'env' || format === 'ini' || format === 'properties';
  if (flat || (typeof found === 'string' && format !== 'flagd')) return text;
  const read = readJson(text);
  // A share of the users stands in the place of a value.
  if (format === 'flagd' || found === undefined || found === null) return read === undefined ? text : read;
  if (read !== undefined && kindOf(read) === kindOf(found)) return read;
  throw new Refusal(`the setting is a ${kindOf(found)} there, and the new value is not`);
}

function kindOf(value: unknown): string {
  return Array.isArray(value) ? 'list' : value === null ? 'null' : typeof value;
}
