/** What would stop a plan in its databases. */
export interface DatabaseProblem {
  readonly severity: 'error' | 'warning';
  /** The id of a data migration, or the name of a connection. */
  readonly subject: string;
  /** What it is and what to do. */
  readonly message: string;
}
