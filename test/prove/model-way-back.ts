/** The way back in the model: what is undone, in which order, and what is asked on the way. Pure. */
import type { Level } from '../../strategy/plan.js';
import type { Option } from '../../strategy/run/decision.js';
import type { Act, PhaseCase, Role, StepCase } from './case.js';
import { grouped, isOpen, World } from './model-world.js';

/** Who is asked about an undo that fails, as what, and which steps it concerns. */
interface Undoing {
  readonly subject: string;
  readonly steps: readonly StepCase[];
  readonly who: Role | null;
}

export class WayBack extends World {
  /** Undoes what is behind the landing, last first, then lets people say how it continues; `chosen` by a person, it stays partial. */
  protected rollBack(first: Level, to: string, chosen: boolean): void {
    let level = first;
    let landing = to;
    for (;;) {
      this.rollbacks += 1;
      this.rollback = { level, landing };
      this.trace.push(`rollback ${this.rollbacks} ${level} to ${landing}`);
      for (const state of this.steps.values())
        if (state.status === 'rollback_failed') state.status = 'failed';
      const undone = this.undoBehind(landing);
      const complete = undone && this.settleLevel(level);
      const landed = undone ? landing : (this.applied.at(-1) ?? 'start');
      this.rollback = null;
      this.land(landed, false);
      this.trace.push(`landed ${landed}`);
      const further = this.afterwards(level, landed, complete, chosen);
      if (further === null) return;
      ({ level, landing } = further);
    }
  }

  protected afterwards(
    level: Level,
    landing: string,
    complete: boolean,
    chosen: boolean,
  ): { level: Level; landing: string } | null {
    const within = this.given.phases.find(({ steps }) => steps.some(({ id }) => id === landing));
    const further: { level: Level; landing: string } =
      within === undefined
        ? { level: 'full', landing: 'start' }
        : { level: 'phase', landing: this.landingOf('phase', within.id, null) };
    if (this.applied.length === 0 && complete) return this.end('rolled_back', 'start');
    if (landing === 'start' || (level === 'full' && !complete)) return this.end('failed', landing);
    if (this.given.onFailure === 'full' && complete && !chosen) return { level: 'full', landing: 'start' };
    for (;;) {
      const options: readonly Option[] = complete
        ? ['retry', 'rollback-further', 'end']
        : ['rollback-further', 'end'];
      const answer = this.ask('after-rollback', landing, [this.levelOf(level)?.maker ?? null], options);
      if (answer === 'end') return this.end(complete ? 'rolled_back' : 'failed', landing);
      if (answer === 'retry') {
        this.land(landing, true);
        return null;
      }
      if (this.approved(further.level)) return further;
    }
  }

  protected undoBehind(landing: string): boolean {
    const places = this.stepsAfter(landing) ?? [];
    const covered = places.map(({ step }) => step).filter((step) => this.isCovered(step));
    let entered: PhaseCase | null = null;
    for (const { phase, step } of places) {
      if (['pending', 'rolled_back', 'rollback_failed'].includes(this.of(step).status)) continue;
      if (phase !== entered && !this.mayUndo(phase)) return false;
      entered = phase;
      // The level's script comes with the oldest step that it covers, for all of them.
      if (covered.includes(step)) {
        if (step === covered.at(-1) && !this.undoCovered(covered)) return false;
      } else if (!this.undo(step)) return false;
    }
    return true;
  }

  /** A phase of no return asks before its first step is undone. */
  private mayUndo(phase: PhaseCase): boolean {
    const stands = phase.steps.some(({ id }) => this.applied.includes(id));
    if (!phase.pointOfNoReturn || !stands || this.rollback === null) return true;
    const maker = this.levelOf(this.rollback.level)?.maker ?? null;
    return this.ask('confirm', phase.id, [maker], ['confirm', 'deny']) === 'confirm';
  }

  private isCovered(step: StepCase): boolean {
    const level = this.rollback === null ? undefined : this.levelOf(this.rollback.level);
    const covers = level !== undefined && level.acts.length > 0;
    const bare = step.undo === 'none' && !step.validating;
    return covers && bare && this.applied.includes(step.id) && this.of(step).status !== 'rollback_failed';
  }

  private undoCovered(steps: readonly StepCase[]): boolean {
    const level = this.rollback === null ? undefined : this.levelOf(this.rollback.level);
    if (level === undefined) throw new Error('No rollback is under way.');
    for (const step of steps) this.of(step).status = 'rolling_back';
    const name = `rollback-${this.rollbacks}`;
    const asks = { subject: `rollback-${level.level}`, steps, who: level.maker };
    return this.undoBy(asks, name, name, level.acts, level.maker, 1) ?? this.allGone(steps);
  }

  /** False when a person stopped it. */
  protected undo(step: StepCase): boolean {
    const { id, undo } = step;
    if (!this.applied.includes(id)) return this.gone(step);
    this.of(step).status = 'rolling_back';
    const asks = { subject: id, steps: [step], who: step.responsible };
    if (undo === 'impossible') return this.fails(asks, ['skip', 'done', 'stop']) ?? false;
    const key = `${id}/undo/${this.of(step).life}`;
    if (undo === 'none') {
      if (step.validating) return this.gone(step);
      return this.undoBy(asks, key, id, [byHand(id)], step.responsible, 1) ?? this.gone(step);
    }
    const left = this.undoBy(asks, key, id, undo.acts, step.responsible, step.tries);
    if (left !== null) return left;
    while (this.evaluate(undo.checks).some((verdict) => verdict !== 'pass')) {
      const answer = this.fails(asks);
      if (answer !== null) return answer;
    }
    return this.gone(step);
  }

  /** Null when every action is done; else what a person made of it. */
  private undoBy(
    asks: Undoing,
    key: string,
    subject: string,
    acts: readonly Act[],
    who: Role | null,
    tries: number,
  ): boolean | null {
    for (const [index, group] of grouped(acts).entries()) {
      while (!this.effect(key, subject, 'undo', index, group, who, tries)) {
        const left = this.fails(asks);
        if (left !== null) return left;
      }
    }
    return null;
  }

  private allGone(steps: readonly StepCase[]): true {
    for (const step of steps) this.gone(step);
    return true;
  }

  private gone(step: StepCase): true {
    const state = this.of(step);
    this.trace.push(`undone ${step.id}`);
    Object.assign(state, { status: 'rolled_back', life: state.life + 1, done: 0 });
    this.applied = this.applied.filter((other) => other !== step.id);
    return true;
  }

  /** Null when it is to be tried again; false when the rollback is to stop. */
  private fails(
    { subject, steps, who }: Undoing,
    options: readonly Option[] = ['retry', 'skip', 'done', 'stop'],
  ): boolean | null {
    for (const step of steps) {
      this.trace.push(`not undone ${step.id}`);
      this.of(step).status = 'rollback_failed';
    }
    const answer = this.ask('undo-failure', subject, [who], options);
    if (answer === 'done') return this.allGone(steps);
    if (answer === 'retry') {
      for (const step of steps) this.of(step).status = 'rolling_back';
      return null;
    }
    for (const step of steps) this.trace.push(`not undone ${step.id}`);
    return answer === 'skip';
  }

  protected settleLevel(level: Level): boolean {
    const given = this.levelOf(level);
    if (given === undefined) return true;
    const subject = `rollback-${level}`;
    if (given.manual && this.ask('manual', subject, [given.maker], ['done', 'failed']) === 'failed')
      return false;
    for (;;) {
      const hold = this.evaluate(given.checks).every((verdict) => verdict === 'pass');
      if (hold && !given.checks.some(isOpen)) return true;
      if (hold && this.ask('confirm', subject, [given.maker], ['confirm', 'deny']) === 'confirm') return true;
      const answer = this.ask('undo-failure', subject, [given.maker], ['retry', 'skip', 'done', 'stop']);
      if (answer !== 'retry') return answer !== 'stop';
    }
  }

  protected approved(level: Level): boolean {
    const given = this.levelOf(level);
    if (given === undefined || !given.approval || this.given.onFailure === 'full') return true;
    return this.ask('rollback-approval', level, [given.maker], ['approve', 'reject']) === 'approve';
  }
}

function byHand(step: string): Act {
  return { name: `${step}.hand`, kind: 'manual', trouble: null, raises: 0 };
}
