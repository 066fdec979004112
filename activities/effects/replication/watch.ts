/** What is looked at while one side is waited for. */

export interface Watch {
  /** How far the initial copy is. Throws `Stopped`. */
  copied(tables: number): Promise<Copied>;
  /** @param progress anything that changes whenever it comes on. Throws what keeps it from coming on: `Stopped`, or a lost connection. */
  look(progress: string): Promise<void>;
}

export interface Copied {
  /** Tables. */
  readonly ready: number;
  /** So far, as the server counts them. */
  readonly rows: number;
}
