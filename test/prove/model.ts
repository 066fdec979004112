/**
 * The reference model: what may be observed of a case, by the words of the design and without Temporal, time or I/O.
 * It is told a second time here, as simply as possible, so that it can disagree with the workflows.
 */
import type { FailureResponse, Level } from '../../strategy/plan.js';
import type { Option } from '../../strategy/run/decision.js';
import {
  approversOf,
  type Case,
  type Check,
  type PhaseCase,
  type PlacedGateCase,
  type Role,
  type StepCase,
} from './case.js';
import { WayBack } from './model-way-back.js';
import {
  Broken,
  Commanded,
  Failed,
  type Failure,
  grouped,
  isOpen,
  type PersonCommand,
} from './model-world.js';

export interface Observed {
  /** What took effect in the world, in order. */
  readonly effects: readonly string[];
  /** Actions, questions, answers, alerts and rollbacks, in order, one line each. */
  readonly trace: readonly string[];
  /** How often each check was evaluated. */
  readonly evaluations: Readonly<Record<string, number>>;
  readonly steps: Readonly<Record<string, string>>;
  readonly applied: readonly string[];
  readonly status: string;
  readonly landing: string | null;
}

export function foresee(given: Case): Observed {
  return new Model(given).run();
}

class Model extends WayBack {
  run(): Observed {
    let next: () => void = () => this.carryOut();
    if (this.given.prerequisites.some(({ status }) => status === 'blocked')) this.end('failed', 'start');
    while (this.status === null) {
      try {
        next();
        next = () => this.carryOut();
      } catch (error) {
        if (error instanceof Failed) next = () => this.answerFailure(error.failure);
        else if (error instanceof Broken) next = () => this.decideAfterError();
        else if (error instanceof Commanded) next = () => this.handleCommand(error.command);
        else throw error;
      }
    }
    const { effects, trace, evaluations, applied, status, landing } = this;
    const steps = Object.fromEntries([...this.steps].map(([id, step]) => [id, step.status]));
    return { effects, trace, evaluations, steps, applied, status, landing };
  }

  private carryOut(): void {
    for (const { id, owner, status, check } of this.given.prerequisites) {
      if (this.prerequisites.has(id)) continue;
      const failure = {
        kind: 'prerequisite',
        subject: id,
        phase: null,
        responsible: owner,
        level: null,
      } as const;
      const open = this.settle(id, [check], owner, failure);
      // What the strategy states is asked of nobody; what a machine can verify is verified all the same.
      const asks = open && status !== 'verified';
      if (asks && this.ask('prerequisite', id, [owner], ['verified', 'blocked']) === 'blocked')
        throw new Failed(failure);
      this.prerequisites.set(id, 'verified');
    }
    if (this.given.constrained && !this.cleared) {
      const failure = {
        kind: 'constraints',
        subject: 'constraints',
        phase: null,
        responsible: null,
        level: null,
      } as const;
      if (this.ask('confirm', 'constraints', [], ['confirm', 'deny']) === 'deny') throw new Failed(failure);
      this.cleared = true;
    }
    for (const phase of this.given.phases) this.carryOutPhase(phase);
    if (this.gates.get('completion') !== 'passed') {
      const { checks, approvers } = this.given.completion;
      const throughout = this.given.continuous.includes('person') ? [ASKED] : [];
      this.decideGate('completion', null, 'completion', { checks: [...checks, ...throughout], approvers });
    }
    this.end('completed', null);
  }

  private carryOutPhase(phase: PhaseCase): void {
    const { id, gate } = phase;
    if (this.phases.get(id) === 'completed') return;
    if (this.phases.get(id) !== 'running') {
      this.phases.set(id, 'failed');
      const failure = { kind: 'phase', subject: id, phase: id, responsible: null, level: null } as const;
      const open = this.settle(id, phase.start, null, failure);
      if (open && this.ask('confirm', id, [], ['confirm', 'deny']) === 'deny') throw new Failed(failure);
      this.phases.set(id, 'running');
    }
    this.passGates(phase, null);
    for (const step of phase.steps) {
      if (!['completed', 'skipped'].includes(this.of(step).status)) this.carryOutStep(phase, step);
      this.passGates(phase, step.id);
    }
    if (gate !== null && this.gates.get(gate.id) !== 'passed')
      this.decideGate(gate.id, phase.id, 'gate', gate);
    this.phases.set(id, 'completed');
  }

  /** A manual gate is asked, whatever a machine could tell; it and a hybrid one are signed. */
  private passGates(phase: PhaseCase, after: string | null): void {
    for (const gate of phase.gates.filter((each) => each.after === after)) {
      const { id, type, checks, escalation } = gate;
      if (this.gates.get(id) === 'passed') continue;
      const approvers = approversOf(phase, gate);
      const responsible = approvers[0] ?? null;
      const failure: Failure = {
        kind: 'gate',
        subject: id,
        phase: phase.id,
        responsible: escalation ?? responsible,
        level: null,
      };
      const asked = type === 'manual' ? checks.map(() => ASKED) : checks;
      const open = this.settle(id, asked, responsible, failure);
      if (isSigned(gate)) {
        if (this.ask('approval', id, approvers, ['approve', 'reject']) === 'reject')
          throw new Failed(failure);
      } else if (open && this.ask('confirm', id, [responsible], ['confirm', 'deny']) === 'deny') {
        throw new Failed(failure);
      }
      this.gates.set(id, 'passed');
    }
  }

  /** What can go wrong in a step is tried in order: preconditions, actions, checks, alerts, what people confirm. */
  private carryOutStep(phase: PhaseCase, step: StepCase): void {
    const { id, responsible } = step;
    const state = this.of(step);
    const failure = (level: Level | null = null): Failure => ({
      kind: 'step',
      subject: id,
      phase: phase.id,
      responsible,
      level,
    });
    const confirm = (checks: readonly Check[]) => {
      if (!checks.some(isOpen)) return;
      if (this.ask('confirm', id, [responsible], ['confirm', 'deny']) === 'deny') throw new Failed(failure());
    };
    // Whatever stops it, it has failed.
    state.status = 'failed';
    if (this.clears) this.high = false;
    this.settle(id, step.preconditions, responsible, failure());
    confirm(step.preconditions);
    if (step.broken) throw new Broken();
    const undoable = step.acts.length > 0 || (typeof step.undo !== 'string' && step.undo.acts.length > 0);
    if (undoable && !this.applied.includes(id)) this.applied.push(id);
    const watched = this.watched(step);
    grouped(step.acts).forEach((group, index) => {
      if (index < state.done) return;
      if (!this.effect(`${id}/apply/${state.life}`, id, 'do', index, group, responsible, step.tries))
        throw new Failed(failure());
      state.done = index + 1;
    });
    this.settle(id, step.checks, responsible, failure());
    if (watched.some(({ metric }) => metric === 'trouble') && this.high) {
      this.trace.push(`alert ${id}`);
      throw new Failed(failure(watched.reduce<Level | null>((level, one) => higher(level, one.level), null)));
    }
    while (watched.some(({ metric }) => metric === 'nodata')) {
      const answer = this.ask('inconclusive', id, [responsible], ['retry', 'pass', 'fail']);
      if (answer === 'fail') throw new Failed(failure());
      if (answer === 'pass') break;
    }
    confirm(step.checks);
    state.status = 'completed';
  }

  private watched(step: StepCase): readonly { metric: string; level: Level | null }[] {
    const triggers = this.given.levels.filter((level) => level.triggers.some(({ how }) => how === 'metric'));
    return [
      ...step.alerts.map((metric) => ({ metric, level: null })),
      ...triggers.map(({ level }) => ({ metric: 'trouble', level })),
      ...this.given.continuous
        .filter((how) => how === 'metric' || how === 'command' || how === 'alert')
        .map(() => ({ metric: 'trouble', level: null })),
    ];
  }

  private decideGate(
    id: string,
    phase: string | null,
    kind: 'gate' | 'completion',
    { checks, approvers }: { readonly checks: readonly Check[]; readonly approvers: readonly Role[] },
  ): void {
    const responsible = approvers[0] ?? null;
    const failure: Failure = { kind, subject: id, phase, responsible, level: null };
    const open = this.settle(id, checks, responsible, failure);
    if (approvers.length > 0) {
      if (this.ask('approval', id, approvers, ['approve', 'reject']) === 'reject') throw new Failed(failure);
    } else if (open && this.ask('confirm', id, [], ['confirm', 'deny']) === 'deny') throw new Failed(failure);
    this.gates.set(id, 'passed');
  }

  private answerFailure(failure: Failure): void {
    const fired = this.given.levels.filter(({ triggers }) => this.evaluate(triggers, true).includes('pass'));
    const picked = pickLevel(this.given, failure, [failure.level, ...fired.map(({ level }) => level)]);
    if (this.given.onFailure === 'full') {
      if (this.applied.length === 0) this.end('failed', 'start');
      else this.rollBack('full', 'start', false);
      return;
    }
    let level = asksFirst(this.given, failure) ? this.levelAsked(failure, picked) : picked;
    while (level !== null && !this.approved(level)) level = this.levelAsked(failure, picked);
    if (level === null) return;
    const step = failure.kind === 'step' ? failure.subject : null;
    // Under `--on-failure full` nobody was asked.
    this.rollBack(level, this.landingOf(level, failure.phase, step), true);
  }

  /** How far somebody wants to go back; null when not at all, and what was said instead is done. */
  private levelAsked(failure: Failure, picked: Level): Level | null {
    const decider = this.levelOf(picked)?.maker ?? failure.responsible;
    const options = optionsAfter(failure, this.applied.length > 0);
    const answer = this.ask('failure', failure.subject, [decider], options);
    if (answer === 'skip')
      return this.mayBeSkipped(failure) ? this.skip(failure) : this.levelAsked(failure, picked);
    if (answer === 'abort') this.end('aborted', null);
    else if (answer === 'rollback-step') return 'step';
    else if (answer === 'rollback-phase') return 'phase';
    else if (answer === 'rollback-full') return 'full';
    return null;
  }

  /** A gate is skipped by those who approve it. */
  private mayBeSkipped({ kind, subject }: Failure): boolean {
    const placed = placedGate(this.given, { kind, subject });
    if (placed !== null) {
      if (!isSigned(placed.gate)) return true;
      const asked = approversOf(placed.phase, placed.gate);
      return this.ask('approval', subject, asked, ['approve', 'reject']) === 'approve';
    }
    const gates = this.given.phases.flatMap(({ gate }) => (gate === null ? [] : [gate]));
    const approvers =
      kind === 'completion'
        ? this.given.completion.approvers
        : (gates.find(({ id }) => kind === 'gate' && id === subject)?.approvers ?? []);
    return (
      approvers.length === 0 || this.ask('approval', subject, approvers, ['approve', 'reject']) === 'approve'
    );
  }

  private skip({ kind, subject }: Failure): null {
    if (kind === 'step') this.stepOf(subject).status = 'skipped';
    else if (kind === 'phase') this.phases.set(subject, 'running');
    else if (kind === 'prerequisite') this.prerequisites.set(subject, 'skipped');
    else if (kind === 'constraints') this.cleared = true;
    else this.gates.set(subject, 'passed');
    return null;
  }

  /** An error of sluice's own: a person decides, also under `--on-failure full`. */
  private decideAfterError(): void {
    const options: readonly Option[] = ['retry', ...(this.applied.length > 0 ? FULL : []), 'abort'];
    let answer: Option;
    do answer = this.ask('failure', 'sluice', [this.levelOf('full')?.maker ?? null], options);
    while (answer === 'rollback-full' && !this.approved('full'));
    if (answer === 'rollback-full') this.rollBack('full', 'start', true);
    else if (answer === 'abort') this.end('aborted', null);
  }

  private handleCommand(command: PersonCommand): void {
    if (command.command === 'abort') return void this.end('aborted', null);
    this.rollBack(this.levelAt(command.to), command.to, true);
  }
}

/** What only a person can say, whatever its words are. */
const ASKED: Check = { how: 'person', name: '' };

function isSigned({ type }: PlacedGateCase): boolean {
  return type !== 'automated';
}

/** Null when something else failed. */
function placedGate(
  given: Case,
  { kind, subject }: Pick<Failure, 'kind' | 'subject'>,
): { readonly phase: PhaseCase; readonly gate: PlacedGateCase } | null {
  const placed = given.phases.flatMap((phase) => phase.gates.map((gate) => ({ phase, gate })));
  return kind === 'gate' ? (placed.find(({ gate }) => gate.id === subject) ?? null) : null;
}

const FULL: readonly Option[] = ['rollback-full'];
const LADDER: readonly Level[] = ['step', 'phase', 'full'];

function higher(one: Level | null, other: Level | null): Level | null {
  if (one === null || other === null) return one ?? other;
  return LADDER.indexOf(one) >= LADDER.indexOf(other) ? one : other;
}

function pickLevel(given: Case, { kind }: Failure, fired: readonly (Level | null)[]): Level {
  const highest = fired.reduce(higher, null);
  if (highest !== null) return kind === 'step' ? highest : (higher(highest, 'phase') ?? highest);
  if (kind === 'step') return given.levels.some(({ level }) => level === 'step') ? 'step' : 'phase';
  return kind === 'gate' || kind === 'phase' ? 'phase' : 'full';
}

/** What is not in a step or at a gate is asked about; the rest as the phase's gate says, at once without a gate. */
function asksFirst(given: Case, failure: Failure): boolean {
  if (failure.kind !== 'step' && failure.kind !== 'gate') return true;
  const placed = placedGate(given, failure);
  if (placed !== null) return placed.gate.response !== 'rollback';
  const response: FailureResponse =
    given.phases.find(({ id }) => id === failure.phase)?.gate?.response ?? 'rollback';
  return response !== 'rollback';
}

function optionsAfter({ kind }: Failure, applied: boolean): readonly Option[] {
  const full = applied ? FULL : [];
  if (kind === 'step') return ['retry', 'skip', 'rollback-step', 'rollback-phase', 'rollback-full', 'abort'];
  if (kind === 'gate') return ['retry', 'skip', 'rollback-phase', 'rollback-full', 'abort'];
  return kind === 'completion'
    ? ['retry', 'skip', 'rollback-phase', ...full, 'abort']
    : ['retry', 'skip', ...full, 'abort'];
}
