/** A gate: every criterion is evaluated, then its approvers sign with the results in front of them. */
import type { Approval, PlannedGate, ValidationGate } from '../strategy/plan.js';
import { gatesAfter, gatesOf } from '../strategy/run/gates.js';
import type { RequirementView } from '../strategy/run/requirement.js';
import { riskEvidence, risksOfPhase } from '../strategy/run/risks.js';
import type { GateStatus } from '../strategy/run/view.js';
import { type Checkpoint, checkpoint } from './checkpoint.js';
import { needOf, needsOf } from './decisions.js';
import type { Run } from './run.js';

/** @throws Failed when a criterion fails or an approver rejects. */
export async function passGate(run: Run, phase: string, gate: PlannedGate | ValidationGate): Promise<void> {
  if (statusOf(run, phase, gate.id) === 'passed') return;
  await run.notPaused();
  const setStatus: Gateway['setStatus'] = (to, reason) =>
    run.emit({ type: 'gate-status', phase, gate: gate.id, status: to, reason });
  await passGateway(run, {
    kind: 'gate',
    subject: { kind: 'gate', id: gate.id, phase },
    phase,
    title: `${gate.id} (${gate.name})`,
    requirements: gate.requirements,
    approval: gate.approval,
    risks: risksBefore(run, phase),
    whileAsked: gate.whileAsked,
    ...('responsible' in gate
      ? { responsible: gate.responsible, answersFailure: gate.escalation?.role ?? gate.responsible }
      : {}),
    setStatus,
  });
}

/** The validation gates behind a step; of null, those before the first. @throws Failed */
export async function passGatesAfter(
  run: Run,
  phase: { readonly id: string; readonly gates?: readonly ValidationGate[] },
  step: string | null,
): Promise<void> {
  for (const gate of gatesAfter(phase, step)) await passGate(run, phase.id, gate);
}

function statusOf(run: Run, phase: string, gate: string): GateStatus | undefined {
  const found = run.view.phases.find(({ id }) => id === phase);
  return found === undefined ? undefined : gatesOf(found).find(({ id }) => id === gate)?.status;
}

/** The risks of the phase whose gate it is. */
function risksBefore(run: Run, phase: string): readonly RequirementView[] {
  const planned = run.plan.phases.find(({ id }) => id === phase);
  return planned === undefined ? [] : riskEvidence(risksOfPhase(run.plan.risks ?? [], planned));
}

/** What a gate and the completion have in common. */
export interface Gateway
  extends Pick<Checkpoint, 'subject' | 'title' | 'requirements' | 'risks' | 'whileAsked'> {
  readonly kind: 'gate' | 'completion';
  readonly phase: string | null;
  readonly approval: Approval | null;
  /** Who answers where there are no approvers, and who is asked first when it fails; absent for the first approver. */
  readonly responsible?: string | null;
  readonly answersFailure?: string | null;
  setStatus(status: Parameters<Checkpoint['setStatus']>[0] | 'passed', reason: string): void;
}

/** @throws Failed */
export async function passGateway(run: Run, gateway: Gateway): Promise<void> {
  const { kind, subject, phase, title, requirements, approval, risks = [], setStatus } = gateway;
  const approvers = approval?.approvers ?? [];
  const responsible = gateway.responsible ?? approvers[0] ?? null;
  const answer = await checkpoint(run, {
    subject,
    title,
    failsWith: `${title}: a criterion failed`,
    requirements,
    needs: needOf(responsible),
    asks:
      approval === null
        ? {
            kind: 'confirm',
            question: `${title}: do all items of the checklist hold?`,
            needs: needOf(gateway.responsible ?? null),
          }
        : { kind: 'approval', question: `Approve ${title}?`, needs: needsOf(run, approvers) },
    risks,
    whileAsked: gateway.whileAsked,
    signed: approval !== null,
    failure: { kind, phase, responsible: gateway.answersFailure ?? responsible },
    setStatus,
  });
  if (answer === null) setStatus('passed', 'Every criterion holds.');
  else setStatus('passed', `${approval === null ? 'Confirmed' : 'Approved'} by ${answer.by}.`);
}
