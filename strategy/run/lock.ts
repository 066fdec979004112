/**
 * Locks: two runs that affect the same system do not overlap. Each system has one lock, a workflow that keeps the claims
 * in the order in which they came: the first one holds the lock, the others wait. Pure.
 */

/** The Temporal workflow type of a lock. */
export const LOCK_WORKFLOW = 'lock';

/** Signals of a lock. */
export const LOCK_SIGNALS = { claim: 'claim', release: 'release' } as const;

/** The signal by which a lock tells a run where its claim stands. */
export const LOCK_TOLD = 'lock-told';

/** A run that wants a lock, or holds it. */
export interface Claim {
  readonly run: string;
  /** The first Temporal run id of the run: its id may be used again once its history is gone. */
  readonly execution: string;
}

/** The argument of a lock: its name, and the claims that an earlier Temporal run of it hands over. */
export interface LockInput {
  readonly name: string;
  readonly claims: readonly Claim[];
}

/** Where a claim stands. */
export interface LockWait {
  readonly lock: string;
  /** The run that holds it. */
  readonly holder: string;
  /** How many claims are in front of this one, the holder's included; null when they are more than `TOLD`. */
  readonly ahead: number | null;
}

/** What a lock tells a run: that it holds the lock, or where it waits. */
export interface LockTold {
  readonly lock: string;
  readonly execution: string;
  /** Null when the run holds the lock. */
  readonly wait: LockWait | null;
}

/** So many claims hear of every change in front of them. To tell all would take half a million messages for a thousand runs. */
export const TOLD = 20;

/** The id of the workflow. Two installations on one engine, which have task queues of their own, share no locks. */
export function lockId(taskQueue: string, name: string): string {
  return `lock/${taskQueue}/${name}`;
}

/** The claims after one more; a repeated claim keeps its place. */
export function withClaim(claims: readonly Claim[], claim: Claim): readonly Claim[] {
  return claims.some((known) => isSame(known, claim)) ? claims : [...claims, claim];
}

/** The claims without one. */
export function withoutClaim(claims: readonly Claim[], claim: Claim): readonly Claim[] {
  return claims.filter((known) => !isSame(known, claim));
}

/** Where the claim at this place stands; null when it holds the lock. */
export function waitAt(lock: string, claims: readonly Claim[], place: number): LockWait | null {
  const holder = claims[0];
  if (place === 0 || holder === undefined) return null;
  return { lock, holder: holder.run, ahead: place <= TOLD ? place : null };
}

/** The text of one line, for the status of a run and its events. */
export function describeWait({ lock, holder, ahead }: LockWait): string {
  if (ahead === null) return `Waits for the lock "${lock}": more than ${TOLD} runs are ahead.`;
  const others = ahead === 1 ? '' : ` (${ahead} runs are ahead)`;
  return `Waits for the run ${holder}, which holds the lock "${lock}"${others}. It continues when that run ends.`;
}

export function isSame(one: Claim, other: Claim): boolean {
  return one.run === other.run && one.execution === other.execution;
}
