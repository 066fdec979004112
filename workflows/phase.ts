/** A phase: its start conditions, its steps in order, its gate. */
import type { PlannedPhase } from '../strategy/plan.js';
import type { PlanHead } from '../strategy/run/messages.js';
import type { PhaseStatus } from '../strategy/run/view.js';
import { checkpoint } from './checkpoint.js';
import { passGate, passGatesAfter } from './gate.js';
import { continueRunAsNew, isTimeToCut } from './record.js';
import { openOf } from './requirements.js';
import type { Run } from './run.js';
import { carryOutStep } from './step.js';
import { untilMayAct } from './window.js';

type Phase = PlanHead['phases'][number];

export async function carryOutPhase(run: Run, phase: Phase): Promise<void> {
  const status = () => run.view.phases.find(({ id }) => id === phase.id)?.status;
  if (status() === 'completed') return;
  await run.notPaused();
  if (status() !== 'running') await start(run, phase);
  await passGatesAfter(run, phase, null);
  for (const { id } of phase.steps) {
    if (!isStepOver(run, phase, id)) {
      if (isTimeToCut(run)) await continueRunAsNew(run);
      await untilMayAct(run);
      await carryOutStep(run, phase, await run.steps.get(id));
    }
    await passGatesAfter(run, phase, id);
  }
  if (phase.gate !== null) await passGate(run, phase.id, phase.gate);
  setPhaseStatus(run, phase, 'completed', 'Every step is done and the gate is passed.');
}

function isStepOver(run: Run, phase: Phase, step: string): boolean {
  const { status } = run.stepView(phase.id, step);
  return status === 'completed' || status === 'skipped';
}

async function start(run: Run, phase: Phase): Promise<void> {
  const { id, name, startConditions, whileAsked } = phase;
  await checkpoint(run, {
    subject: { kind: 'phase', id },
    title: `The start of ${id}`,
    failsWith: `The start condition of ${id} does not hold`,
    requirements: startConditions,
    needs: [],
    asks: {
      kind: 'confirm',
      question: `May phase ${id} (${name}) start? ${openOf(startConditions).join('; ')}`,
      needs: [],
    },
    signed: false,
    whileAsked,
    failure: { kind: 'phase', phase: id, responsible: null },
    setStatus: (status, reason) =>
      setPhaseStatus(run, phase, status === 'failed' ? 'failed' : 'waiting', reason),
  });
  setPhaseStatus(run, phase, 'running', 'Running its steps.');
}

function setPhaseStatus(
  run: Run,
  phase: Pick<PlannedPhase, 'id'>,
  status: PhaseStatus,
  reason: string,
): void {
  run.emit({ type: 'phase-status', phase: phase.id, status, reason });
}
