/**
 * RunEvent -> applyEvent(view, event) -> MigrationView: the one place where the state of a run is computed.
 * Pure and total: an event about something the view does not hold leaves it as it is.
 */
import { type Decision, openNeeds } from './decision.js';
import type { RunEvent, Subject } from './event.js';
import type { PlanHead } from './messages.js';
import {
  ENDED,
  type GateView,
  type MigrationView,
  type OnFailure,
  type PhaseView,
  type RequirementView,
  type RunStatus,
  type StepView,
} from './view.js';

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
    case 'ordered':
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

/**
 * The status of a run that has not ended, and its reason: an open decision says `waiting`, a pause `paused`, a
 * rollback under way `rolling_back`, anything else `running`, unless the event itself set a status.
 */
function statusAfter(view: MigrationView, event: RunEvent): { status: RunStatus; reason: string } {
  if (ENDED.includes(view.status) || event.type === 'run-status') {
    return { status: view.status, reason: view.reason };
  }
  const asked = view.decisions[0];
  if (asked !== undefined) return { status: 'waiting', reason: waitingReason(asked, view.decisions.length) };
  if (view.pausedBy !== null) {
    return { status: 'paused', reason: `Paused by ${view.pausedBy}. Go on with: sluice resume ${view.run}` };
  }
  if (view.rollback !== null) {
    const { level, landing, cause } = view.rollback;
    return { status: 'rolling_back', reason: `Rolling back (${level}) to ${landing}: ${cause}` };
  }
  return { status: 'running', reason: runningReason(view, event) };
}

function waitingReason(decision: Decision, open: number): string {
  const who = openNeeds(decision).map((need) =>
    need.votes === 1 ? need.role : `${need.votes} of ${need.role}`,
  );
  const more = open > 1 ? ` (and ${open - 1} more)` : '';
  return `Waits for ${who.length === 0 ? 'anyone' : who.join(' and ')} to decide ${decision.id}${more}: ${decision.question}`;
}

function runningReason(view: MigrationView, event: RunEvent): string {
  switch (event.type) {
    case 'step-started':
    case 'step-status':
      return event.type === 'step-started' || event.reason === ''
        ? `Carrying out ${event.step}.`
        : `${event.step}: ${event.reason}`;
    case 'gate-status':
      return `${event.gate}: ${event.reason}`;
    case 'phase-status':
      return `${event.phase}: ${event.reason}`;
    case 'prerequisite-status':
      return `${event.id}: ${event.reason}`;
    case 'completion-status':
      return `Completion: ${event.reason}`;
    default:
      return view.status === 'running' ? view.reason : 'Going on.';
  }
}

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

type Reset = {
  readonly step: (step: StepView) => StepView;
  readonly gate: (gate: GateView) => GateView;
  readonly phase: PhaseView['status'];
};

/** After a rollback: what lies behind the landing no longer stands. */
const settled: Reset = {
  step: (step) =>
    step.status === 'pending' || step.status === 'rolled_back' || step.status === 'rollback_failed'
      ? step
      : { ...step, status: 'rolled_back', actionsDone: 0 },
  gate: (gate) => (gate.status === 'pending' ? gate : { ...gate, status: 'pending', reason: 'Rolled back.' }),
  phase: 'rolled_back',
};

/** Before it is all carried out again. */
const renewed: Reset = {
  step: (step) => ({ ...step, status: 'pending', reason: '', actionsDone: 0, requirements: [] }),
  gate: (gate) => newGate(gate.id, gate.name),
  phase: 'pending',
};

/** A new rollback tries again what an earlier one left standing. */
function undoAgain(view: MigrationView): MigrationView {
  return {
    ...view,
    phases: view.phases.map((phase) => ({
      ...phase,
      steps: phase.steps.map((step) =>
        step.status === 'rollback_failed'
          ? { ...step, status: 'failed', reason: 'To be undone again.' }
          : step,
      ),
    })),
  };
}

function afterLanding(view: MigrationView, landing: string, reset: Reset): MigrationView {
  let behind = landing === 'start';
  const phases = view.phases.map((phase) => {
    const wasBehind = behind;
    const steps = phase.steps.map((step) => {
      const changed = behind ? reset.step(step) : step;
      if (step.id === landing) behind = true;
      return changed;
    });
    const stopsHere = phase.id === landing;
    if (stopsHere) behind = true;
    if (!behind || stopsHere) return { ...phase, steps };
    const untouched = wasBehind && phase.status === 'pending';
    return {
      ...phase,
      steps,
      gate: phase.gate === null ? null : reset.gate(phase.gate),
      status: untouched ? phase.status : wasBehind ? reset.phase : 'running',
    };
  });
  return { ...view, phases, completion: { status: 'pending', reason: '', requirements: [], votes: [] } };
}

function newStep(id: string, name: string, type: StepView['type']): StepView {
  return {
    id,
    name,
    type,
    status: 'pending',
    reason: '',
    attempts: 0,
    undone: 0,
    actionsDone: 0,
    startedAt: null,
    endedAt: null,
    requirements: [],
    output: null,
  };
}

function newGate(id: string, name: string): GateView {
  return { id, name, status: 'pending', reason: '', requirements: [], votes: [] };
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

function inPhase(view: MigrationView, id: string, update: (phase: PhaseView) => PhaseView): MigrationView {
  return { ...view, phases: view.phases.map((phase) => (phase.id === id ? update(phase) : phase)) };
}

function inStep(
  view: MigrationView,
  phase: string,
  id: string,
  update: (step: StepView) => StepView,
): MigrationView {
  return inPhase(view, phase, (found) => {
    const index = found.steps.findIndex((step) => step.id === id);
    const step = found.steps[index];
    return step === undefined ? found : { ...found, steps: found.steps.with(index, update(step)) };
  });
}

function inAnyStep(view: MigrationView, id: string, update: (step: StepView) => StepView): MigrationView {
  const phase = view.phases.find(({ steps }) => steps.some((step) => step.id === id));
  return phase === undefined ? view : inStep(view, phase.id, id, update);
}

function inGate(
  view: MigrationView,
  phase: string,
  id: string,
  update: (gate: GateView) => GateView,
): MigrationView {
  return inPhase(view, phase, (found) =>
    found.gate === null || found.gate.id !== id ? found : { ...found, gate: update(found.gate) },
  );
}

/** Closes a switch: the compiler refuses a case that was forgotten, and an unknown event changes nothing. */
function unreachable(_never: never, view: MigrationView): MigrationView {
  return view;
}
