/**
 * A hash over the events of a run, computed by the run itself: what a notice carries before anything is written. The head of
 * the written record cannot serve for that, since it depends on the key of the host that will write it. Whoever holds the
 * record computes both.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { RunEvent } from '../run/event.js';
import { eventText } from './line.js';

const DOMAIN = 'sluice-events-v1\n';

/** The hash before the first event. */
export const NO_EVENTS = hash('');

/** The hash with one more event (SHA-256, in hex). */
export function withEvent(before: string, event: RunEvent): string {
  return hash(`${before}\n${eventText(event)}`);
}

function hash(text: string): string {
  return bytesToHex(sha256(utf8ToBytes(DOMAIN + text)));
}
