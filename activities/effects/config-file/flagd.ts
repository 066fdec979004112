/**
 * A file of feature flags for flagd and the OpenFeature providers that read it (https://flagd.dev/reference/flag-definitions).
 *
 * Here a flag has one value: that of the variant everybody gets, `disabled`, or a share of the users such as "25%". A share is
 * written as flagd's own `fractional` targeting, with the variant that is on in front: flagd then counts a user by the hash of
 * the flag's name and the targeting key, so that a user stays in their bucket, and those who are in stay in when the share grows.
 */
import { applyEdits, type JSONPath, modify } from 'jsonc-parser';
import { lookUp, withValue } from '../../../strategy/edit/tree.js';
import { Refusal } from '../../refusal.js';
import type { Codec } from './codec.js';
import { json } from './json.js';

/** Under this name the parsed file holds what is not the value of a flag; no flag is called so. */
const REST = '';

export const flagd: Codec = {
  parse(text) {
    const file: unknown = json.parse(text);
    const flags = entriesOf(lookUp(file, ['flags']));
    if (flags.length === 0 && lookUp(file, ['flags']) === undefined) {
      throw new Refusal('it has no "flags", so it is not a file of flagd');
    }
    const values = flags.map(([name, flag]) => [name, flagValue(flag)] as const);
    const rest = flags.map(([name, flag]) => [name, WRITTEN.reduce(without, flag)] as const);
    return { ...Object.fromEntries(values), [REST]: withValue(file, ['flags'], Object.fromEntries(rest)) };
  },
  write(text, [name = ''], value) {
    const flag = lookUp(json.parse(text), ['flags', name]);
    if (flag === undefined || value === undefined) {
      throw new Refusal('flags are not added or removed here, because a flag needs its variants');
    }
    return withMembers(text, name, membersFor(flag, value));
  },
};

/** What says who gets a flag, as one JSON text: equal texts divide the users alike. @throws Refusal without the flag */
export function readMembers(text: string, name: string): string {
  const flag = lookUp(json.parse(text), ['flags', name]);
  if (flag === undefined) throw new Refusal(`it has no flag "${name}"`);
  return JSON.stringify(WRITTEN.map((key) => [key, lookUp(flag, [key]) ?? null]));
}

/** The members that give a flag to a share of the users. @throws Refusal for a flag that has no such variants */
export function membersForShare(text: string, name: string, percent: number): string {
  const share = percent >= 100 ? true : percent <= 0 ? false : `${percent}%`;
  return readMembers(flagd.write(text, [name], share), name);
}

/** Sets what `readMembers` gave. */
export function writeMembers(text: string, name: string, members: string): string {
  const wanted: unknown = JSON.parse(members);
  return withMembers(
    text,
    name,
    WRITTEN.map((key, index) => [key, lookUp(wanted, [String(index), '1']) ?? undefined]),
  );
}

function withMembers(text: string, name: string, members: Members): string {
  const flag = lookUp(json.parse(text), ['flags', name]);
  let after = text;
  for (const [key, wanted] of members) {
    const location: JSONPath = ['flags', name, key];
    if (lookUp(flag, [key]) === undefined && wanted === undefined) continue;
    after = applyEdits(after, modify(after, location, wanted, { formattingOptions: formattingOf(text) }));
  }
  return after;
}

/** Undefined takes a member away. */
type Members = readonly (readonly [key: string, value: unknown])[];

/** The members of a flag that its value is written into. */
const WRITTEN = ['state', 'defaultVariant', 'targeting'];

function without(tree: unknown, key: string): unknown {
  return withValue(tree, [key], undefined);
}

function flagValue(flag: unknown): unknown {
  if (lookUp(flag, ['state']) === 'DISABLED') return 'disabled';
  const targeting = lookUp(flag, ['targeting']);
  if (entriesOf(targeting).length > 0) {
    const share = shareOf(flag, targeting);
    return share === null ? { targeting } : `${share}%`;
  }
  const variant = lookUp(flag, ['defaultVariant']);
  return typeof variant === 'string' ? lookUp(flag, ['variants', variant]) : undefined;
}

/** The percentage in targeting that is written here; null for rules of another kind. */
function shareOf(flag: unknown, targeting: unknown): number | null {
  const share = Number(lookUp(targeting, ['fractional', '0', '1']));
  if (!Number.isInteger(share)) return null;
  const written = targetingFor(flag, share);
  return JSON.stringify(written) === JSON.stringify(targeting) ? share : null;
}

function targetingFor(flag: unknown, share: number): unknown {
  return {
    fractional: [
      [variantWith(flag, true), share],
      [variantWith(flag, false), 100 - share],
    ],
  };
}

function membersFor(flag: unknown, value: unknown): Members {
  if (value === 'disabled') return [['state', 'DISABLED']];
  const targeting = lookUp(flag, ['targeting']);
  if (entriesOf(targeting).length > 0 && shareOf(flag, targeting) === null) {
    throw new Refusal('the flag has targeting rules of its own, which a value would not change');
  }
  const [, percent] = /^(\d{1,2})%$/.exec(String(value)) ?? [];
  if (percent === undefined) {
    return [
      ['state', 'ENABLED'],
      ['defaultVariant', variantWith(flag, value)],
      ['targeting', undefined],
    ];
  }
  return [
    ['state', 'ENABLED'],
    // Who has no targeting key is in no bucket.
    ['defaultVariant', variantWith(flag, false)],
    ['targeting', targetingFor(flag, Number(percent))],
  ];
}

function variantWith(flag: unknown, value: unknown): string {
  const found = entriesOf(lookUp(flag, ['variants'])).find(
    ([, variant]) => JSON.stringify(variant) === JSON.stringify(value),
  );
  if (found !== undefined) return found[0];
  throw new Refusal(`the flag has no variant with the value ${JSON.stringify(value)}`);
}

function entriesOf(value: unknown): readonly (readonly [string, unknown])[] {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
}

function formattingOf(text: string): {
  readonly insertSpaces: boolean;
  readonly tabSize: number;
  readonly eol: string;
} {
  return {
    insertSpaces: !/^\t/m.test(text),
    tabSize: /^( +)\S/m.exec(text)?.[1]?.length ?? 2,
    eol: text.includes('\r\n') ? '\r\n' : '\n',
  };
}
