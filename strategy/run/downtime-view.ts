/** Downtime, as the view has it. */
export interface DowntimeView {
  /** Milliseconds that the strategy allows for the whole run; null without a limit. */
  readonly limitMs: number | null;
  /** Milliseconds of downtime that is over. */
  readonly spentMs: number;
  /** The downtime under way; null while the service is up. */
  readonly open: OpenDowntime | null;
  /** When the limit was passed (ISO 8601), or null. */
  readonly exceededAt: string | null;
  /** It was said that the limit is near. */
  readonly warned: boolean;
}

export interface OpenDowntime {
  readonly step: string;
  /** ISO 8601. */
  readonly since: string;
  /** Milliseconds that the strategy plans for it; null where it does not say. */
  readonly plannedMs: number | null;
  /** It was said that it lasts longer. */
  readonly warned: boolean;
  /** The health check that sees it, and ends it when it recovers; absent where a step ends it. */
  readonly seenBy?: string;
}
