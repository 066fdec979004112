/**
 * One run: its plan, its record and view, and what people commanded. The only state the parts of the workflow share.
 */
import { CancellationScope, condition, workflowInfo } from '@temporalio/workflow';
import type { RowsAction } from '../strategy/plan.js';
import { NO_EVENTS, withEvent } from '../strategy/record/events-hash.js';
import { applyEvent, initialView } from '../strategy/run/apply.js';
import type { DatabaseIdentity } from '../strategy/run/database.js';
import { type Electorate, electorateOf } from '../strategy/run/electorate.js';
import type { EventBody, RunEvent } from '../strategy/run/event.js';
import type {
  Command,
  ContinuedState,
  EventsPage,
  EventsQuery,
  PlanHead,
  RunInput,
} from '../strategy/run/messages.js';
import type { Dispatch } from '../strategy/run/notice.js';
import { outlineOf } from '../strategy/run/outline.js';
import { pageOf } from '../strategy/run/pages.js';
import { ENDED, isOver, type MigrationView, type RunStatus, type StepView } from '../strategy/run/view.js';
import { packView, unpackView } from '../strategy/run/view-codec.js';
import type { Carried } from '../strategy/watch/state.js';
import { Interrupted } from './failure-types.js';
import { bounded } from './limits.js';
import { logEvent } from './log-event.js';
import { measure } from './measure.js';
import { headOf, PlannedSteps } from './planned-steps.js';

/** A command that stops what is under way. */
export type StoppingCommand = Extract<Command, { command: 'abort' | 'rollback' | 'amend' }>;

type Listener = (event: RunEvent, before: MigrationView) => void;

export class Run {
  readonly plan: PlanHead;
  readonly steps: PlannedSteps;
  /** The first Temporal run id of this run; see `RunContext`. */
  readonly execution: string;
  /** The databases that connections led to when the run first used them. */
  readonly pins: Map<string, DatabaseIdentity>;
  readonly electorate: Electorate;
  /** How often each decision was asked. */
  readonly asked: Map<string, number>;
  /** How often each effect was attempted, once it was attempted more than once. */
  readonly attempts: Map<string, number>;
  /** What a person cleared for the rest of the run. */
  readonly cleared: { constraints: boolean; window: boolean };
  /** The windows and freezes that a person overrode, until when (milliseconds since 1970). */
  readonly overridden: Map<string, number>;
  /** The watched conditions that were not quiet at the end of the latest step: their counters outlive it. */
  watched: Carried;
  /** What people answered about the conditions of the monitoring period; see there. */
  readonly answered: { readonly known: Set<string>; readonly vouched: Set<number> };
  /** Until when windows and freezes are known to allow actions (milliseconds since 1970). */
  windowOpenUntil = 0;
  /** The ids of the signatures that were used, until when each would count (seconds since 1970). */
  readonly signatures: Map<string, number>;
  /** The locks that this run claimed, true for those that it holds. */
  readonly locks: Map<string, boolean>;
  hostQueue: string | null;
  rollbacks: number;
  /** How many messages were refused on the record. */
  refusals: number;
  /** True while a commanded rollback waits for approval. */
  awaitsApproval = false;
  /** Sent by a person, taken by what acts on it. */
  command: StoppingCommand | null = null;
  /** Stops the step that has the service down for longer than the strategy allows. */
  stopDowntime: () => void = () => {};
  /** Stops what is under way when a command arrives. */
  interrupt: () => void = () => {};
  /** The record is being written out, and what happened meanwhile would be missing in it. */
  writingOut = false;
  /** What copies or changes rows now, by its step. */
  readonly rowsUnderWay = new Map<string, RowsAction>();
  /** Notices that are being delivered. */
  readonly noticesUnderWay = new Set<Dispatch>();
  /** The hash over the events up to `hashed`; null after an earlier build cut the history without one. */
  private eventsHash: string | null;
  private hashed = 0;
  /** Stops even the undo under way, which commands otherwise wait for: it may hang. */
  force: () => void = () => {};

  private readonly listeners: Listener[] = [];

  private constructor(
    readonly input: RunInput,
    private current: MigrationView,
    private readonly record: RunEvent[],
    private readonly oldest: number,
  ) {
    this.plan = headOf(input.plan);
    this.steps = new PlannedSteps(input.plan, (why) =>
      this.emit(
        why === null
          ? { type: 'run-status', status: 'running', reason: 'The stored plan is there.' }
          : { type: 'run-status', status: 'waiting', reason: why },
      ),
    );
    this.execution = workflowInfo().firstExecutionRunId;
    this.pins = new Map(Object.entries(input.continued?.pins ?? {}));
    this.electorate = electorateOf(this.plan, input.by);
    this.asked = new Map(Object.entries(input.continued?.asked ?? {}));
    this.attempts = new Map(Object.entries(input.continued?.attempts ?? {}));
    this.cleared = { ...(input.continued?.cleared ?? { constraints: false, window: false }) };
    this.overridden = new Map(Object.entries(input.continued?.overridden ?? {}));
    this.watched = input.continued?.watched ?? {};
    const { known = [], vouched = [] } = input.continued?.answered ?? {};
    this.answered = { known: new Set(known), vouched: new Set(vouched) };
    this.signatures = new Map(Object.entries(input.continued?.signatures ?? {}));
    this.locks = new Map((input.continued?.locks ?? []).map((lock) => [lock, true]));
    this.hostQueue = input.continued?.hostQueue ?? null;
    this.rollbacks = input.continued?.rollbacks ?? 0;
    this.refusals = input.continued?.refusals ?? 0;
    this.eventsHash = input.continued === null ? NO_EVENTS : (input.continued.head ?? null);
  }

  /** Starts a run, or resumes one that continued as new. */
  static begin(input: RunInput): Run {
    if (input.continued !== null) {
      const view = unpackView(input.continued.view, headOf(input.plan));
      const run = new Run(input, view, [], view.seq);
      run.emit({ type: 'continued' });
      if (input.continued.amendment !== undefined) run.emit(input.continued.amendment);
      return run;
    }
    const { workflowId } = workflowInfo();
    const head = headOf(input.plan);
    const { by, onFailure, compress } = input;
    const started = {
      type: 'run-started',
      by,
      plan: head.hash,
      steps: head.phases.reduce((sum, phase) => sum + phase.steps.length, 0),
      onFailure,
      compress,
      outline: outlineOf(head),
    } as const;
    const view = initialView(workflowId, { at: new Date().toISOString(), ...started });
    const run = new Run(input, view, [], 0);
    run.emit(started);
    return run;
  }

  get view(): MigrationView {
    return this.current;
  }

  /** The hash over every event so far: computed only where it is wanted, and each event once. */
  head(): string | null {
    if (this.eventsHash === null) return null;
    for (const event of this.record.slice(this.hashed)) this.eventsHash = withEvent(this.eventsHash, event);
    this.hashed = this.record.length;
    return this.eventsHash;
  }

  /** True once the run has come to its end for its users, whatever comes after the completion. */
  get completed(): boolean {
    return ENDED.includes(this.current.status);
  }

  /** True when nothing happens any more, also of what comes after the completion. */
  get ended(): boolean {
    return isOver(this.current);
  }

  /** The events since the history was last cut. */
  get recent(): readonly RunEvent[] {
    return this.record;
  }

  /** Appends to the record, and so changes the view. */
  emit(happening: EventBody): void {
    const event: RunEvent = { seq: this.current.seq, at: new Date().toISOString(), ...happening };
    this.record.push(event);
    const before = this.current;
    this.current = applyEvent(this.current, event);
    measure(event, this.current);
    logEvent(event);
    for (const listener of this.listeners) listener(event, before);
  }

  /** Tells every event from here on, with the view before it, in the order of this call. */
  hear(listener: Listener): void {
    this.listeners.push(listener);
  }

  /** For what happens by the clock alone: resolves when the record takes events, or the run has ended. */
  async recordOpen(): Promise<void> {
    if (this.writingOut) await condition(() => !this.writingOut || this.ended);
  }

  end(status: RunStatus, reason: string, landing: string | null = null): void {
    this.emit({ type: 'run-ended', status, landing, reason });
  }

  stepView(phase: string, step: string): StepView {
    const found = this.current.phases.find(({ id }) => id === phase)?.steps.find(({ id }) => id === step);
    if (found === undefined) throw new Error(`The view has no step ${step} in phase ${phase}.`);
    return found;
  }

  page({ from, limit = 500 }: EventsQuery): EventsPage {
    return {
      events: pageOf(this.record, from - this.oldest, limit),
      oldest: this.oldest,
      total: this.current.seq,
      ended: this.ended,
    };
  }

  /** Resolves at once, or when a paused run is resumed. Throws Interrupted when a command stops the run meanwhile. */
  async notPaused(): Promise<void> {
    await this.untilResumed();
    this.checkCommands();
  }

  /** Resolves at once, or when a paused run is resumed or commanded to stop. */
  async untilResumed(): Promise<void> {
    // A promise costs 40 us in a workflow, where each keeps the stack it was made on: none is made for nothing.
    const mayGoOn = () => this.current.pausedBy === null || this.command !== null;
    if (!mayGoOn() || CancellationScope.current().consideredCancelled) await condition(mayGoOn);
  }

  /** Throws Interrupted when a command wants the run to stop what it does. */
  checkCommands(): void {
    if (this.command !== null) throw new Interrupted();
  }

  /** Stops what is under way; a later command replaces an earlier one that nobody has taken yet. */
  requestStop(command: StoppingCommand): void {
    this.command = command;
    this.interrupt();
  }

  /** Takes the command, so that the caller acts on it. */
  takeCommand(): StoppingCommand | null {
    const command = this.command;
    this.command = null;
    return command;
  }

  /** Milliseconds of a soak, interval or delay, divided as the run demands, as the engine takes them. */
  compressed(ms: number): number {
    return ms === 0 ? 0 : bounded(ms / this.input.compress);
  }

  continuedState(): ContinuedState {
    const { notices = [], bindings } = this.plan;
    const wanted = notices.length > 0 || bindings.identity !== undefined || this.hashed > 0;
    const head = wanted ? this.head() : null;
    const { known, vouched } = this.answered;
    return {
      view: packView(this.current),
      hostQueue: this.hostQueue,
      asked: Object.fromEntries(this.asked),
      attempts: Object.fromEntries(this.attempts),
      cleared: this.cleared,
      rollbacks: this.rollbacks,
      refusals: this.refusals,
      watched: this.watched,
      pins: Object.fromEntries(this.pins),
      ...(head === null ? {} : { head }),
      ...(this.noticesUnderWay.size === 0 ? {} : { undelivered: [...this.noticesUnderWay] }),
      ...(known.size + vouched.size === 0 ? {} : { answered: { known: [...known], vouched: [...vouched] } }),
      ...(this.overridden.size === 0 ? {} : { overridden: Object.fromEntries(this.overridden) }),
      ...(this.locks.size === 0 ? {} : { locks: [...this.locks.keys()] }),
      ...(this.signatures.size === 0 ? {} : { signatures: Object.fromEntries(this.signatures) }),
    };
  }
}
