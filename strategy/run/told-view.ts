/** What people were told, as the view has it. */

export interface IncidentView {
  /** The id of the decision, or the text of the alert. */
  readonly key: string;
  /** The open decision that it is about; null for an alert that the run goes on with. */
  readonly decision: string | null;
  readonly text: string;
  readonly openedAt: string;
  /** Whom it was passed to; null when everybody on the path was asked in vain. */
  readonly asked: string | null;
  readonly since: string;
  /** ISO 8601: when it is passed on; null when there is nobody left. */
  readonly until: string | null;
  /** Who was asked before and did not answer in time. */
  readonly passedOver: readonly string[];
  /** Who acted on it first; null while nobody has. */
  readonly answeredBy: string | null;
}

/** The latest of the reports of one kind. */
export interface ReportView {
  readonly id: string;
  readonly number: number;
  readonly at: string;
  readonly figures: readonly Figure[];
  /** ISO 8601: when the next one is due; null when it waits for something else than time. */
  readonly next: string | null;
}

export interface Figure {
  readonly text: string;
  readonly value: string;
}

/** A channel that did not take notices. */
export interface DeafChannel {
  readonly channel: string;
  readonly failures: number;
  /** Why it did not take the latest of them. */
  readonly why: string;
  readonly at: string;
}
