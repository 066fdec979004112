/** Where a setting is kept, other than in a file: each kind of place is read and written by a module of its own. */
import type { RunContext } from '../../contract.js';
import type { Dependencies } from '../../dependencies.js';

export interface Reading {
  /** As the place writes it; null when the setting is not set there. */
  readonly set: string | null;
  /** What counts: the value that is set, else the one that applies without it; null when there is none. */
  readonly inForce: string | null;
}

/** All of its functions throw `Refusal` for what only a person can remedy, and `Unreachable` for what may pass. */
export interface SettingStore {
  read(): Promise<Reading>;
  /** Whether two texts mean the same value there, such as "64MB" and "65536kB". */
  same(one: string, other: string): boolean;
  /** Sets the value, or with null takes it away, and checks that it is in force where that can be told. */
  write(value: string | null): Promise<void>;
  close(): Promise<void>;
}

/** Nobody answers there for now. What was asked for may or may not have happened. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';
}

export interface StoreContext {
  readonly run: RunContext;
  readonly dependencies: Dependencies;
  /** Every form of every secret, to be taken out of what is told. */
  readonly forms: readonly string[];
}
