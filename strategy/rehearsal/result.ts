/**
 * What a trial showed. In order of weight:
 *
 *   failed     the point was not reached, or straight through did not complete: nothing is proven
 *   stuck      the rollback did not come to its end: an undo kept failing, or nothing moved any more
 *   differs    the rollback ended, and the fingerprint is not what it was
 *   asked      it ended, and a person had to do or know something on the way
 *   restored   it ended by machine alone, and the fingerprint is what it was
 *   completed  straight through
 */
import type { Decision } from '../run/decision.js';
import type { RunEvent } from '../run/event.js';
import { ENDED, type MigrationView } from '../run/view.js';
import { type Point, pointId } from './points.js';

export type TrialStatus = 'completed' | 'restored' | 'asked' | 'differs' | 'stuck' | 'failed';

export interface PointResult {
  readonly id: string;
  readonly point: Point;
  /** For people. */
  readonly description: string;
  readonly status: TrialStatus;
  readonly reason: string;
  /** Lines that are gone (`- `) and new (`+ `) since before the run. */
  readonly difference: readonly string[];
  /** What people were asked on the way back. */
  readonly asked: readonly string[];
  /** How long each undo took, in the order in which they ran. */
  readonly undos: readonly StepDuration[];
  /** ISO 8601. */
  readonly at: string;
  readonly durationMs: number;
  /** The folder with the evidence, relative to that of the rehearsal. */
  readonly evidence: string;
  /** Straight through only: milliseconds by `STEP.INDEX`, for faults half-way. */
  readonly actions: Readonly<Record<string, number>>;
}

export interface StepDuration {
  readonly step: string;
  readonly ms: number;
}

/** What was seen of one trial. */
export interface Observation {
  readonly point: Point;
  readonly view: MigrationView;
  readonly events: readonly RunEvent[];
  readonly difference: readonly string[];
  /** True when the fault happened, the gate was rejected, or the command was given. */
  readonly struck: boolean;
}

/** The beginning of every failure that a rehearsal makes. */
export const INJECTED = 'Rehearsal: ';

/** A trial of which every promise holds that a machine can check. */
export function isGood({ status }: Pick<PointResult, 'status'>): boolean {
  return status === 'completed' || status === 'restored' || status === 'asked';
}

export function judge(seen: Observation): Pick<PointResult, 'status' | 'reason' | 'asked'> {
  const { point, view, difference, struck } = seen;
  const asked = askedOnTheWayBack(seen.events);
  if (point.kind === 'straight') {
    return view.status === 'completed'
      ? { status: 'completed', reason: 'The plan completes.', asked }
      : { status: 'failed', reason: `The run ended ${view.status}: ${view.reason}`, asked };
  }
  if (!struck) {
    return { status: 'failed', reason: `The run did not get to this point: ${view.reason}`, asked };
  }
  const left = leftStanding(seen.events);
  if (!ENDED.includes(view.status) || view.status !== 'rolled_back' || left.length > 0) {
    const why = left[0] ?? `The run is ${view.status}: ${view.reason}`;
    return { status: 'stuck', reason: why, asked };
  }
  if (asked.length > 0) {
    const differs = difference.length > 0 ? ', and nobody did it here, so the state differs' : '';
    return { status: 'asked', reason: `A person is asked: ${asked[0] ?? ''}${differs}`, asked };
  }
  if (difference.length > 0) {
    return { status: 'differs', reason: `The state differs in ${plural(difference.length, 'line')}.`, asked };
  }
  return { status: 'restored', reason: 'Everything is as before.', asked };
}

/** Milliseconds that the undo of each step took, newest step first, as it ran. */
export function undoDurations(events: readonly RunEvent[]): readonly StepDuration[] {
  const byStep = new Map<string, number>();
  for (const event of events) {
    if (event.type !== 'action-finished' || event.purpose !== 'undo') continue;
    byStep.set(event.step, (byStep.get(event.step) ?? 0) + event.durationMs);
  }
  return [...byStep].map(([step, ms]) => ({ step, ms }));
}

/** Milliseconds that each action took, by `STEP.INDEX`. */
export function actionDurations(events: readonly RunEvent[]): Readonly<Record<string, number>> {
  const done = events.flatMap((event) =>
    event.type === 'action-finished' && event.purpose === 'apply' && event.outcome === 'done'
      ? [[actionName(event.step, event.index), event.durationMs] as const]
      : [],
  );
  return Object.fromEntries(done);
}

export function actionName(step: string, index: number): string {
  return `${step}.${index + 1}`;
}

/** Why undos were given up: the rollback then goes on without them. */
function leftStanding(events: readonly RunEvent[]): readonly string[] {
  return events.flatMap((event) =>
    event.type === 'undo-failed' && event.reason.startsWith('Left as is')
      ? [causeBefore(events, event.seq, event.step)]
      : [],
  );
}

function causeBefore(events: readonly RunEvent[], seq: number, step: string): string {
  const cause = events.findLast(
    (event) => event.type === 'undo-failed' && event.step === step && event.seq < seq,
  );
  return cause?.type === 'undo-failed' ? `${step}: ${cause.reason}` : `${step} could not be undone.`;
}

function askedOnTheWayBack(events: readonly RunEvent[]): readonly string[] {
  const began = events.findIndex(({ type }) => type === 'rollback-started');
  if (began === -1) return [];
  return events.slice(began).flatMap((event) => {
    if (event.type !== 'decision-opened') return [];
    return isHandWork(event.decision) ? [event.decision.question] : [];
  });
}

/** What the rollback could not do by itself, other than what the rehearsal made fail. */
function isHandWork({ kind, subject, question }: Decision): boolean {
  switch (kind) {
    case 'manual':
    case 'confirm':
      return subject.startsWith('undo-') || subject.startsWith('rollback-');
    case 'undo-failure':
      return !question.includes(INJECTED);
    case 'unknown-outcome':
      return true;
    case 'approval':
    case 'rollback-approval':
    case 'prerequisite':
    case 'inconclusive':
    case 'failure':
    case 'after-rollback':
    case 'window':
    case 'amendment':
    case 'review':
      return false;
    default:
      return kind satisfies never;
  }
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

export type RollbackTest = {
  readonly rollback_scenario: string;
  readonly tested: true;
  readonly test_date: string;
  readonly test_result: 'passed' | 'failed' | 'partial';
  readonly evidence: string;
  /** That the strategy names for the rollback point. */
  readonly test_dataset_id?: string;
};

/** The entries for `rollback_strategy.rollback_testing` of the strategy. */
export function rollbackTesting(results: readonly PointResult[]): readonly RollbackTest[] {
  return results
    .filter(({ point }) => point.kind !== 'straight')
    .map(({ id, point, description, status, reason, at, evidence }) => ({
      rollback_scenario: `${id}: ${description}`,
      tested: true,
      test_date: at,
      test_result: testResult(status),
      evidence: `${reason} See ${evidence}.`,
      ...(point.kind === 'rollback-point' && point.test !== null && { test_dataset_id: point.test }),
    }));
}

function testResult(status: TrialStatus): RollbackTest['test_result'] {
  switch (status) {
    case 'completed':
    case 'restored':
      return 'passed';
    case 'asked':
      return 'partial';
    case 'differs':
    case 'stuck':
    case 'failed':
      return 'failed';
    default:
      return status satisfies never;
  }
}

/** The points that a results file names. */
export function byId(results: readonly PointResult[]): ReadonlyMap<string, PointResult> {
  return new Map(results.map((result) => [pointId(result.point), result]));
}
