/**
 * RunEvent -> applyEvent(view, event) -> MigrationView: the one place where the state of a run is computed.
 * Pure and total: an event about something the view does not hold leaves it as it is.
 */

import {
  afterwardsAgain,
  followUpActed,
  followUpChanged,
  inFollowUp,
  newAfterwards,
  withAfterwards,
} from './afterwards.js';
import { amendedView } from './amended-view.js';
import type { Decision } from './decision.js';
import { downtimeAfter } from './downtime.js';
import type { RunEvent, RunStarted, Subject } from './event.js';
import { afterLanding, broughtToAnEnd, renewed, settled, undoAgain } from './landing.js';
import { rolesAsked } from './needs.js';
import { newGate, newPlacedGate, newStep } from './pending.js';
import { inAnyStep, inGate, inPhase, inStep } from './places.js';
import { statusAfter } from './status.js';
import { timesAfter, waitingUntilAfter } from './time.js';
import { toldAfter } from './told.js';
import type { GateView, MigrationView, RequirementView, StepView } from './view.js';
import { phasesAfter } from './waiting.js';
import { wayBackStep } from './way-back.js';

/** The view of a run to which nothing has happened yet, from what its first event says. */
export function initialView(run: string, started: Omit<RunStarted, 'seq'>): MigrationView {
  const { by, plan, compress, onFailure, outline, at } = started;
  return {
    run,
    status: 'running',
    reason: 'The run has just started.',
    strategy: { ...outline.strategy, hash: plan },
    submittedBy: by,
    compress,
    onFailure,
    startedAt: at,
    endedAt: null,
    landing: null,
    prerequisites: outline.prerequisites.map(({ id, name }) => ({
      id,
      name,
      status: 'pending',
      reason: '',
      requirements: [],
    })),
    phases: outline.phases.map((phase) => ({
      id: phase.id,
      name: phase.name,
      status: 'pending',
      reason: '',
      requirements: [],
      steps: phase.steps.map(newStep),
      omitted: null,
      gate: phase.gate === null ? null : newGate(phase.gate.id, phase.gate.name),
      ...(phase.gates === undefined ? {} : { gates: phase.gates.map(newPlacedGate) }),
    })),
    completion: { status: 'pending', reason: '', requirements: [], votes: [] },
    rollback: null,
    pausedBy: null,
    host: null,
    applied: [],
    decisions: [],
    progress: [],
    samples: [],
    seq: 0,
    asOf: at,
    waitingUntil: null,
    ...(outline.timeline === undefined ? {} : { timeline: outline.timeline }),
    ...(outline.dashboards === undefined ? {} : { dashboards: outline.dashboards }),
    ...(outline.risks === undefined ? {} : { risks: outline.risks }),
    ...newAfterwards(outline.afterwards),
    worked: 0,
    waited: 0,
    wayBack: [],
  };
}

/** The view after one more event. */
export function applyEvent(view: MigrationView, event: RunEvent): MigrationView {
  const {
    reports: _reports,
    incidents: _incidents,
    deafChannels: _deaf,
    ...next
  } = change({ ...view, phases: phasesAfter(view, event) }, event);
  const downtime = downtimeAfter(view.downtime, event);
  return {
    ...next,
    ...statusAfter(next, event),
    ...timesAfter(view, event),
    waitingUntil: waitingUntilAfter(next, event),
    ...toldAfter(view, event),
    ...(downtime === undefined ? {} : { downtime }),
    seq: event.seq + 1,
  };
}

function change(view: MigrationView, event: RunEvent): MigrationView {
  switch (event.type) {
    case 'run-started':
    case 'notice-failed':
    case 'archive-failed':
    case 'status-report':
    case 'continued':
    case 'message-refused':
    case 'decision-overdue':
    case 'decision-reminded':
    case 'command-accepted':
    case 'host-busy':
    case 'amendment-requested':
    case 'downtime-begun':
    case 'downtime-warned':
    case 'downtime-exceeded':
      return view;
    case 'plan-amended':
      return amendedView(view, event.outline, event.to);
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
        reason: 'Evaluating its preconditions.',
        attempts: event.attempt,
        startedAt: step.startedAt ?? event.at,
        endedAt: null,
        requirements: [],
      }));
    case 'baselines-measured':
      return inStep(view, event.phase, event.step, (step) => ({ ...step, baselines: event.values }));
    case 'undo-registered':
      return applied(view, event.phase, event.step);
    case 'action-finished':
      return event.phase === null
        ? followUpActed(view, event)
        : inStep(view, event.phase, event.step, (step) => ({
            ...step,
            output: event.output === '' ? step.output : event.output,
            actionsDone:
              event.purpose === 'apply' && event.outcome === 'done'
                ? Math.max(step.actionsDone, event.index + 1)
                : step.actionsDone,
          }));
    case 'reconciled':
      return view;
    case 'requirements-evaluated':
      return inSubject(view, event.subject, (known) => merge(known, event.results));
    case 'gate-status':
      return inGate(view, event.phase, event.gate, (gate) => gateAfter(gate, event));
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
      return noted(view, event.step, `Alert: ${event.text} (${event.evidence}).`);
    case 'alert-recovered':
      return noted(view, event.step, `Recovered: ${event.text} (${event.evidence}).`);
    case 'migration-completed':
      return {
        ...withAfterwards(withoutLockWait(view), 'beginning'),
        status: 'completed',
        reason: event.reason,
        endedAt: event.at,
      };
    case 'afterwards-begun':
      return withAfterwards(view, 'open');
    case 'follow-up-status':
      return followUpChanged(view, event);
    case 'reopened':
      return { ...afterwardsAgain(view), status: 'running', reason: event.reason, endedAt: null };
    case 'decision-opened':
      return { ...view, decisions: [...view.decisions, event.decision] };
    case 'decision-claimed':
      return inDecision(view, event.decision, (open) => ({ ...open, claimedBy: event.by }));
    case 'decision-released':
      return inDecision(view, event.decision, (open) => ({ ...open, claimedBy: null }));
    case 'incident-assigned':
      return inDecision(view, event.decision, (open) => askedAsWell(open, event));
    case 'decision-escalated':
      return inDecision(view, event.decision, (open) => escalated(open, event));
    case 'vote-cast':
      return voteCast(view, event);
    case 'decision-closed':
      return decisionClosed(view, event);
    case 'paused':
      return { ...view, pausedBy: event.by };
    case 'resumed':
      return { ...view, pausedBy: null };
    case 'throttled': {
      const { step, ratePerSecond, by, at } = event;
      const others = (view.throttles ?? []).filter((each) => each.step !== step);
      const own = ratePerSecond === null ? [] : [{ step, ratePerSecond, by, at }];
      return { ...view, throttles: [...others, ...own] };
    }
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
      return {
        ...undone,
        ...withoutThrottle(view, event.step),
        applied: undone.applied.filter((id) => id !== event.step),
        wayBack: undone.wayBack.filter(({ step }) => step !== event.step),
      };
    }
    case 'rollback-finished':
      return { ...afterLanding(view, event.landing, settled), landing: event.landing, rollback: null };
    case 'returned':
      return afterLanding(view, event.landing, renewed);
    case 'lock-awaited': {
      const { lock, holder, ahead } = event;
      return { ...view, lockWait: { lock, holder, ahead } };
    }
    case 'locks-taken':
      return withoutLockWait(view);
    case 'run-ended':
      return {
        ...withoutLockWait(event.status === 'completed' ? view : broughtToAnEnd(view, event.status)),
        status: event.status,
        reason: event.reason,
        landing: event.landing ?? view.landing,
        endedAt: view.status === 'completed' ? view.endedAt : event.at,
        rollback: null,
        ...(view.afterwards === undefined ? {} : { afterwards: { ...view.afterwards, status: 'over' } }),
      };
    default:
      return unreachable(event, view);
  }
}

/** What a watched condition said last, at the step or the monitoring period that it is watched for. */
function noted(view: MigrationView, id: string, reason: string): MigrationView {
  return inFollowUp(
    inAnyStep(view, id, (step) => ({ ...step, reason })),
    id,
    (followUp) => ({ ...followUp, reason }),
  );
}

function withoutLockWait({ lockWait: _over, ...view }: MigrationView): MigrationView {
  return view;
}

function applied(view: MigrationView, phase: string, id: string): MigrationView {
  const step = findStep(view, phase, id);
  if (step === undefined || view.applied.includes(id)) return view;
  return { ...view, applied: [...view.applied, id], wayBack: [wayBackStep(step), ...view.wayBack] };
}

function findStep(view: MigrationView, phase: string, id: string): StepView | undefined {
  return view.phases.find((each) => each.id === phase)?.steps.find((step) => step.id === id);
}

/** Evaluated anew, a gate begins anew. */
function gateAfter<T extends GateView>(gate: T, event: Extract<RunEvent, { type: 'gate-status' }>): T {
  const { at, status, reason } = event;
  const next = { ...gate, status, reason };
  if (status === 'evaluating') return { ...next, requirements: [], votes: [], startedAt: at, endedAt: null };
  return status === 'passed' || status === 'failed' ? { ...next, endedAt: at } : next;
}

const ENDED_STEP: ReadonlySet<string> = new Set([
  'completed',
  'skipped',
  'failed',
  'rolled_back',
  'rollback_failed',
]);

function inDecision(
  view: MigrationView,
  id: string | null,
  change: (open: Decision) => Decision,
): MigrationView {
  return { ...view, decisions: view.decisions.map((open) => (open.id === id ? change(open) : open)) };
}

function escalated(
  open: Decision,
  { role, to, members }: Extract<RunEvent, { type: 'decision-escalated' }>,
): Decision {
  const next = { role: to, ...(members === undefined ? {} : { members }) };
  return {
    ...open,
    needs: open.needs.map((need) =>
      need.role === role ? { ...need, escalatedTo: [...(need.escalatedTo ?? []), next] } : need,
    ),
  };
}

/** Whoever is asked about an incident may answer its decision, besides those who were asked before. */
function askedAsWell(
  open: Decision,
  { to, members }: Extract<RunEvent, { type: 'incident-assigned' }>,
): Decision {
  if (to === null) return open;
  const next = { role: to, ...(members === undefined ? {} : { members }) };
  return {
    ...open,
    needs: open.needs.map((need) =>
      rolesAsked([need]).includes(to) ? need : { ...need, escalatedTo: [...(need.escalatedTo ?? []), next] },
    ),
  };
}

function voteCast(view: MigrationView, event: Extract<RunEvent, { type: 'vote-cast' }>): MigrationView {
  const decision = view.decisions.find((open) => open.id === event.decision);
  if (decision === undefined) return view;
  const voted = inDecision(view, event.decision, (open) => ({ ...open, votes: [...open.votes, event.vote] }));
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
    case 'follow-up':
      return inFollowUp(view, subject.id, (known) => ({
        ...known,
        requirements: update(known.requirements),
      }));
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

const MOST_OVERRIDES = 100;

/** What people decided against what the machine saw stays in sight. */
function decisionClosed(
  view: MigrationView,
  { decision: id, option, at }: Extract<RunEvent, { type: 'decision-closed' }>,
): MigrationView {
  const closed = view.decisions.find((decision) => decision.id === id);
  const decisions = view.decisions.filter((decision) => decision !== closed);
  if (closed === undefined || option === null || !closed.reasonFor.includes(option)) {
    return { ...view, decisions };
  }
  const votes = closed.votes.filter((vote) => vote.option === option);
  const reason = votes.find((vote) => vote.reason !== null)?.reason ?? null;
  const override = {
    decision: id,
    subject: closed.subject,
    option,
    by: votes.map(({ by }) => by),
    reason,
    at,
  };
  return { ...view, decisions, overrides: [...(view.overrides ?? []), override].slice(-MOST_OVERRIDES) };
}

/** What is copied again after an undo begins without the limit of the copy before. */
function withoutThrottle({ throttles }: MigrationView, step: string): Pick<MigrationView, 'throttles'> {
  return throttles === undefined ? {} : { throttles: throttles.filter((each) => each.step !== step) };
}
