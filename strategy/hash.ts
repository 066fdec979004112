/** The identity of a plan: what a vote and a second start of the same run are bound to. */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { Plan } from './plan.js';

/**
 * JSON with the keys of every object in code unit order and without white space, so that equal values have equal
 * texts. Follows `JSON.stringify` in what it leaves out (undefined) and refuses (cycles, by running out of stack).
 */
export function canonicalJson(value: unknown): string {
  let text = '';
  writeCanonical(value, (part) => {
    text += part;
  });
  return text;
}

/** SHA-256, in hex, of the canonical JSON of everything in the plan but `hash` itself. */
export function hashPlan(plan: Omit<Plan, 'hash'>): string {
  const digest = sha256.create();
  // Piece by piece: one text of a plan of 10,000 steps costs more in garbage than all else in compiling it.
  let piece = '';
  writeCanonical({ ...plan, hash: undefined }, (part) => {
    piece += part;
    if (piece.length < PIECE) return;
    digest.update(utf8ToBytes(piece));
    piece = '';
  });
  return bytesToHex(digest.update(utf8ToBytes(piece)).digest());
}

const PIECE = 16 * 1024;

function writeCanonical(value: unknown, write: (part: string) => void): void {
  if (Array.isArray(value)) {
    let opening = '[';
    for (const item of value) {
      write(opening);
      writeCanonical(item, write);
      opening = ',';
    }
    write(opening === '[' ? '[]' : ']');
  } else if (isRecord(value)) {
    let opening = '{';
    for (const key of sortedKeys(value)) {
      const member = value[key];
      if (member === undefined) continue;
      write(opening + quotedKey(key));
      writeCanonical(member, write);
      opening = ',';
    }
    write(opening === '{' ? '{}' : '}');
  } else {
    write(JSON.stringify(value) ?? 'null');
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** Most objects of a plan are few shapes over and over: their keys are sorted and quoted once. */
const KEYS_KEPT = 1000;
const quoted = new Map<string, string>();

function quotedKey(key: string): string {
  const known = quoted.get(key);
  if (known !== undefined) return known;
  const text = `${JSON.stringify(key)}:`;
  if (quoted.size < KEYS_KEPT) quoted.set(key, text);
  return text;
}

function sortedKeys(members: object): readonly string[] {
  const keys = Object.keys(members);
  for (let index = 1; index < keys.length; index += 1) {
    if ((keys[index - 1] ?? '') > (keys[index] ?? '')) return keys.sort();
  }
  return keys;
}
