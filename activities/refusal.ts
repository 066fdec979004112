/** What cannot be run or read, as a result for people. */

/** Why something cannot be run or read, and what to do about it. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}

/** The short code of a system error, such as ENOSPC. */
export function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return error instanceof Error ? error.message : String(error);
}
