/**
 * A step: preconditions, undo registered, actions, validation, soak, and what only its responsible party can confirm.
 * Its alert conditions are watched from the first action to the end of the soak.
 */
import { sleep } from '@temporalio/workflow';
import type { PlannedStep, Requirement, Watch } from '../strategy/plan.js';
import { describeDuration } from '../strategy/render/duration.js';
import type { PlanHead } from '../strategy/run/messages.js';
import type { StepStatus } from '../strategy/run/view.js';
import { measureBaselines } from './baselines.js';
import { type Checkpoint, checkpoint, settleByMachine, settleByPeople } from './checkpoint.js';
import { needOf } from './decisions.js';
import { withinDowntime } from './downtime.js';
import { carryOutEffect } from './effects.js';
import { Failed } from './failure-types.js';
import { effectsOf } from './procedure.js';
import { openOf } from './requirements.js';
import type { Run } from './run.js';
import { soakWatched, whileWatching } from './watching.js';

type Phase = Pick<PlanHead['phases'][number], 'id'>;

/** @throws Failed when the step does not come to its end; what it did by then is registered to be undone. */
export async function carryOutStep(run: Run, phase: Phase, step: PlannedStep): Promise<void> {
  const { attempts } = run.stepView(phase.id, step.id);
  run.emit({ type: 'step-started', phase: phase.id, step: step.id, attempt: attempts + 1 });
  try {
    if (step.conditions.length > 0) await checkpoint(run, preconditionsOf(run, phase, step));
    await measureBaselines(run, phase.id, step);
    await withinDowntime(run, phase.id, step, () => carryThrough(run, phase, step));
  } catch (error) {
    if (error instanceof Failed) setStepStatus(run, phase, step, 'failed', error.failure.cause);
    else if (run.command !== null) setStepStatus(run, phase, step, 'failed', 'Stopped by a command.');
    else setStepStatus(run, phase, step, 'failed', 'Stopped by an internal error of sluice.');
    throw error;
  }
  setStepStatus(run, phase, step, 'completed', 'Done.');
}

/** From where its effects may be in the world to the last answer about it. */
async function carryThrough(run: Run, phase: Phase, step: PlannedStep): Promise<void> {
  if (leavesTraces(step)) run.emit({ type: 'undo-registered', phase: phase.id, step: step.id });
  if (step.watch === null) {
    await work(run, phase, step);
    if (step.soakMs > 0) await sleep(beginSoak(run, phase, step));
  } else {
    await workUnderWatch(run, phase, step, step.watch);
  }
  const { requirements } = run.stepView(phase.id, step.id);
  await settleByPeople(run, checksOf(run, phase, step), requirements);
}

async function work(run: Run, phase: Phase, step: PlannedStep): Promise<void> {
  if (step.actions.length > 0) await act(run, phase, step);
  if (hasMachineChecks(step)) await settleByMachine(run, checksOf(run, phase, step));
}

/** From the first action to the end of the soak. */
async function workUnderWatch(run: Run, phase: Phase, step: PlannedStep, watch: Watch): Promise<void> {
  const watched = { phase: phase.id, step, watch };
  if (step.actions.length > 0 || hasMachineChecks(step)) {
    await whileWatching(run, watched, () => work(run, phase, step));
  }
  await soakWatched(run, watched, step.soakMs > 0 ? beginSoak(run, phase, step) : 0);
}

function hasMachineChecks({ checks }: PlannedStep): boolean {
  return openOf(checks).length < checks.length;
}

async function act(run: Run, phase: Phase, step: PlannedStep): Promise<void> {
  setStepStatus(run, phase, step, 'running', '');
  const { undone } = run.stepView(phase.id, step.id);
  const place = { subject: step.id, phase: phase.id, purpose: 'apply', incarnation: undone } as const;
  for (const effect of effectsOf(step, step.actions, place)) {
    if (effect.index < run.stepView(phase.id, step.id).actionsDone) continue;
    const done = await carryOutEffect(run, effect);
    if (done.result === 'failed') throw failed(phase, step, done.cause);
    if (done.result === 'rollback') {
      throw failed(phase, step, 'Its outcome is unknown, and a person chose to roll back.', true);
    }
  }
}

/** Says that the step soaks. @returns for how many milliseconds */
function beginSoak(run: Run, phase: Phase, step: PlannedStep): number {
  const ms = run.compressed(step.soakMs);
  const until = new Date(Date.now() + ms).toISOString();
  setStepStatus(run, phase, step, 'soaking', `Must stay quiet for ${describeDuration(ms)}.`, until);
  return ms;
}

/** What no machine can say is one checklist for the responsible party. */
function preconditionsOf(run: Run, phase: Phase, step: PlannedStep): Checkpoint {
  return checkpointOf(run, phase, step, step.conditions, {
    title: 'A precondition',
    failsWith: 'A precondition does not hold',
    question: 'May it start?',
    evaluating: 'waiting',
  });
}

/** The machine's part comes before the soak, the people's part after it. */
function checksOf(run: Run, phase: Phase, step: PlannedStep): Checkpoint {
  return checkpointOf(run, phase, step, step.checks, {
    title: 'A check',
    failsWith: 'A check failed',
    question: 'Is it done, and does it work?',
    evaluating: 'validating',
  });
}

function checkpointOf(
  run: Run,
  phase: Phase,
  step: PlannedStep,
  requirements: readonly Requirement[],
  words: Pick<Checkpoint, 'title' | 'failsWith'> & {
    readonly question: string;
    readonly evaluating: StepStatus;
  },
): Checkpoint {
  const { title, failsWith, question, evaluating } = words;
  const needs = needOf(step.responsible);
  return {
    subject: { kind: 'step', id: step.id, phase: phase.id },
    title: `${title} (${openOf(requirements).join('; ')})`,
    failsWith,
    requirements,
    needs,
    asks: {
      kind: 'confirm',
      question: `${step.id} (${step.name}): ${question} ${openOf(requirements).join('; ')}`,
      needs,
    },
    signed: false,
    whileAsked: step.whileAsked,
    failure: { kind: 'step', phase: phase.id, responsible: step.responsible },
    setStatus: (status, reason) =>
      setStepStatus(run, phase, step, status === 'evaluating' ? evaluating : status, reason),
  };
}

/** A step without actions is undone all the same when the strategy says how. */
function leavesTraces({ actions, undo }: PlannedStep): boolean {
  return actions.length > 0 || undo.kind === 'actions';
}

function setStepStatus(
  run: Run,
  phase: Phase,
  step: PlannedStep,
  status: StepStatus,
  reason: string,
  until: string | null = null,
): void {
  const ends = until === null ? {} : { until };
  run.emit({ type: 'step-status', phase: phase.id, step: step.id, status, reason, ...ends });
}

function failed(phase: Phase, step: PlannedStep, cause: string, decided = false): Failed {
  const { id: subject, responsible, whileAsked } = step;
  return new Failed({ kind: 'step', subject, phase: phase.id, responsible, cause, decided, whileAsked });
}
