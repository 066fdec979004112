/** What the ways to a server binary share. */
import type { Log } from './log.js';

export interface Lookup {
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Log;
}

/** What became of one way to a binary: its path, or one line about why not. */
export type Found = { readonly path: string } | { readonly why: string };
