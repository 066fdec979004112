/** The candidate that was probably meant, or null when none is close. */
export function suggest(_found: string, _candidates: readonly string[]): string | null {
  return null;
}
