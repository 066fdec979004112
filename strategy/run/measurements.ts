/**
 * What an event adds to the metrics of the worker that carries its run out. Pure. Labels come from closed sets: no run,
 * step or person is a label, since each new value is a time series that a monitoring system keeps for ever.
 */
import { endsWatching } from './afterwards.js';
import type { RunEvent } from './event.js';
import type { MigrationView, StepStatus } from './view.js';

export type CounterName = keyof typeof COUNTERS;

/** Every counter, with what it counts. */
export const COUNTERS = {
  sluice_steps: 'Steps that came to an end, by status.',
  sluice_actions: 'Actions and undo actions that were carried out, by purpose and outcome.',
  sluice_verdicts: 'Requirements that were evaluated, by verdict.',
  sluice_rollbacks: 'Rollbacks that began, by level.',
  sluice_undo_failures: 'Undos that failed.',
  sluice_alerts: 'Watched conditions that fired.',
  sluice_decisions: 'Decisions that were asked, by kind.',
  sluice_refused_messages: 'Votes and commands that were refused and recorded.',
  sluice_failed_notices: 'Notices that a channel did not take.',
  sluice_failed_archives: 'Times that a record could not be kept in its archive.',
  sluice_runs_ended: 'Runs that ended, by status.',
} as const;

/** Seconds from a step's start to its end, soak included, by status. */
export const STEP_SECONDS = 'sluice_step_duration';

export interface Measurement {
  readonly name: CounterName | typeof STEP_SECONDS;
  readonly value: number;
  readonly labels: Readonly<Record<string, string>>;
}

const AT_ITS_END: ReadonlySet<StepStatus> = new Set([
  'completed',
  'skipped',
  'failed',
  'rolled_back',
  'rollback_failed',
]);

/** @param view the state after the event */
export function measurementsOf(event: RunEvent, view: MigrationView): readonly Measurement[] {
  switch (event.type) {
    case 'step-status': {
      const { status } = event;
      if (!AT_ITS_END.has(status)) return [];
      return [count('sluice_steps', { status }), ...durationOf(event, view)];
    }
    case 'action-finished':
      return [count('sluice_actions', { purpose: event.purpose, outcome: event.outcome })];
    case 'requirements-evaluated':
      return event.results.flatMap(({ verdict }) =>
        verdict === null ? [] : [count('sluice_verdicts', { verdict })],
      );
    case 'rollback-started':
      return [count('sluice_rollbacks', { level: event.level })];
    case 'undo-failed':
      return [count('sluice_undo_failures')];
    case 'alert':
      return [count('sluice_alerts')];
    case 'decision-opened':
      return [count('sluice_decisions', { kind: event.decision.kind })];
    case 'message-refused':
      return [count('sluice_refused_messages')];
    case 'notice-failed':
      return [count('sluice_failed_notices')];
    case 'archive-failed':
      return [count('sluice_failed_archives')];
    case 'migration-completed':
      return [count('sluice_runs_ended', { status: 'completed' })];
    case 'run-ended':
      return endsWatching(event, view) ? [] : [count('sluice_runs_ended', { status: event.status })];
    default:
      return [];
  }
}

function count(name: CounterName, labels: Readonly<Record<string, string>> = {}): Measurement {
  return { name, value: 1, labels };
}

/** Of a step whose own start is known. */
function durationOf(
  event: Extract<RunEvent, { type: 'step-status' }>,
  { phases }: MigrationView,
): readonly Measurement[] {
  if (event.status !== 'completed' && event.status !== 'failed') return [];
  const started = phases
    .find(({ id }) => id === event.phase)
    ?.steps.find(({ id }) => id === event.step)?.startedAt;
  if (started === undefined || started === null) return [];
  const seconds = (Date.parse(event.at) - Date.parse(started)) / 1000;
  return [{ name: STEP_SECONDS, value: seconds, labels: { status: event.status } }];
}
