/**
 * RunEvent -> applyEvent(view, event) -> MigrationView: the one place where the state of a run is computed.
 * Pure and total: an event about something the view does not hold leaves it as it is.
 */

import type { PlanHead } from './encoded-plan.js';
import type { RunEvent, Subject } from './event.js';
import { afterLanding, renewed, settled, undoAgain } from './landing.js';
import { newGate, newStep } from './pending.js';
import { inAnyStep, inGate, inPhase, inStep } from './places.js';
import { statusAfter } from './status.js';
import type { MigrationView, OnFailure, RequirementView } from './view.js';

/** What a view needs that is not in the plan. */
export interface Beginning {
  readonly run: string;
  readonly by: string;
  readonly compress: number;
  readonly onFailure: OnFailure;
  /** ISO 8601. */
  readonly startedAt: string;
}

/** The view of a run to which nothing has happened yet. */
export function initialView(plan: PlanHead, beginning: Beginning): MigrationView {
  return {
    ...beginning,
    status: 'running',
    reason: 'The run has just begun.',
    strategy: { ...plan.strategy, hash: plan.hash },
    endedAt: null,
    landing: null,
    prerequisites: plan.prerequisites.map(({ id, name }) => ({
      id,
      name,
      status: 'pending',
      reason: '',
      requirements: [],
    })),
    phases: plan.phases.map((phase) => ({
      id: phase.id,
      name: phase.name,
      status: 'pending',
      reason: '',
      requirements: [],
      steps: phase.steps.map(({ id, name, type }) => newStep(id, name, type)),
      gate: phase.gate === null ? null : newGate(phase.gate.id, phase.gate.name),
    })),
    completion: { status: 'pending', reason: '', requirements: [], votes: [] },
    rollback: null,
    pausedBy: null,
    host: null,
    applied: [],
    decisions: [],
    events: 0,
    progress: [],
    samples: [],
  };
}

/** The view after one more event. */
export function applyEvent(view: MigrationView, event: RunEvent): MigrationView {
  const next = change(view, event);
  return { ...next, ...statusAfter(next, event), events: event.seq + 1 };
}

function change(view: MigrationView, event: RunEvent): MigrationView {
  switch (event.type) {
    case 'run-started':
    case 'continued':
    case 'message-refused':
    case 'decision-overdue':
    case 'command-accepted':
      return view;
    case 'run-status':
      return { ...view, status: event.status, reason: event.reason };
    case 'prerequisite-status':
      return {
        ...view,
        prerequisites: view.prerequisites.map((prerequisite) =>
          prerequisite.id === event.id
            ? { ...prerequisite, status: event.status, reason: event.reason }
            : prerequisite,
        ),
      };
    case 'phase-status':
      return inPhase(view, event.phase, (phase) => ({
        ...phase,
        status: event.status,
        reason: event.reason,
      }));
    case 'step-status':
      return inStep(view, event.phase, event.step, (step) => ({
        ...step,
        status: event.status,
        reason: event.reason,
        endedAt: ENDED_STEP.has(event.status) ? event.at : step.endedAt,
      }));
    case 'step-started':
      return inStep(view, event.phase, event.step, (step) => ({
        ...step,
        status: 'waiting',
        reason: 'Its preconditions are being looked at.',
        attempts: event.attempt,
        startedAt: step.startedAt ?? event.at,
        endedAt: null,
        requirements: [],
      }));
    case 'baselines-measured':
      return inStep(view, event.phase, event.step, (step) => ({ ...step, baselines: event.values }));
    case 'undo-registered':
      return view.applied.includes(event.step) ? view : { ...view, applied: [...view.applied, event.step] };
    case 'action-finished':
      return event.phase === null
        ? view
        : inStep(view, event.phase, event.step, (step) => ({
            ...step,
            output: event.output === '' ? step.output : event.output,
            actionsDone:
              event.purpose === 'apply' && event.outcome === 'done'
                ? Math.max(step.actionsDone, event.index + 1)
                : step.actionsDone,
          }));
    case 'requirements-evaluated':
      return inSubject(view, event.subject, (known) => merge(known, event.results));
    case 'gate-status':
      return inGate(view, event.phase, event.gate, (gate) => ({
        ...gate,
        status: event.status,
        reason: event.reason,
        ...(event.status === 'evaluating' ? { requirements: [], votes: [] } : {}),
      }));
    case 'completion-status':
      return {
        ...view,
        completion: {
          ...view.completion,
          status: event.status,
          reason: event.reason,
          ...(event.status === 'evaluating' ? { requirements: [], votes: [] } : {}),
        },
      };
    case 'alert':
      return inAnyStep(view, event.step, (step) => ({
        ...step,
        reason: `Alert: ${event.text} (${event.evidence}).`,
      }));
    case 'decision-opened':
      return { ...view, decisions: [...view.decisions, event.decision] };
    case 'vote-cast':
      return voteCast(view, event);
    case 'decision-closed':
      return { ...view, decisions: view.decisions.filter((decision) => decision.id !== event.decision) };
    case 'paused':
      return { ...view, pausedBy: event.by };
    case 'resumed':
      return { ...view, pausedBy: null };
    case 'host-chosen':
      return { ...view, host: event.host };
    case 'rollback-started': {
      const { number, level, landing, cause, by } = event;
      return { ...undoAgain(view), rollback: { number, level, landing, cause, by } };
    }
    case 'undo-failed':
      return inStep(view, event.phase, event.step, (step) => ({
        ...step,
        status: 'rollback_failed',
        reason: event.reason,
      }));
    case 'step-undone': {
      const undone = inStep(view, event.phase, event.step, (step) => ({
        ...step,
        status: 'rolled_back',
        reason: event.reason,
        undone: step.undone + 1,
        actionsDone: 0,
        baselines: {},
        endedAt: event.at,
      }));
      return { ...undone, applied: undone.applied.filter((id) => id !== event.step) };
    }
    case 'rollback-finished':
      return { ...afterLanding(view, event.landing, settled), landing: event.landing, rollback: null };
    case 'returned':
      return afterLanding(view, event.landing, renewed);
    case 'run-ended':
      return {
        ...view,
        status: event.status,
        reason: event.reason,
        landing: event.landing ?? view.landing,
        endedAt: event.at,
        rollback: null,
      };
    default:
      return unreachable(event, view);
  }
}

const ENDED_STEP: ReadonlySet<string> = new Set([
  'completed',
  'skipped',
  'failed',
  'rolled_back',
  'rollback_failed',
]);

function voteCast(view: MigrationView, event: Extract<RunEvent, { type: 'vote-cast' }>): MigrationView {
  const decision = view.decisions.find((open) => open.id === event.decision);
  if (decision === undefined) return view;
  const voted = {
    ...view,
    decisions: view.decisions.map((open) =>
      open.id === event.decision ? { ...open, votes: [...open.votes, event.vote] } : open,
    ),
  };
  if (decision.kind !== 'approval') return voted;
  if (decision.subject === 'completion') {
    return { ...voted, completion: { ...voted.completion, votes: [...voted.completion.votes, event.vote] } };
  }
  return {
    ...voted,
    phases: voted.phases.map((phase) =>
      phase.gate?.id === decision.subject
        ? { ...phase, gate: { ...phase.gate, votes: [...phase.gate.votes, event.vote] } }
        : phase,
    ),
  };
}

/** Later results replace earlier ones of the same sentence. */
function merge(
  known: readonly RequirementView[],
  results: readonly RequirementView[],
): readonly RequirementView[] {
  const fresh = new Map(results.map((result) => [result.text, result]));
  const kept = known.map((old) => {
    const now = fresh.get(old.text);
    fresh.delete(old.text);
    return now ?? old;
  });
  return [...kept, ...fresh.values()];
}

function inSubject(
  view: MigrationView,
  subject: Subject,
  update: (known: readonly RequirementView[]) => readonly RequirementView[],
): MigrationView {
  switch (subject.kind) {
    case 'prerequisite':
      return {
        ...view,
        prerequisites: view.prerequisites.map((prerequisite) =>
          prerequisite.id === subject.id
            ? { ...prerequisite, requirements: update(prerequisite.requirements) }
            : prerequisite,
        ),
      };
    case 'phase':
      return inPhase(view, subject.id, (phase) => ({ ...phase, requirements: update(phase.requirements) }));
    case 'step':
      return inStep(view, subject.phase, subject.id, (step) => ({
        ...step,
        requirements: update(step.requirements),
      }));
    case 'gate':
      return inGate(view, subject.phase, subject.id, (gate) => ({
        ...gate,
        requirements: update(gate.requirements),
      }));
    case 'completion':
      return {
        ...view,
        completion: { ...view.completion, requirements: update(view.completion.requirements) },
      };
    case 'rollback':
      return view;
    default:
      return unreachable(subject, view);
  }
}

/** Closes a switch: the compiler refuses a case that was forgotten, and an unknown event changes nothing. */
function unreachable(_never: never, view: MigrationView): MigrationView {
  return view;
}
