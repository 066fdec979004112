/**
 * The lines of a record and the chain that binds them: each line names the hash of the line before it, so that no line can
 * be changed, left out or moved without every later one showing it. Lines are canonical JSON (RFC 8785).
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import canonicalize from 'canonicalize';
import type { RunEvent } from '../run/event.js';

/** The version of the format; also in what is hashed, so that no hash of another format or purpose can be passed off as one. */
export const RECORD_VERSION = 1;
const DOMAIN = 'sluice-record-v1\n';

/** What the chain needs to know of a line. */
export interface ChainedLine {
  readonly seq: number;
  /** The hash of the line before; null on the first line that a host wrote without having the earlier ones. */
  readonly prev: string | null;
}

/** The line of an event, without its line feed. */
export function recordLine(event: RunEvent, prev: string | null): string {
  return canonical(wellFormed({ v: RECORD_VERSION, ...event, prev }));
}

/** The canonical text of an event without its chain. */
export function eventText(event: RunEvent): string {
  return canonical(wellFormed(event));
}

/** SHA-256, in hex, of a line's exact text. */
export function hashLine(line: string): string {
  return bytesToHex(sha256(utf8ToBytes(DOMAIN + line)));
}

/** What the first line of a record names as the line before it: it binds the chain to the plan and to who wrote it. */
export function firstPrev(plan: string, keyId: string): string {
  return hashLine(canonical({ key: keyId, plan }));
}

/** The chained line of this text; null when it is not one, in exactly the canonical form. */
export function parseRecordLine(text: string): ChainedLine | null {
  const value = parsed(text);
  if (!isObject(value) || value.v !== RECORD_VERSION) return null;
  const { seq, prev } = value;
  if (typeof seq !== 'number' || (typeof prev !== 'string' && prev !== null)) return null;
  try {
    return canonicalize(value) === text ? { seq, prev } : null;
  } catch {
    // A text that RFC 8785 cannot write (a lone surrogate) was not written by it.
    return null;
  }
}

/** The event of a line, without what belongs to the chain; null when the line holds none. */
export function eventOfLine(text: string): RunEvent | null {
  const value = parsed(text);
  if (!isObject(value)) return null;
  const { v: _, prev: __, ...event } = value;
  return isEvent(event) ? event : null;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A full disk or a lost host cut the line off, or somebody changed it: the caller says which.
    return null;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isEvent(value: object): value is RunEvent {
  return 'seq' in value && 'type' in value && 'at' in value;
}

function canonical(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('A record line is an object.');
  return text;
}

/**
 * Half a surrogate pair, left where a command's output was cut, is no Unicode text: RFC 8785 refuses it, and the record
 * must not fail for it. It becomes the replacement character.
 */
function wellFormed(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(/\p{Surrogate}/gu, '\u{FFFD}');
  if (Array.isArray(value)) return value.map(wellFormed);
  if (!isObject(value)) return value;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(members.map(([key, member]) => [wellFormed(key), wellFormed(member)]));
}
