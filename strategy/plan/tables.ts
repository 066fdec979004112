/** Tables, and the new values of their columns. */
export interface TableName {
  readonly schema: string;
  readonly table: string;
}

export interface ColumnRule {
  readonly column: string;
  /** An SQL expression. */
  readonly value: string;
}
