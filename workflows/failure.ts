/** What follows a failure: as the strategy says, a person is asked first or the rollback begins at once. */
import type { Level, Requirement } from '../strategy/plan.js';
import type { Option } from '../strategy/run/decision.js';
import { pickLevel } from '../strategy/run/ladder.js';
import { describeApplied } from '../strategy/run/wording.js';
import { ask, needOf } from './decisions.js';
import type { Failure } from './failure-types.js';
import { approved, levelOf } from './levels.js';
import { evaluate } from './requirements.js';
import { rollBack } from './rollback.js';
import type { Run } from './run.js';

/** Acts on a failure. When it returns and the run has not ended, the migration is carried out again from where it stands. */
export async function handleFailure(run: Run, failure: Failure): Promise<void> {
  const fired = await firingLevels(run);
  const picked = pickLevel(
    failure.kind,
    run.plan.levels,
    failure.level === null ? fired : [...fired, failure.level],
  );
  if (run.view.onFailure === 'full') {
    if (run.view.applied.length === 0) run.end('failed', `${failure.cause} Nothing was applied.`, 'start');
    else await rollBack(run, { level: 'full', failure, cause: failure.cause, by: null });
    return;
  }
  let level: Level | null = failure.decided || !asksFirst(run, failure) ? picked : null;
  for (;;) {
    if (level === null) {
      const answer = await ask(run, questionAbout(run, failure, picked));
      level = await act(run, failure, answer.option, answer.by, answer.reason);
      if (level === null) return;
    }
    if (await approved(run, level, failure.cause)) break;
    level = null;
  }
  await rollBack(run, { level, failure, cause: failure.cause, by: null });
}

/** `failure_response: rollback`, or a phase without a gate, acts at once; what stands before any phase is asked about. */
function asksFirst(run: Run, failure: Failure): boolean {
  if (failure.kind !== 'step' && failure.kind !== 'gate') return true;
  const gate = run.plan.phases.find(({ id }) => id === failure.phase)?.gate ?? null;
  return gate !== null && gate.failureResponse !== 'rollback';
}

/** The levels whose trigger conditions hold now. No data does not fire. */
async function firingLevels(run: Run): Promise<readonly Level[]> {
  const fired: Level[] = [];
  for (const { level, triggers } of run.plan.levels) {
    const byMachine = triggers.filter(({ probe }) => probe.how !== 'person');
    const results = await evaluate(run, { kind: 'rollback', id: level }, byMachine);
    if (results.some(({ verdict }) => verdict === 'pass')) fired.push(level);
  }
  return fired;
}

function questionAbout(run: Run, failure: Failure, picked: Level): Parameters<typeof ask>[1] {
  const decider = levelOf(run, picked)?.decisionMaker ?? failure.responsible;
  return {
    kind: 'failure',
    subject: failure.subject,
    question: `${failure.subject} failed: ${failure.cause} What now?`,
    options: optionsFor(run, failure),
    needs: needOf(decider),
    evidence: failure.evidence,
    checklist: run.plan.levels.flatMap(({ level, triggers }) =>
      triggers.filter(isForPerson).map(({ text }) => `calls for rollback-${level}: ${text}`),
    ),
  };
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

/** Does what the answer says; the level when it says to roll back. */
async function act(
  run: Run,
  failure: Failure,
  option: Option,
  by: string,
  reason: string | null,
): Promise<Level | null> {
  switch (option) {
    case 'rollback-step':
      return 'step';
    case 'rollback-phase':
      return 'phase';
    case 'rollback-full':
      return 'full';
    case 'skip':
      skip(run, failure, `Skipped by ${by}: ${reason ?? ''}`);
      return null;
    case 'abort':
      run.end('aborted', `Aborted by ${by} after: ${failure.cause} ${describeApplied(run.view)}`);
      return null;
    default:
      return null;
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
