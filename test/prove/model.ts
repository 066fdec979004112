/**
 * The reference model: what may be observed of a case, by the words of the design and without Temporal, time or I/O.
 * It is told a second time here, as simply as possible, so that it can disagree with the workflows.
 */
import type { FailureResponse, Level } from '../../strategy/plan.js';
import type { DecisionKind, Option } from '../../strategy/run/decision.js';
import { type Interjection, moveOf } from './actor.js';
import {
  type Act,
  BOUND,
  type Case,
  type Check,
  type Fact,
  type PhaseCase,
  type Role,
  raises,
  type StepCase,
} from './case.js';

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

interface Failure {
  readonly kind: 'prerequisite' | 'constraints' | 'phase' | 'step' | 'gate' | 'completion';
  readonly subject: string;
  readonly phase: string | null;
  readonly responsible: Role | null;
  readonly level: Level | null;
}
class Failed extends Error {
  constructor(readonly failure: Failure) {
    super(failure.subject);
  }
}
type Order = Exclude<Interjection, { order: 'pause' }>;
class Ordered extends Error {
  constructor(readonly order: Order) {
    super(order.order);
  }
}

interface StepState {
  status: string;
  /** How often it was undone, or begun anew while it stood: its effects are others then. */
  life: number;
  done: number;
}
interface Place {
  readonly phase: PhaseCase;
  readonly step: StepCase;
}

export function foresee(given: Case): Observed {
  return new Model(given).run();
}

class Model {
  private readonly effects: string[] = [];
  private readonly trace: string[] = [];
  private readonly evaluations: Record<string, number> = {};
  private readonly tries = new Map<string, number>();
  private readonly asked = new Map<string, number>();
  /** Effects that are done, by what makes them one and the same. */
  private readonly journal = new Set<string>();
  private readonly steps = new Map<string, StepState>();
  private readonly phases = new Map<string, string>();
  private readonly gates = new Map<string, string>();
  private readonly prerequisites = new Map<string, string>();
  private readonly clears: boolean;
  private applied: string[] = [];
  private high = false;
  private cleared = false;
  private rollbacks = 0;
  private rollback: { level: Level; landing: string } | null = null;
  private covered: number | null = null;
  private landing: string | null = null;
  private status: string | null = null;

  constructor(private readonly given: Case) {
    this.clears = raises(given);
    for (const phase of given.phases) {
      this.phases.set(phase.id, 'pending');
      for (const { id } of phase.steps) this.steps.set(id, { status: 'pending', life: 0, done: 0 });
    }
  }

  run(): Observed {
    let next: () => void = () => this.carryOut();
    while (this.status === null) {
      try {
        next();
        next = () => this.carryOut();
      } catch (error) {
        if (error instanceof Failed) next = () => this.answerFailure(error.failure);
        else if (error instanceof Ordered) next = () => this.obey(error.order);
        else throw error;
      }
    }
    const { effects, trace, evaluations, applied, status, landing } = this;
    const steps = Object.fromEntries([...this.steps].map(([id, step]) => [id, step.status]));
    return { effects, trace, evaluations, steps, applied, status, landing };
  }

  private carryOut(): void {
    for (const { id, owner, check } of this.given.prerequisites) {
      if (this.prerequisites.has(id)) continue;
      const failure = {
        kind: 'prerequisite',
        subject: id,
        phase: null,
        responsible: owner,
        level: null,
      } as const;
      const open = this.settle(id, [check], owner, failure);
      if (open && this.ask('prerequisite', id, [owner], ['verified', 'blocked']) === 'blocked')
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
      this.decideGate('completion', null, 'completion', this.given.completion);
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
    for (const step of phase.steps) {
      if (!['completed', 'skipped'].includes(this.of(step).status)) this.carryOutStep(phase, step);
    }
    if (gate !== null && this.gates.get(gate.id) !== 'passed')
      this.decideGate(gate.id, phase.id, 'gate', gate);
    this.phases.set(id, 'completed');
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
    if (step.acts.length > 0 && !this.applied.includes(id)) this.applied.push(id);
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
      else this.takeBack('full', 'start');
      return;
    }
    let level: Level | null = asksFirst(this.given, failure) ? null : picked;
    for (;;) {
      if (level === null) {
        const decider = this.levelOf(picked)?.maker ?? failure.responsible;
        const answer = this.ask(
          'failure',
          failure.subject,
          [decider],
          optionsAfter(failure, this.applied.length > 0),
        );
        if (answer === 'retry') return;
        if (answer === 'skip') return this.skip(failure);
        if (answer === 'abort') return void this.end('aborted', null);
        level = answer === 'rollback-step' ? 'step' : answer === 'rollback-phase' ? 'phase' : 'full';
      }
      if (this.approved(level)) break;
      level = null;
    }
    this.takeBack(
      level,
      this.landingOf(level, failure.phase, failure.kind === 'step' ? failure.subject : null),
    );
  }

  private skip({ kind, subject }: Failure): void {
    if (kind === 'step') this.stepOf(subject).status = 'skipped';
    else if (kind === 'phase') this.phases.set(subject, 'running');
    else if (kind === 'prerequisite') this.prerequisites.set(subject, 'skipped');
    else if (kind === 'constraints') this.cleared = true;
    else this.gates.set(subject, 'passed');
  }

  private obey(order: Order): void {
    if (order.order === 'abort') return void this.end('aborted', null);
    const level = order.to === 'start' ? 'full' : this.phases.has(order.to) ? 'phase' : 'step';
    this.takeBack(level, order.to);
  }

  /** Undoes what is behind the landing, last first, then lets people say how it goes on. */
  private takeBack(first: Level, to: string): void {
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
      const further = this.afterwards(level, landed, complete);
      if (further === null) return;
      ({ level, landing } = further);
    }
  }

  private afterwards(
    level: Level,
    landing: string,
    complete: boolean,
  ): { level: Level; landing: string } | null {
    const within = this.given.phases.find(({ steps }) => steps.some(({ id }) => id === landing));
    const further: { level: Level; landing: string } =
      within === undefined
        ? { level: 'full', landing: 'start' }
        : { level: 'phase', landing: this.landingOf('phase', within.id, null) };
    if (this.applied.length === 0 && complete) return this.end('rolled_back', 'start');
    if (landing === 'start' || (level === 'full' && !complete)) return this.end('failed', landing);
    if (this.given.onFailure === 'full' && complete) return { level: 'full', landing: 'start' };
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

  private undoBehind(landing: string): boolean {
    for (const { step } of this.behind(landing) ?? []) {
      if (['pending', 'rolled_back', 'rollback_failed'].includes(this.of(step).status)) continue;
      if (!this.undo(step)) return false;
    }
    return true;
  }

  /** False when a person stopped it. */
  private undo(step: StepCase): boolean {
    const state = this.of(step);
    const { id, undo, responsible } = step;
    const gone = () => {
      this.trace.push(`undone ${id}`);
      Object.assign(state, { status: 'rolled_back', life: state.life + 1, done: 0 });
      this.applied = this.applied.filter((other) => other !== id);
      return true;
    };
    /** Null when it is to be tried again. */
    const fails = (options: readonly Option[] = ['retry', 'skip', 'done', 'stop']): boolean | null => {
      this.trace.push(`not undone ${id}`);
      state.status = 'rollback_failed';
      const answer = this.ask('undo-failure', id, [responsible], options);
      if (answer === 'retry') {
        state.status = 'rolling_back';
        return null;
      }
      if (answer === 'done') return gone();
      this.trace.push(`not undone ${id}`);
      return answer === 'skip';
    };
    if (!this.applied.includes(id)) return gone();
    state.status = 'rolling_back';
    if (undo === 'impossible') return fails(['skip', 'done', 'stop']) ?? false;
    if (undo === 'none' && step.validating) return gone();
    const level = this.rollback === null ? undefined : this.levelOf(this.rollback.level);
    const covering = undo === 'none' && level !== undefined && level.acts.length > 0;
    const acts = undo !== 'none' ? undo.acts : covering ? level.acts : [byHand(id)];
    const key = covering ? `rollback-${this.rollbacks}` : `${id}/undo/${state.life}`;
    const who = covering ? level.maker : responsible;
    for (const [index, group] of grouped(covering && this.covered === this.rollbacks ? [] : acts).entries()) {
      const subject = covering ? `rollback-${this.rollbacks}` : id;
      while (!this.effect(key, subject, 'undo', index, group, who, covering ? 1 : step.tries)) {
        const left = fails();
        if (left === null) continue;
        // Done by hand: the script of the level is not called again for the other steps without an undo.
        if (covering && state.status === 'rolled_back') this.covered = this.rollbacks;
        return left;
      }
    }
    if (covering) this.covered = this.rollbacks;
    while (undo !== 'none' && this.evaluate(undo.checks).some((verdict) => verdict !== 'pass')) {
      const left = fails();
      if (left !== null) return left;
    }
    return gone();
  }

  private settleLevel(level: Level): boolean {
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

  private approved(level: Level): boolean {
    const given = this.levelOf(level);
    if (given === undefined || !given.approval || this.given.onFailure === 'full') return true;
    return this.ask('rollback-approval', level, [given.maker], ['approve', 'reject']) === 'approve';
  }

  /** Carries one action out, once for its key; asks people for what only they can do. */
  private effect(
    key: string,
    subject: string,
    verb: string,
    index: number,
    group: readonly Act[],
    who: Role | null,
    tries: number,
  ): boolean {
    const told = (outcome: string) => this.trace.push(`${verb} ${subject} ${index} ${outcome}`);
    if (group[0]?.kind === 'manual') {
      const answer = this.ask(
        'manual',
        verb === 'undo' ? `undo-${subject}` : subject,
        [who],
        ['done', 'failed'],
      );
      told(answer);
      return answer === 'done';
    }
    for (let tried = 1; tried <= tries; tried += 1) {
      const done = this.journal.has(`${key}/${index}`) || this.act(group);
      told(done ? 'done' : 'failed');
      if (!done) continue;
      this.journal.add(`${key}/${index}`);
      return true;
    }
    return false;
  }

  /** Statements of one transaction take effect together or not at all. */
  private act(group: readonly Act[]): boolean {
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
  private settle(subject: string, checks: readonly Check[], who: Role | null, failure: Failure): boolean {
    let verdicts = this.evaluate(checks);
    while (verdicts.includes('inconclusive')) {
      const answer = this.ask('inconclusive', subject, [who], ['retry', 'pass', 'fail']);
      if (answer === 'retry') verdicts = this.evaluate(checks);
      else verdicts = verdicts.map((verdict) => (verdict === 'inconclusive' ? answer : verdict));
    }
    if (verdicts.includes('fail')) throw new Failed(failure);
    return checks.some(isOpen);
  }

  private evaluate(checks: readonly Check[], trigger = false): readonly string[] {
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

  private holds({ of, id }: Fact): boolean {
    if (of === 'step') return this.stepOf(id).status === 'completed';
    if (of === 'phase') return this.phases.get(id) === 'completed';
    if (of === 'gate') return this.gates.get(id) === 'passed';
    if (of === 'prerequisite') return this.prerequisites.get(id) === 'verified';
    return this.given.phases.every(({ gate }) => gate === null || this.gates.get(gate.id) === 'passed');
  }

  private ask(
    kind: DecisionKind,
    subject: string,
    who: readonly (Role | null)[],
    options: readonly Option[],
  ): Option {
    const name = `${kind}:${subject}`;
    const times = (this.asked.get(name) ?? 0) + 1;
    this.asked.set(name, times);
    const id = times === 1 ? name : `${name}#${times}`;
    const needs = who.flatMap((role) => {
      if (role === null) return [];
      return [`${role}*${kind === 'approval' ? (BOUND[role]?.votes ?? 1) : 1}`];
    });
    this.trace.push(`ask ${id} of [${needs.join(', ')}]: ${options.join(', ')}`);
    const { interjects, option } = moveOf(this.given, id, kind, options);
    if (interjects !== null && interjects.order !== 'pause' && this.accepts(interjects)) {
      this.trace.push(
        `order ${interjects.order}${'to' in interjects ? ` ${interjects.to}` : ''}`,
        `answer ${id}: none`,
      );
      throw new Ordered(interjects);
    }
    this.trace.push(`answer ${id}: ${option}`);
    return option;
  }

  /** An order to roll back needs something to take back, and more than a rollback under way takes back anyway. */
  private accepts(order: Order): boolean {
    if (order.order === 'abort') return true;
    const places = this.behind(order.to) ?? [];
    if (this.rollback !== null && (this.behind(this.rollback.landing)?.length ?? 0) >= places.length)
      return false;
    return places.some(({ step }) => this.of(step).status !== 'pending');
  }

  /** Every step behind a landing, last first. */
  private behind(landing: string): readonly Place[] | null {
    const all = this.given.phases.flatMap((phase) => phase.steps.map((step): Place => ({ phase, step })));
    if (landing === 'start') return all.reverse();
    const last = all.findLastIndex(({ phase, step }) => step.id === landing || phase.id === landing);
    return last === -1 ? null : all.slice(last + 1).reverse();
  }

  private landingOf(level: Level, phase: string | null, step: string | null): string {
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
  private land(landing: string, again: boolean): void {
    const behind = new Set((this.behind(landing) ?? []).map(({ step }) => step.id));
    this.landing = landing;
    this.gates.delete('completion');
    for (const { id, steps, gate } of this.given.phases) {
      const whole = steps.every((step) => behind.has(step.id));
      if (!whole && !steps.some((step) => behind.has(step.id) || step.id === landing)) continue;
      if (gate !== null) this.gates.delete(gate.id);
      if (!whole) this.phases.set(id, 'running');
      else if (this.phases.get(id) !== 'pending') this.phases.set(id, again ? 'pending' : 'rolled_back');
      for (const step of steps.filter((one) => behind.has(one.id))) {
        const state = this.of(step);
        // What a person left standing is begun anew: neither what was done nor what was undone of it counts any more.
        if (again && this.applied.includes(step.id)) state.life += 1;
        if (again) Object.assign(state, { status: 'pending', done: 0 });
        else if (!['pending', 'rollback_failed'].includes(state.status))
          Object.assign(state, { status: 'rolled_back', done: 0 });
      }
    }
  }

  private end(status: string, landing: string | null): null {
    this.status = status;
    this.landing = landing ?? this.landing;
    this.trace.push(`end ${status}`);
    return null;
  }

  private levelOf(level: Level) {
    return this.given.levels.find((one) => one.level === level);
  }

  private of({ id }: StepCase): StepState {
    return this.stepOf(id);
  }

  private stepOf(id: string): StepState {
    const state = this.steps.get(id);
    if (state === undefined) throw new Error(`The case has no step ${id}.`);
    return state;
  }
}

const LADDER: readonly Level[] = ['step', 'phase', 'full'];

function higher(one: Level | null, other: Level | null): Level | null {
  if (one === null || other === null) return one ?? other;
  return LADDER.indexOf(one) >= LADDER.indexOf(other) ? one : other;
}

function pickLevel(given: Case, { kind }: Failure, fired: readonly (Level | null)[]): Level {
  const highest = fired.reduce(higher, null);
  if (highest !== null) return highest;
  if (kind === 'step') return given.levels.some(({ level }) => level === 'step') ? 'step' : 'phase';
  return kind === 'gate' || kind === 'phase' ? 'phase' : 'full';
}

/** What is not in a step or at a gate is asked about; the rest as the phase's gate says, at once without a gate. */
function asksFirst(given: Case, failure: Failure): boolean {
  if (failure.kind !== 'step' && failure.kind !== 'gate') return true;
  const response: FailureResponse =
    given.phases.find(({ id }) => id === failure.phase)?.gate?.response ?? 'rollback';
  return response !== 'rollback';
}

function optionsAfter({ kind }: Failure, applied: boolean): readonly Option[] {
  const full: readonly Option[] = applied ? ['rollback-full'] : [];
  if (kind === 'step') return ['retry', 'skip', 'rollback-step', 'rollback-phase', 'rollback-full', 'abort'];
  if (kind === 'gate') return ['retry', 'skip', 'rollback-phase', 'rollback-full', 'abort'];
  return kind === 'completion'
    ? ['retry', 'skip', 'rollback-phase', ...full, 'abort']
    : ['retry', 'skip', ...full, 'abort'];
}

function isOpen({ how }: Check): boolean {
  return how === 'person';
}

function byHand(step: string): Act {
  return { name: `${step}.hand`, kind: 'manual', trouble: null, raises: 0 };
}

/** Statements that follow each other are one transaction, what people do in a row is one checklist. */
function grouped(acts: readonly Act[]): readonly (readonly Act[])[] {
  const groups: Act[][] = [];
  for (const act of acts) {
    const last = groups.at(-1);
    const joins = (act.kind === 'sql' || act.kind === 'manual') && last?.[0]?.kind === act.kind;
    if (joins) last?.push(act);
    else groups.push([act]);
  }
  return groups;
}
