/** What follows a failure: as the strategy says, a person is asked first or the rollback begins at once. */
import type {
  Approval,
  Level,
  PlannedGate,
  PlannedRisk,
  Requirement,
  ValidationGate,
} from '../strategy/plan.js';
import type { Option } from '../strategy/run/decision.js';
import { gatesOf } from '../strategy/run/gates.js';
import { pickLevel } from '../strategy/run/ladder.js';
import { riskEvidence, risksOfPhase, risksOfStep } from '../strategy/run/risks.js';
import type { RequirementView } from '../strategy/run/view.js';
import { describeApplied } from '../strategy/run/wording.js';
import { askUnderWatch } from './ask-under-watch.js';
import { type Answer, ask, needOf, needsOf } from './decisions.js';
import type { Failure } from './failure-types.js';
import { approved, levelOf } from './levels.js';
import { evaluateByMachine, isForMachine } from './requirements.js';
import { rollBack } from './rollback.js';
import type { Run } from './run.js';

/** Acts on a failure. When it returns and the run has not ended, the migration is carried out again from where it stands. */
export async function handleFailure(run: Run, failure: Failure): Promise<void> {
  const fired = await firingLevels(run, failure);
  const picked = pickLevel(
    failure.kind,
    run.plan.levels,
    failure.level === null ? fired : [...fired, failure.level],
  );
  const { cause } = failure;
  if (run.view.onFailure === 'full') {
    if (run.view.applied.length === 0) run.end('failed', `${cause} Nothing was applied.`, 'start');
    else await rollBack(run, { level: 'full', failure, cause, by: null });
    return;
  }
  let course: Course = 'ask';
  if (failure.decided || !asksFirst(run, failure)) course = { level: picked, by: null };
  for (;;) {
    if (course === 'ask') course = await askCourse(run, failure, picked);
    if (course === 'go-on') return;
    if (course === 'ask') continue;
    const { level, by } = course;
    if (await approved(run, level, cause)) return rollBack(run, { level, failure, cause, by });
    course = 'ask';
  }
}

/** What follows: a rollback, which a person chose when `by` names one; the migration or its end; or the question again. */
type Course = { readonly level: Level; readonly by: string | null } | 'go-on' | 'ask';

/** `failure_response: rollback`, or a phase without a gate, acts at once; what stands before any phase is asked about. */
function asksFirst(run: Run, failure: Failure): boolean {
  if (failure.kind !== 'step' && failure.kind !== 'gate') return true;
  const phase = run.plan.phases.find(({ id }) => id === failure.phase);
  const gate = failedGate(run, failure) ?? phase?.gate ?? null;
  return gate !== null && gate.failureResponse !== 'rollback';
}

/** Null when something else than a gate failed. */
function failedGate(run: Run, { kind, subject }: Failure): PlannedGate | ValidationGate | null {
  if (kind !== 'gate') return null;
  return run.plan.phases.flatMap((phase) => gatesOf(phase)).find(({ id }) => id === subject) ?? null;
}

/** Milliseconds for all triggers together: a rollback does not wait for a probe that hangs. */
const TRIGGERS_MS = 8_000;

/** The levels whose trigger conditions hold now. No data does not fire. */
async function firingLevels(run: Run, failure: Failure): Promise<readonly Level[]> {
  const triggers = run.plan.levels.flatMap(({ level, triggers }) =>
    triggers.filter(isForMachine).map((trigger) => ({ ...trigger, level })),
  );
  if (triggers.length === 0) return [];
  const { kind, phase, subject } = failure;
  const baselines = kind === 'step' && phase !== null ? run.stepView(phase, subject).baselines : {};
  const requirements = triggers.map(({ text, probe }) => ({ text, probe }));
  const found = await evaluateByMachine(run, requirements, baselines, TRIGGERS_MS);
  return run.plan.levels.flatMap(({ level }) => {
    const results = found.filter((_, index) => triggers[index]?.level === level);
    if (results.length === 0) return [];
    run.emit({
      type: 'requirements-evaluated',
      subject: { kind: 'rollback', id: level },
      results: results.map(asAlert),
    });
    return results.some(({ verdict }) => verdict === 'pass') ? [level] : [];
  });
}

/** A trigger says what one does not want to see: that its sentence holds is the failure. */
function asAlert(result: RequirementView): RequirementView {
  switch (result.verdict) {
    case 'pass':
      return { ...result, verdict: 'fail', alert: true };
    case 'fail':
      return { ...result, verdict: 'pass', alert: true };
    case 'inconclusive':
    case null:
      return { ...result, alert: true };
    default:
      return result.verdict satisfies never;
  }
}

function questionAbout(run: Run, failure: Failure, picked: Level): Parameters<typeof ask>[1] {
  const decider = levelOf(run, picked)?.responsible ?? failure.responsible;
  return {
    kind: 'failure',
    subject: failure.subject,
    question: `${failure.subject} failed: ${failure.cause} What now?`,
    options: optionsFor(run, failure),
    needs: needOf(decider),
    evidence: [
      ...failure.evidence,
      ...escalationBehind(run, failure),
      ...riskEvidence(risksBehind(run, failure)),
    ],
    checklist: run.plan.levels.flatMap(({ level, triggers }) =>
      triggers.filter(isForPerson).map(({ text }) => `triggered the ${level} rollback: ${text}`),
    ),
  };
}

/** What the strategy says about escalating the failure of a validation gate. */
function escalationBehind(run: Run, failure: Failure): readonly RequirementView[] {
  const gate = failedGate(run, failure);
  if (gate === null || !('escalation' in gate) || gate.escalation === undefined) return [];
  return [{ text: `escalation: ${gate.escalation.text}`, how: 'declared', verdict: null, evidence: null }];
}

/** The risks of what failed. */
function risksBehind(run: Run, { kind, phase, subject }: Failure): readonly PlannedRisk[] {
  const { risks = [], phases } = run.plan;
  const planned = phases.find(({ id }) => id === phase);
  if (planned === undefined) return [];
  return kind === 'step' ? risksOfStep(risks, planned.id, subject) : risksOfPhase(risks, planned);
}

function isForPerson({ probe }: Requirement): boolean {
  return probe.how === 'person';
}

function optionsFor(run: Run, failure: Failure): readonly Option[] {
  const full: readonly Option[] = run.view.applied.length > 0 ? ['rollback-full'] : [];
  switch (failure.kind) {
    case 'step':
      return ['retry', 'skip', 'rollback-step', 'rollback-phase', 'rollback-full', 'abort'];
    case 'gate':
      return ['retry', 'skip', 'rollback-phase', 'rollback-full', 'abort'];
    case 'completion':
      return ['retry', 'skip', 'rollback-phase', ...full, 'abort'];
    case 'phase':
    case 'prerequisite':
    case 'constraints':
      return ['retry', 'skip', ...full, 'abort'];
    default:
      return failure.kind satisfies never;
  }
}

/** Asks, and does what the answer says, except for a rollback. */
async function askCourse(run: Run, failure: Failure, picked: Level): Promise<Course> {
  const asked = { id: failure.subject, watch: failure.whileAsked };
  const answer = await askUnderWatch(run, asked, questionAbout(run, failure, picked), null);
  const { by } = answer;
  switch (answer.option) {
    case 'rollback-step':
      return { level: 'step', by };
    case 'rollback-phase':
      return { level: 'phase', by };
    case 'rollback-full':
      return { level: 'full', by };
    case 'skip':
      return skipIfApproved(run, failure, answer);
    case 'abort':
      run.end('aborted', `Aborted by ${by} after: ${failure.cause} ${describeApplied(run.view)}`);
      return 'go-on';
    default:
      return 'go-on';
  }
}

/** A gate is skipped by its own approvers only, under its own rules: a rejection must not be undone by one voter's skip. */
async function skipIfApproved(run: Run, failure: Failure, { by, reason }: Answer): Promise<Course> {
  const skipped = `Skipped by ${by}: ${reason ?? ''}`;
  const approval = approvalOf(run, failure);
  if (approval === null) {
    skip(run, failure, skipped);
    return 'go-on';
  }
  const answer = await ask(run, {
    kind: 'approval',
    subject: failure.subject,
    question: `Skip ${failure.subject}? ${by} asks for it: ${reason ?? ''} It failed: ${failure.cause}`,
    needs: needsOf(run, approval.approvers),
    evidence: failure.evidence,
  });
  if (answer.option !== 'approve') return 'ask';
  skip(run, failure, `${skipped} Approved by ${answer.by}.`);
  return 'go-on';
}

function approvalOf(run: Run, failure: Failure): Approval | null {
  const { kind } = failure;
  switch (kind) {
    case 'gate':
      return failedGate(run, failure)?.approval ?? null;
    case 'completion':
      return run.plan.completion.approval;
    case 'prerequisite':
    case 'constraints':
    case 'phase':
    case 'step':
      return null;
    default:
      return kind satisfies never;
  }
}

function skip(run: Run, failure: Failure, reason: string): void {
  const { kind, subject, phase } = failure;
  switch (kind) {
    case 'step':
      run.emit({ type: 'step-status', phase: phase ?? '', step: subject, status: 'skipped', reason });
      break;
    case 'gate':
      run.emit({ type: 'gate-status', phase: phase ?? '', gate: subject, status: 'passed', reason });
      break;
    case 'phase':
      run.emit({ type: 'phase-status', phase: subject, status: 'running', reason });
      break;
    case 'prerequisite':
      run.emit({ type: 'prerequisite-status', id: subject, status: 'skipped', reason });
      break;
    case 'constraints':
      run.cleared.constraints = true;
      break;
    case 'completion':
      run.emit({ type: 'completion-status', status: 'passed', reason });
      break;
    default:
      kind satisfies never;
  }
}
