/** Who is told what, through which channels, and when. */
import type { MetricUnit } from '../sentence/unit.js';

/**
 * What people are told about: the start, progress, a decision, one that is overdue, trouble, a status report, an incident
 * that was passed on, a rollback that has landed, the end.
 */
export type NoticeKind =
  | 'started'
  | 'progress'
  | 'decision'
  | 'overdue'
  | 'issue'
  | 'report'
  | 'incident'
  | 'recovery'
  | 'ended';

/** `summary`: a few sentences for management. `update`: what an engineer needs. */
export type NoticeForm = 'summary' | 'update';

export interface NoticeRoute {
  readonly on: NoticeKind;
  /** Names of bound channels. */
  readonly channels: readonly string[];
  readonly form: NoticeForm;
  /** The strategy's own words, in front of the facts; null without any. They may hold placeholders such as `{phase}`. */
  readonly words: string | null;
  /** Only the alerts of these conditions; null for all. */
  readonly alerts: readonly string[] | null;
  /** Only the failures of these validation gates; absent for a route that is not about them. */
  readonly gates?: readonly string[];
  /** Only the decisions that ask this role. */
  readonly role?: string;
  /** Only this report. */
  readonly report?: string;
  /** Only what this person or role is asked. */
  readonly to?: string;
  /** Only what happens to these phases or gates. */
  readonly about?: readonly string[];
  /** When such a phase begins, instead of when it is completed. */
  readonly moment?: 'begins';
  /** The id of the follow-up at whose time a completion is told, instead of at once. Any other end is told at once. */
  readonly later?: string;
}

/** A report of how far a run is, again and again. */
export interface PlannedReport {
  readonly id: string;
  /** Milliseconds between two; null: one after each phase. */
  readonly everyMs: number | null;
  readonly figures: readonly ReportedFigure[];
}

/** What a report says: a bound metric, or something of the run's own state. */
export type ReportedFigure = { readonly text: string } & (
  | { readonly metric: string; readonly unit: MetricUnit | null }
  | { readonly state: string }
);

/** Who is asked about an incident, one after the other, when the one before has not answered in time. */
export interface EscalationPath {
  readonly names: readonly string[];
  readonly responseMs: number;
}
