export interface Snapshot {
  readonly schema: readonly string[];
  readonly data: string;
  readonly processes: readonly string[];
  readonly traffic: string;
  readonly config: string;
  readonly flags: readonly string[];
}
/** What of the shop a migration may change. */
export function snapshot(home: string): Promise<Snapshot>;
