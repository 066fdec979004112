/** What the activities need of the world, handed in once at the door. */
import type { Logger } from 'pino';
import type { Host } from './contract.js';

export interface Dependencies {
  /** The folder of sluice's own files (SLUICE_HOME). */
  readonly home: string;
  /** The task queue that reaches just this host. */
  readonly hostQueue: Host;
  /** What references such as `${env:NAME}` are resolved from, and the source of the allow-list of commands. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly logger: Logger;
  readonly limits?: Partial<Limits>;
}

/** All in milliseconds. */
export interface Limits {
  /** From TERM to KILL when a command is ended. */
  readonly killGraceMs: number;
  /** How long what a lost command left behind is waited for before somebody is asked. */
  readonly remainsMs: number;
  /** How long a database may be out of reach before its SQL is given up. */
  readonly unreachableMs: number;
  /** How long one statement may wait for a lock before it steps back and lets the traffic through. */
  readonly lockTimeoutMs: number;
}

export const DEFAULT_LIMITS: Limits = {
  killGraceMs: 5_000,
  remainsMs: 60_000,
  unreachableMs: 30_000,
  lockTimeoutMs: 2_000,
};

export function limitsOf(dependencies: Dependencies): Limits {
  return { ...DEFAULT_LIMITS, ...dependencies.limits };
}
