/** Requests that the engine would refuse, caught before they are made: a refused one fails the workflow task for ever. */

/** Ten years. The engine counts in 64-bit nanoseconds, and does not take NaN at all. */
const LONGEST_MS = 10 * 365 * 24 * 60 * 60_000;

/** Milliseconds that a timer or timeout takes, at least 1. What is no number never ends early. */
export function bounded(ms: number): number {
  return Number.isNaN(ms) ? LONGEST_MS : Math.min(Math.max(1, Math.round(ms)), LONGEST_MS);
}

/** Bytes of one payload, a little under the engine's 2 MiB. */
const PAYLOAD_LIMIT = 1_900_000;

/** Why the engine would refuse this as the argument of an activity; null when it fits. */
export function tooLarge(job: object): string | null {
  const { length } = JSON.stringify(job);
  // Encoding takes longer than counting, and a character takes three bytes at most.
  if (length * 3 <= PAYLOAD_LIMIT) return null;
  const bytes = new TextEncoder().encode(JSON.stringify(job)).length;
  if (bytes <= PAYLOAD_LIMIT) return null;
  return `It takes ${bytes} bytes with its bindings, and the limit is ${PAYLOAD_LIMIT}. Move its text to a script file.`;
}
