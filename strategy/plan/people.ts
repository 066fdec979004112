/** What a plan holds of people beside roles: who stands in for whom, and who is asked when nobody answers. */

/** One person stands in for another. */
export interface Delegation {
  /** Whose votes are given: an identity that holds roles itself. */
  readonly from: string;
  /** Who gives them. */
  readonly to: string;
  /** An instant in UTC, as `Date` writes it; null: from the start of the run on. */
  readonly since: string | null;
  /** The first instant at which it no longer counts. */
  readonly until: string;
  /** The roles it covers; null: all that `from` holds. */
  readonly roles: readonly string[] | null;
}

/** What happens while a role does not answer. Nothing of it ever answers. */
export interface Escalation {
  /** Milliseconds between two reminders; null: none. */
  readonly remindMs: number | null;
  /** Milliseconds that the role has to answer; null: as long as it takes. */
  readonly afterMs: number | null;
  /** The role that is asked besides, once that time is up; null: nobody. */
  readonly to: string | null;
}

/** By role. */
export type Escalations = Readonly<Record<string, Escalation>>;
