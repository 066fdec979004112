/** Which database a connection leads to, so that a run notices when it becomes another one. */

export interface DatabaseIdentity {
  /** Postgres's system identifier; where the user may not read it, the address and port of the server. */
  readonly system: string;
  /** A database that is dropped and created again has another one. */
  readonly oid: string;
  /** For people: a database may be renamed. */
  readonly name: string;
}

/** By the name of the connection. */
export type Pins = Readonly<Record<string, DatabaseIdentity>>;

export function isSameDatabase(one: DatabaseIdentity, other: DatabaseIdentity): boolean {
  return one.system === other.system && one.oid === other.oid;
}

/** "shop" (oid 16384, system 7431...). */
export function describeDatabase({ name, oid, system }: DatabaseIdentity): string {
  return `"${name}" (oid ${oid}, ${system})`;
}
