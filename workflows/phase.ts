/** A phase: its start conditions, its steps in order, its gate. */
import type { PlannedPhase } from '../strategy/plan.js';
import type { PlanHead } from '../strategy/run/messages.js';
import type { PhaseStatus } from '../strategy/run/view.js';
import { ask } from './decisions.js';
import { Failed } from './failure-types.js';
import { passGate } from './gate.js';
import { continueRunAsNew, isHistoryLong } from './record.js';
import { describeFailed, settle } from './requirements.js';
import type { Run } from './run.js';
import { carryOutStep } from './step.js';
import { hasWindow, inWindow } from './window.js';

type Phase = PlanHead['phases'][number];

export async function carryOutPhase(run: Run, phase: Phase): Promise<void> {
  const status = () => run.view.phases.find(({ id }) => id === phase.id)?.status;
  if (status() === 'completed') return;
  await run.notPaused();
  if (status() !== 'running') await start(run, phase);
  for (const { id } of phase.steps) {
    const { status } = run.stepView(phase.id, id);
    if (status === 'completed' || status === 'skipped') continue;
    if (isHistoryLong(run)) await continueRunAsNew(run);
    await run.notPaused();
    if (hasWindow(run)) await inWindow(run);
    await carryOutStep(run, phase, await run.steps.get(id));
  }
  if (phase.gate !== null) await passGate(run, phase.id, phase.gate);
  become(run, phase, 'completed', 'Every step is done and the gate is passed.');
}

async function start(run: Run, phase: Phase): Promise<void> {
  become(run, phase, 'waiting', 'Its start conditions are being looked at.');
  const settled = await settle(run, { kind: 'phase', id: phase.id }, phase.startConditions, []);
  if (settled.failed.length > 0) {
    throw notStarted(run, phase, describeFailed(settled.failed), settled.results);
  }
  if (settled.open.length > 0) {
    const answer = await ask(run, {
      kind: 'confirm',
      subject: phase.id,
      question: `May phase ${phase.id} (${phase.name}) start? ${settled.open.join('; ')}`,
      needs: [],
      evidence: settled.results,
      checklist: settled.open,
    });
    if (answer.option === 'deny') {
      throw notStarted(
        run,
        phase,
        `denied by ${answer.by}${answer.reason === null ? '' : `: ${answer.reason}`}`,
        settled.results,
      );
    }
  }
  become(run, phase, 'running', 'Its steps are being carried out.');
}

function notStarted(run: Run, phase: Phase, why: string, evidence: Failed['failure']['evidence']): Failed {
  const cause = `The start condition of ${phase.id} does not hold: ${why}`;
  become(run, phase, 'failed', cause);
  return new Failed({
    kind: 'phase',
    subject: phase.id,
    phase: phase.id,
    responsible: null,
    cause,
    evidence,
    level: null,
    decided: false,
  });
}

function become(run: Run, phase: Pick<PlannedPhase, 'id'>, status: PhaseStatus, reason: string): void {
  run.emit({ type: 'phase-status', phase: phase.id, status, reason });
}
