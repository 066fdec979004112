/** An order as far as it is known, by its columns. */
export type Row = Readonly<Record<string, string | number | null>>;

/** One acknowledged write. */
export interface Write {
  readonly ref: string;
  /** What it made of the order; null when the order is gone. */
  readonly becomes: Row | null;
}

export interface Differences {
  readonly missing: readonly string[];
  readonly unexpected: readonly string[];
  readonly different: readonly string[];
}

/** By its reference, every order that must be there. */
export function expectedRows(seeds: readonly Row[], ledger: readonly Write[]): Map<string, Row>;
export function compare(expected: Map<string, Row>, rows: readonly Row[]): Differences;
export function isComplete(differences: Differences): boolean;
