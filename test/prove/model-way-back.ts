/** The way back in the model: what is undone, in which order, and what is asked on the way. Pure. */
import type { Level } from '../../strategy/plan.js';
import type { Option } from '../../strategy/run/decision.js';
import type { Act, Role, StepCase } from './case.js';
import { grouped, isOpen, World } from './model-world.js';

export class WayBack extends World {
  /** Undoes what is behind the landing, last first, then lets people say how it goes on; `chosen` by a person, it stays partial. */
  protected takeBack(first: Level, to: string, chosen: boolean): void {
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
    for (const { step } of this.behind(landing) ?? []) {
      if (['pending', 'rolled_back', 'rollback_failed'].includes(this.of(step).status)) continue;
      if (!this.undo(step)) return false;
    }
    return true;
  }

  /** False when a person stopped it. */
  protected undo(step: StepCase): boolean {
    const { id, undo } = step;
    if (!this.applied.includes(id)) return this.gone(step);
    this.of(step).status = 'rolling_back';
    if (undo === 'impossible') return this.fails(step, ['skip', 'done', 'stop']) ?? false;
    if (undo === 'none') return step.validating ? this.gone(step) : this.undoUncovered(step);
    const left = this.undoBy(
      step,
      `${id}/undo/${this.of(step).life}`,
      id,
      undo.acts,
      step.responsible,
      step.tries,
    );
    if (left !== null) return left;
    while (this.evaluate(undo.checks).some((verdict) => verdict !== 'pass')) {
      const answer = this.fails(step);
      if (answer !== null) return answer;
    }
    return this.gone(step);
  }

  /** A step without an undo of its own: the level's actions cover it, once per rollback; without them, a person. */
  private undoUncovered(step: StepCase): boolean {
    const { id, responsible } = step;
    const level = this.rollback === null ? undefined : this.levelOf(this.rollback.level);
    if (level === undefined || level.acts.length === 0) {
      const key = `${id}/undo/${this.of(step).life}`;
      return this.undoBy(step, key, id, [byHand(id)], responsible, 1) ?? this.gone(step);
    }
    if (this.covered === this.rollbacks) return this.gone(step);
    const name = `rollback-${this.rollbacks}`;
    const left = this.undoBy(step, name, name, level.acts, level.maker, 1);
    const goesOn = left ?? this.gone(step);
    // Also when somebody did it by hand; but what was skipped is tried again for the next.
    if (!this.applied.includes(id)) this.covered = this.rollbacks;
    return goesOn;
  }

  /** Null when every action is done; else what a person made of it. */
  private undoBy(
    step: StepCase,
    key: string,
    subject: string,
    acts: readonly Act[],
    who: Role | null,
    tries: number,
  ): boolean | null {
    for (const [index, group] of grouped(acts).entries()) {
      while (!this.effect(key, subject, 'undo', index, group, who, tries)) {
        const left = this.fails(step);
        if (left !== null) return left;
      }
    }
    return null;
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
    step: StepCase,
    options: readonly Option[] = ['retry', 'skip', 'done', 'stop'],
  ): boolean | null {
    this.trace.push(`not undone ${step.id}`);
    this.of(step).status = 'rollback_failed';
    const answer = this.ask('undo-failure', step.id, [step.responsible], options);
    if (answer === 'done') return this.gone(step);
    if (answer === 'retry') {
      this.of(step).status = 'rolling_back';
      return null;
    }
    this.trace.push(`not undone ${step.id}`);
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
