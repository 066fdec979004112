/** A gate: every criterion is evaluated, then its approvers sign with the results in front of them. */
import type { Approval, PlannedGate, Requirement } from '../strategy/plan.js';
import type { Subject } from '../strategy/run/event.js';
import type { FailedKind } from '../strategy/run/ladder.js';
import type { GateStatus, RequirementView } from '../strategy/run/view.js';
import { ask, needOf, needsOf } from './decisions.js';
import { Failed } from './failure-types.js';
import { describeFailed, settle } from './requirements.js';
import type { Run } from './run.js';

/** @throws Failed when a criterion fails or an approver rejects. */
export async function passGate(run: Run, phase: string, gate: PlannedGate): Promise<void> {
  const status = run.view.phases.find(({ id }) => id === phase)?.gate?.status;
  if (status === 'passed') return;
  await run.notPaused();
  await decideGate(run, {
    kind: 'gate',
    subject: { kind: 'gate', id: gate.id, phase },
    phase,
    title: `${gate.id} (${gate.name})`,
    requirements: gate.requirements,
    approval: gate.approval,
    become: (to, reason) => run.emit({ type: 'gate-status', phase, gate: gate.id, status: to, reason }),
  });
}

/** What a gate and the completion have in common. */
export interface Gateway {
  readonly kind: Extract<FailedKind, 'gate' | 'completion'>;
  readonly subject: Subject;
  readonly phase: string | null;
  readonly title: string;
  readonly requirements: readonly Requirement[];
  readonly approval: Approval | null;
  become(status: GateStatus, reason: string): void;
}

/** Evaluates, then asks. */
export async function decideGate(run: Run, gateway: Gateway): Promise<void> {
  const { subject, title, requirements, approval, become } = gateway;
  const approvers = approval?.approvers ?? [];
  become('evaluating', 'Its criteria are being evaluated.');
  const settled = await settle(run, subject, requirements, needOf(approvers[0] ?? null));
  if (settled.failed.length > 0) {
    throw failed(gateway, `${title}: a criterion failed: ${describeFailed(settled.failed)}`, settled.results);
  }
  const question = { subject: subject.id, evidence: settled.results, checklist: settled.open };
  if (approval !== null) {
    become('waiting', `Waits for ${approvers.join(' and ')} to approve.`);
    const answer = await ask(run, {
      ...question,
      kind: 'approval',
      question: `Approve ${title}?`,
      needs: needsOf(run, approvers),
    });
    if (answer.option === 'reject') throw refused(gateway, 'rejected', answer, settled.results);
    record(run, gateway, settled.open, `approved by ${answer.by}`);
    become('passed', `Approved by ${answer.by}.`);
    return;
  }
  if (settled.open.length > 0) {
    become('waiting', 'Waits for somebody to confirm what no machine can evaluate.');
    const answer = await ask(run, {
      ...question,
      kind: 'confirm',
      question: `${title}: does all of this hold? ${settled.open.join('; ')}`,
      needs: [],
    });
    if (answer.option === 'deny') throw refused(gateway, 'denied', answer, settled.results);
    record(run, gateway, settled.open, `confirmed by ${answer.by}`);
  }
  become('passed', 'Every criterion holds.');
}

function record(run: Run, { subject }: Gateway, open: readonly string[], evidence: string): void {
  if (open.length === 0) return;
  const results = open.map((text): RequirementView => ({ text, how: 'person', verdict: 'pass', evidence }));
  run.emit({ type: 'requirements-evaluated', subject, results });
}

function refused(
  gateway: Gateway,
  verb: string,
  answer: { by: string; reason: string | null },
  evidence: readonly RequirementView[],
): Failed {
  return failed(
    gateway,
    `${gateway.title} was ${verb} by ${answer.by}${answer.reason === null ? '.' : `: ${answer.reason}`}`,
    evidence,
  );
}

function failed(gateway: Gateway, cause: string, evidence: readonly RequirementView[]): Failed {
  gateway.become('failed', cause);
  return new Failed({
    kind: gateway.kind,
    subject: gateway.subject.id,
    phase: gateway.phase,
    responsible: gateway.approval?.approvers[0] ?? null,
    cause,
    evidence,
    level: null,
    decided: false,
  });
}
