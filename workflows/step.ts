/**
 * A step: preconditions, undo registered, actions, validation, soak, and what only its responsible party can confirm.
 * Its alert conditions are watched from the first action to the end of the soak.
 */
import { sleep } from '@temporalio/workflow';
import type { PlannedStep, Requirement, Watch } from '../strategy/plan.js';
import { describeDuration } from '../strategy/render/duration.js';
import type { PlanHead } from '../strategy/run/messages.js';
import type { RequirementView, StepStatus } from '../strategy/run/view.js';
import { measureBaselines } from './baselines.js';
import { ask, needOf } from './decisions.js';
import { carryOutEffect } from './effects.js';
import { Failed } from './failure-types.js';
import { effectsOf } from './procedure.js';
import { describeFailed, settle } from './requirements.js';
import type { Run } from './run.js';
import { soakWatched, whileWatching } from './watching.js';

type Phase = Pick<PlanHead['phases'][number], 'id'>;

/** @throws Failed when the step does not come to its end; what it did by then is registered to be undone. */
export async function carryOutStep(run: Run, phase: Phase, step: PlannedStep): Promise<void> {
  const { attempts } = run.stepView(phase.id, step.id);
  run.emit({ type: 'step-started', phase: phase.id, step: step.id, attempt: attempts + 1 });
  try {
    if (step.conditions.length > 0) await checkPreconditions(run, phase, step);
    await measureBaselines(run, phase.id, step);
    if (leavesTraces(step)) run.emit({ type: 'undo-registered', phase: phase.id, step: step.id });
    if (step.watch === null) {
      await work(run, phase, step);
      if (step.soakMs > 0) await sleep(beginSoak(run, phase, step));
    } else {
      await workUnderWatch(run, phase, step, step.watch);
    }
    if (step.checks.some(isForPerson)) {
      await confirmOpen(run, phase, step, step.checks, 'Is it done and well?');
    }
  } catch (error) {
    if (error instanceof Failed) become(run, phase, step, 'failed', error.failure.cause);
    else become(run, phase, step, 'failed', 'Stopped by a command.');
    throw error;
  }
  become(run, phase, step, 'completed', 'Done.');
}

async function work(run: Run, phase: Phase, step: PlannedStep): Promise<void> {
  if (step.actions.length > 0) await act(run, phase, step);
  if (!step.checks.every(isForPerson)) await validate(run, phase, step);
}

/** From the first action to the end of the soak. */
async function workUnderWatch(run: Run, phase: Phase, step: PlannedStep, watch: Watch): Promise<void> {
  const watched = { phase: phase.id, step, watch };
  if (step.actions.length > 0 || !step.checks.every(isForPerson)) {
    await whileWatching(run, watched, () => work(run, phase, step));
  }
  await soakWatched(run, watched, step.soakMs > 0 ? beginSoak(run, phase, step) : 0);
}

async function checkPreconditions(run: Run, phase: Phase, step: PlannedStep): Promise<void> {
  const settled = await settle(run, subjectOf(phase, step), step.conditions, needOf(step.responsible));
  if (settled.failed.length > 0) {
    throw failed(
      phase,
      step,
      `A precondition does not hold: ${describeFailed(settled.failed)}`,
      settled.results,
    );
  }
  if (step.conditions.some(isForPerson)) {
    await confirmOpen(run, phase, step, step.conditions, 'May it begin?');
  }
}

async function act(run: Run, phase: Phase, step: PlannedStep): Promise<void> {
  become(run, phase, step, 'running', '');
  const { undone } = run.stepView(phase.id, step.id);
  const place = { subject: step.id, phase: phase.id, purpose: 'apply', incarnation: undone } as const;
  for (const effect of effectsOf(step, step.actions, place)) {
    if (effect.index < run.stepView(phase.id, step.id).actionsDone) continue;
    await run.notPaused();
    const done = await carryOutEffect(run, effect);
    if (done.result === 'failed') throw failed(phase, step, done.cause, []);
    if (done.result === 'rollback') {
      throw failed(phase, step, 'Its outcome is unknown, and a person chose to roll back.', [], true);
    }
  }
}

async function validate(run: Run, phase: Phase, step: PlannedStep): Promise<void> {
  become(run, phase, step, 'validating', 'Its checks are being evaluated.');
  const settled = await settle(run, subjectOf(phase, step), step.checks, needOf(step.responsible));
  if (settled.failed.length > 0) {
    throw failed(phase, step, `A check failed: ${describeFailed(settled.failed)}`, settled.results);
  }
}

/** Says that the step soaks. @returns for how many milliseconds */
function beginSoak(run: Run, phase: Phase, step: PlannedStep): number {
  const ms = run.compressed(step.soakMs);
  const until = new Date(Date.now() + ms).toISOString();
  become(run, phase, step, 'soaking', `Must stay quiet for ${describeDuration(ms)}.`, until);
  return ms;
}

/** What no machine can say is one checklist for the responsible party. */
async function confirmOpen(
  run: Run,
  phase: Phase,
  step: PlannedStep,
  requirements: readonly Requirement[],
  question: string,
): Promise<void> {
  const open = requirements.filter(isForPerson).map(({ text }) => text);
  become(
    run,
    phase,
    step,
    'waiting',
    `Waits for ${step.responsible ?? 'anyone'} to confirm: ${open.join('; ')}`,
  );
  const answer = await ask(run, {
    kind: 'confirm',
    subject: step.id,
    question: `${step.id} (${step.name}): ${question} ${open.join('; ')}`,
    needs: needOf(step.responsible),
    evidence: run.stepView(phase.id, step.id).requirements,
    checklist: open,
  });
  const verdict = answer.option === 'confirm' ? 'pass' : 'fail';
  const evidence = `${answer.option === 'confirm' ? 'confirmed' : 'denied'} by ${answer.by}${answer.reason === null ? '' : `: ${answer.reason}`}`;
  const results = open.map((text): RequirementView => ({ text, how: 'person', verdict, evidence }));
  run.emit({ type: 'requirements-evaluated', subject: subjectOf(phase, step), results });
  if (verdict === 'fail') throw failed(phase, step, `${evidence} (${open.join('; ')})`, results);
}

/** A step without actions is undone all the same when the strategy says how. */
function leavesTraces({ actions, undo }: PlannedStep): boolean {
  return actions.length > 0 || undo.kind === 'actions';
}

function isForPerson({ probe }: Requirement): boolean {
  return probe.how === 'person';
}

function become(
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

function subjectOf(phase: Phase, step: PlannedStep): { kind: 'step'; id: string; phase: string } {
  return { kind: 'step', id: step.id, phase: phase.id };
}

function failed(
  phase: Phase,
  step: PlannedStep,
  cause: string,
  evidence: readonly RequirementView[],
  decided = false,
): Failed {
  return new Failed({
    kind: 'step',
    subject: step.id,
    phase: phase.id,
    responsible: step.responsible,
    cause,
    evidence,
    level: null,
    decided,
  });
}
