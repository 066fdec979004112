/** The model's world: what is done, undone, asked and evaluated in it, and how it all stands. Pure. */
import type { Level } from '../../strategy/plan.js';
import type { DecisionKind, Option } from '../../strategy/run/decision.js';
import { type Interjection, moveOf } from './actor.js';
import {
  type Act,
  authorityIn,
  BOUND,
  type Case,
  type Check,
  type Fact,
  type PhaseCase,
  type Role,
  raises,
  type StepCase,
} from './case.js';

export interface Failure {
  readonly kind: 'prerequisite' | 'constraints' | 'phase' | 'step' | 'gate' | 'completion';
  readonly subject: string;
  readonly phase: string | null;
  readonly responsible: Role | null;
  readonly level: Level | null;
}
export class Failed extends Error {
  constructor(readonly failure: Failure) {
    super(failure.subject);
  }
}
/** An error of sluice's own code. */
export class Broken extends Error {}
export type PersonCommand = Exclude<Interjection, { command: 'pause' }>;
export class Commanded extends Error {
  constructor(readonly command: PersonCommand) {
    super(command.command);
  }
}

export interface StepState {
  status: string;
  /** How often it was undone, or begun anew while it stood: its effects are others then. */
  life: number;
  done: number;
}
export interface Place {
  readonly phase: PhaseCase;
  readonly step: StepCase;
}

export class World {
  protected readonly effects: string[] = [];
  protected readonly trace: string[] = [];
  protected readonly evaluations: Record<string, number> = {};
  protected readonly tries = new Map<string, number>();
  protected readonly asked = new Map<string, number>();
  /** Effects that are done, by what makes them one and the same. */
  protected readonly journal = new Set<string>();
  protected readonly steps = new Map<string, StepState>();
  protected readonly phases = new Map<string, string>();
  protected readonly gates = new Map<string, string>();
  protected readonly prerequisites = new Map<string, string>();
  protected readonly clears: boolean;
  protected applied: string[] = [];
  protected high = false;
  protected cleared = false;
  protected rollbacks = 0;
  protected rollback: { level: Level; landing: string } | null = null;
  protected landing: string | null = null;
  protected status: string | null = null;

  constructor(protected readonly given: Case) {
    this.clears = raises(given);
    for (const phase of given.phases) {
      this.phases.set(phase.id, 'pending');
      for (const { id } of phase.steps) this.steps.set(id, { status: 'pending', life: 0, done: 0 });
    }
  }

  /** Carries one action out, once for its key; asks people for what only they can do. */
  protected effect(
    key: string,
    subject: string,
    verb: string,
    index: number,
    group: readonly Act[],
    who: Role | null,
    tries: number,
  ): boolean {
    const trace = (outcome: string) => this.trace.push(`${verb} ${subject} ${index} ${outcome}`);
    if (group[0]?.kind === 'manual') {
      const answer = this.ask(
        'manual',
        verb === 'undo' ? `undo-${subject}` : subject,
        [who],
        ['done', 'failed'],
      );
      trace(answer);
      return answer === 'done';
    }
    for (let tried = 1; tried <= tries; tried += 1) {
      const done = this.journal.has(`${key}/${index}`) || this.act(group);
      trace(done ? 'done' : 'failed');
      if (!done) continue;
      this.journal.add(`${key}/${index}`);
      return true;
    }
    return false;
  }

  /** Statements of one transaction take effect together or not at all. */
  protected act(group: readonly Act[]): boolean {
    for (const { name, kind, trouble, raises } of group) {
      const nth = (this.tries.get(name) ?? 0) + 1;
      this.tries.set(name, nth);
      const fails = trouble !== null && nth <= trouble.times;
      if (fails && (trouble.how === 'early' || kind.startsWith('sql'))) return false;
      if (!kind.startsWith('sql')) this.effects.push(name);
      if (fails) return false;
      if (nth <= raises) this.high = true;
    }
    if (group[0]?.kind.startsWith('sql')) this.effects.push(...group.map(({ name }) => name));
    return true;
  }

  /** True when a sentence is left for a person. @throws Failed */
  protected settle(subject: string, checks: readonly Check[], who: Role | null, failure: Failure): boolean {
    let verdicts = this.evaluate(checks);
    while (verdicts.includes('inconclusive') && !verdicts.includes('fail')) {
      const answer = this.ask('inconclusive', subject, [who], ['retry', 'pass', 'fail']);
      if (answer === 'retry') verdicts = this.evaluate(checks);
      else verdicts = verdicts.map((verdict) => (verdict === 'inconclusive' ? answer : verdict));
    }
    if (verdicts.includes('fail')) throw new Failed(failure);
    return checks.some(isOpen);
  }

  protected evaluate(checks: readonly Check[], trigger = false): readonly string[] {
    return checks
      .filter((check) => !isOpen(check))
      .map((check) => {
        switch (check.how) {
          case 'machine': {
            const nth = (this.evaluations[check.name] ?? 0) + 1;
            this.evaluations[check.name] = nth;
            return nth <= check.times ? check.bad : 'pass';
          }
          case 'sql':
            return check.verdict;
          case 'metric':
            return this.high === trigger ? 'pass' : 'fail';
          case 'state':
            return this.holds(check.fact) ? 'pass' : 'fail';
          default:
            return 'pass';
        }
      });
  }

  protected holds({ of, id }: Fact): boolean {
    if (of === 'step') return this.stepOf(id).status === 'completed';
    if (of === 'phase') return this.phases.get(id) === 'completed';
    if (of === 'gate') return this.gates.get(id) === 'passed';
    if (of === 'prerequisite') return this.prerequisites.get(id) === 'verified';
    const gates = this.given.phases.flatMap(({ gate, gates: placed }) => [
      ...placed,
      ...(gate === null ? [] : [gate]),
    ]);
    return gates.every((gate) => this.gates.get(gate.id) === 'passed');
  }

  protected ask(
    kind: DecisionKind,
    subject: string,
    who: readonly (Role | null)[],
    options: readonly Option[],
  ): Option {
    const id = this.opened(kind, subject, who, options);
    const { interjects, option } = moveOf(this.given, id, kind, options);
    if (interjects !== null && interjects.command !== 'pause' && this.accepts(interjects)) {
      this.trace.push(`command ${interjects.command}${'to' in interjects ? ` ${interjects.to}` : ''}`);
      if (this.approvedCommand(interjects)) {
        this.trace.push(`answer ${id}: none`);
        throw new Commanded(interjects);
      }
    }
    this.trace.push(`answer ${id}: ${option}`);
    return option;
  }

  /** The id of a question that is put now. */
  private opened(
    kind: DecisionKind,
    subject: string,
    who: readonly (Role | null)[],
    options: readonly Option[],
  ): string {
    const name = `${kind}:${subject}`;
    const times = (this.asked.get(name) ?? 0) + 1;
    this.asked.set(name, times);
    const id = times === 1 ? name : `${name}#${times}`;
    const needs = who.flatMap((role) => {
      if (role === null) return [];
      const counts = kind === 'approval' || kind === 'rollback-approval';
      return [`${role}*${counts ? (BOUND[role]?.votes ?? 1) : 1}`];
    });
    this.trace.push(`ask ${id} of [${needs.join(', ')}]: ${options.join(', ')}`);
    return id;
  }

  /** The level's decision maker is asked while everything else waits; `erin`, who holds Ops, needs not ask herself. */
  private approvedCommand(command: PersonCommand): boolean {
    const level = command.command === 'rollback' ? this.levelOf(this.levelAt(command.to)) : undefined;
    if (level === undefined || !level.approval || level.maker === 'Ops') return true;
    const id = this.opened('rollback-approval', level.level, [level.maker], ['approve', 'reject']);
    const { option } = moveOf(this.given, id, 'rollback-approval', ['approve', 'reject']);
    this.trace.push(`answer ${id}: ${option}`);
    return option === 'approve';
  }

  protected levelAt(landing: string): Level {
    if (landing === 'start') return 'full';
    return this.phases.has(landing) ? 'phase' : 'step';
  }

  /** A command takes authority, and a rollback something to undo, and more than a rollback under way undoes anyway. */
  protected accepts(command: PersonCommand): boolean {
    const allowed = authorityIn(this.given);
    if (allowed.length > 0 && !allowed.includes('Ops')) return false;
    if (command.command === 'abort') return true;
    const places = this.stepsAfter(command.to) ?? [];
    if (this.rollback !== null && (this.stepsAfter(this.rollback.landing)?.length ?? 0) >= places.length)
      return false;
    return places.some(({ step }) => this.of(step).status !== 'pending');
  }

  /** Every step behind a landing, last first. */
  protected stepsAfter(landing: string): readonly Place[] | null {
    const all = this.given.phases.flatMap((phase) => phase.steps.map((step): Place => ({ phase, step })));
    if (landing === 'start') return all.reverse();
    const last = all.findLastIndex(({ phase, step }) => step.id === landing || phase.id === landing);
    return last === -1 ? null : all.slice(last + 1).reverse();
  }

  protected landingOf(level: Level, phase: string | null, step: string | null): string {
    const { phases } = this.given;
    if (level === 'full') return 'start';
    // Seen from the completion, the last phase is the one that is taken back.
    if (phase === null) return (level === 'phase' ? phases.at(-2)?.id : phases.at(-1)?.id) ?? 'start';
    const at = phases.findIndex(({ id }) => id === phase);
    const before = phases[at - 1]?.id ?? 'start';
    if (level === 'phase' || step === null) return before;
    const steps = phases[at]?.steps ?? [];
    return steps[steps.findIndex(({ id }) => id === step) - 1]?.id ?? before;
  }

  /** What is behind the landing no longer stands; `again`: it is to be carried out again. */
  protected land(landing: string, again: boolean): void {
    const behind = new Set((this.stepsAfter(landing) ?? []).map(({ step }) => step.id));
    this.landing = landing;
    this.gates.delete('completion');
    for (const { id, steps, gate, gates } of this.given.phases) {
      const whole = steps.every((step) => behind.has(step.id));
      if (!whole && !steps.some((step) => behind.has(step.id) || step.id === landing)) continue;
      if (gate !== null) this.gates.delete(gate.id);
      for (const { id: placed, after } of gates) {
        if (after === null ? whole : after === landing || behind.has(after)) this.gates.delete(placed);
      }
      if (!whole) this.phases.set(id, 'running');
      else if (this.phases.get(id) !== 'pending') this.phases.set(id, again ? 'pending' : 'rolled_back');
      this.resetSteps(
        steps.filter((step) => behind.has(step.id)),
        again,
      );
    }
  }

  private resetSteps(steps: readonly StepCase[], again: boolean): void {
    for (const step of steps) this.resetStep(step, again);
  }

  private resetStep(step: StepCase, again: boolean): void {
    const state = this.of(step);
    // What a person left standing is begun anew: neither what was done nor what was undone of it counts any more.
    if (again && this.applied.includes(step.id)) state.life += 1;
    if (again) Object.assign(state, { status: 'pending', done: 0 });
    else if (!['pending', 'rollback_failed'].includes(state.status))
      Object.assign(state, { status: 'rolled_back', done: 0 });
  }

  protected end(status: string, landing: string | null): null {
    this.status = status;
    for (const step of this.steps.values())
      if (step.status === 'rolling_back') step.status = 'rollback_failed';
    this.landing = landing ?? this.landing;
    this.trace.push(`end ${status}`);
    return null;
  }

  protected levelOf(level: Level) {
    return this.given.levels.find((one) => one.level === level);
  }

  protected of({ id }: StepCase): StepState {
    return this.stepOf(id);
  }

  protected stepOf(id: string): StepState {
    const state = this.steps.get(id);
    if (state === undefined) throw new Error(`The case has no step ${id}.`);
    return state;
  }
}

export function isOpen({ how }: Check): boolean {
  return how === 'person';
}

/** Statements that follow each other are one transaction, what people do in a row is one checklist. */
export function grouped(acts: readonly Act[]): readonly (readonly Act[])[] {
  const groups: Act[][] = [];
  for (const act of acts) {
    const last = groups.at(-1);
    const joins = (act.kind === 'sql' || act.kind === 'manual') && last?.[0]?.kind === act.kind;
    if (joins) last?.push(act);
    else groups.push([act]);
  }
  return groups;
}
