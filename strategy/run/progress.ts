/**
 * How far a long activity has got. It travels by heartbeat and never through the workflow: a soak of three weeks costs
 * the history no more than one of a minute. The client reads it from the engine and adds it to the view.
 */
import type { Verdict } from './requirement.js';

/** How much of an activity is done. */
export interface Progress {
  /** In `unit`. */
  readonly done: number;
  /** In `unit`; null when the end is not known. */
  readonly total: number | null;
  /** What is counted, in the plural: "rows", "seconds". */
  readonly unit: string;
  /** Of `unit`; null when unknown. */
  readonly ratePerSecond: number | null;
  /** When the activity began, across every worker that carried it (ISO 8601). */
  readonly since: string;
  /** When it ends if all goes well (ISO 8601); null when unknown. A blind stretch of a soak moves it. */
  readonly endsAt: string | null;
  /** The same for people, in one line. */
  readonly sentence: string;
}

/** One sample of something watched. */
export interface SamplePoint {
  /** The sentence of the condition, or the name of a metric that is only shown. */
  readonly text: string;
  /** In the metric's own unit; null for what has no number, and when there was no data. */
  readonly value: number | null;
  /** What it was compared with, in the same unit; absent where there is no such number. */
  readonly limit?: number;
  /** `pass`: quiet. `fail`: the condition held. Null for a metric that is only shown. */
  readonly verdict: Verdict | null;
  /** ISO 8601. */
  readonly at: string;
}

/** What an activity says in its heartbeats. */
export interface HeartbeatReport {
  /** The step it works for. */
  readonly step: string;
  readonly progress: Progress | null;
  /** Oldest first, a bounded number. */
  readonly samples: readonly SamplePoint[];
}

/** A progress in the view. */
export interface StepProgress extends Progress {
  readonly step: string;
}

/** A sample in the view. */
export interface StepSample extends SamplePoint {
  readonly step: string;
}

/** Reads heartbeat details, which may come from another version; null when they report nothing. */
export function readHeartbeat(details: unknown): HeartbeatReport | null {
  if (!isRecord(details) || typeof details.step !== 'string') return null;
  const samples = Array.isArray(details.samples) ? details.samples.filter(isSample) : [];
  const progress = isProgress(details.progress) ? details.progress : null;
  return progress === null && samples.length === 0 ? null : { step: details.step, progress, samples };
}

function isProgress(value: unknown): value is Progress {
  return (
    isRecord(value) &&
    typeof value.done === 'number' &&
    isNumberOrNull(value.total) &&
    typeof value.unit === 'string' &&
    isNumberOrNull(value.ratePerSecond) &&
    typeof value.since === 'string' &&
    (value.endsAt === null || typeof value.endsAt === 'string') &&
    typeof value.sentence === 'string'
  );
}

const VERDICTS: readonly unknown[] = ['pass', 'fail', 'inconclusive', null];

function isSample(value: unknown): value is SamplePoint {
  return (
    isRecord(value) &&
    typeof value.text === 'string' &&
    isNumberOrNull(value.value) &&
    (value.limit === undefined || typeof value.limit === 'number') &&
    VERDICTS.includes(value.verdict) &&
    typeof value.at === 'string'
  );
}

function isNumberOrNull(value: unknown): value is number | null {
  return value === null || typeof value === 'number';
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
