/**
 * One run: its plan, its record and view, and what people ordered. The only state the parts of the workflow share.
 */
import { CancellationScope, condition, workflowInfo } from '@temporalio/workflow';
import type { Setting } from '../activities/contract.js';
import { applyEvent, initialView } from '../strategy/run/apply.js';
import { packView, unpackView } from '../strategy/run/carry.js';
import type { Electorate } from '../strategy/run/decision.js';
import type { Happening, RunEvent } from '../strategy/run/event.js';
import type {
  Carried,
  EventsPage,
  EventsQuery,
  Order,
  PlanHead,
  RunInput,
} from '../strategy/run/messages.js';
import { pageOf } from '../strategy/run/pages.js';
import { ENDED, type MigrationView, type RunStatus, type StepView } from '../strategy/run/view.js';
import { Interrupted } from './failure-types.js';
import { headOf, PlannedSteps } from './planned-steps.js';

/** An order that stops what is under way. */
export type StoppingOrder = Extract<Order, { order: 'abort' | 'rollback' }>;

export class Run {
  readonly plan: PlanHead;
  readonly steps: PlannedSteps;
  readonly setting: Setting;
  readonly electorate: Electorate;
  /** How often each decision was asked. */
  readonly asked: Map<string, number>;
  /** How often each effect was attempted, once it was attempted more than once. */
  readonly attempts: Map<string, number>;
  /** What a person cleared for the rest of the run. */
  readonly cleared: { constraints: boolean; window: boolean };
  /** The rollback whose level already covered the steps without an undo. */
  coveredBy: number | null;
  hostQueue: string | null;
  rollbacks: number;
  /** Demanded by a person, taken by whoever acts on it. */
  order: StoppingOrder | null = null;
  /** Stops what is under way when an order arrives. */
  interrupt: () => void = () => {};
  /** Stops even the undo under way, which orders otherwise wait for: it may hang. */
  force: () => void = () => {};

  private constructor(
    readonly input: RunInput,
    private current: MigrationView,
    private readonly record: RunEvent[],
    private readonly oldest: number,
  ) {
    this.plan = headOf(input.plan);
    this.steps = new PlannedSteps(input.plan);
    const { firstExecutionRunId: execution } = workflowInfo();
    this.setting = { run: current.run, execution, workspace: input.workspace, bindings: this.plan.bindings };
    this.electorate = {
      roles: this.plan.bindings.roles,
      submittedBy: input.by,
      forbidSelfApproval: this.plan.bindings.forbidSelfApproval,
    };
    this.asked = new Map(Object.entries(input.carried?.asked ?? {}));
    this.attempts = new Map(Object.entries(input.carried?.attempts ?? {}));
    this.cleared = { ...(input.carried?.cleared ?? { constraints: false, window: false }) };
    this.hostQueue = input.carried?.hostQueue ?? null;
    this.rollbacks = input.carried?.rollbacks ?? 0;
    this.coveredBy = input.carried?.coveredBy ?? null;
  }

  /** Begins a run, or goes on with one whose history was cut. */
  static begin(input: RunInput): Run {
    if (input.carried !== null) {
      const view = unpackView(input.carried.view, headOf(input.plan));
      const run = new Run(input, view, [], view.events);
      run.emit({ type: 'continued' });
      return run;
    }
    const { workflowId } = workflowInfo();
    const head = headOf(input.plan);
    const view = initialView(head, {
      run: workflowId,
      by: input.by,
      compress: input.compress,
      onFailure: input.onFailure,
      startedAt: new Date().toISOString(),
    });
    const run = new Run(input, view, [], 0);
    const steps = head.phases.reduce((sum, phase) => sum + phase.steps.length, 0);
    const { by, onFailure, compress } = input;
    run.emit({ type: 'run-started', by, plan: head.hash, steps, onFailure, compress });
    return run;
  }

  get view(): MigrationView {
    return this.current;
  }

  get ended(): boolean {
    return ENDED.includes(this.current.status);
  }

  /** The events since the history was last cut. */
  get recent(): readonly RunEvent[] {
    return this.record;
  }

  /** Appends to the record, and so changes the view. */
  emit(happening: Happening): void {
    const event: RunEvent = { seq: this.current.events, at: new Date().toISOString(), ...happening };
    this.record.push(event);
    this.current = applyEvent(this.current, event);
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
      total: this.current.events,
      ended: this.ended,
    };
  }

  /** Resolves at once, or when a paused run is resumed. Throws Interrupted when an order stops the run meanwhile. */
  async notPaused(): Promise<void> {
    // A promise costs 40 us in a workflow, where each keeps the stack it was made on: none is made for nothing.
    const mayGoOn = () => this.current.pausedBy === null || this.order !== null;
    if (!mayGoOn() || CancellationScope.current().consideredCancelled) await condition(mayGoOn);
    this.checkOrders();
  }

  /** Throws Interrupted when an order wants the run to stop what it does. */
  checkOrders(): void {
    if (this.order !== null) throw new Interrupted();
  }

  /** Stops what is under way; a later order replaces an earlier one that nobody has taken yet. */
  demand(order: StoppingOrder): void {
    this.order = order;
    this.interrupt();
  }

  /** Takes the order, so that whoever calls acts on it. */
  takeOrder(): StoppingOrder | null {
    const order = this.order;
    this.order = null;
    return order;
  }

  /** Milliseconds of a soak, interval or delay, divided as the run demands. */
  compressed(ms: number): number {
    return ms === 0 ? 0 : Math.max(1, Math.round(ms / this.input.compress));
  }

  carried(): Carried {
    return {
      view: packView(this.current),
      hostQueue: this.hostQueue,
      asked: Object.fromEntries(this.asked),
      attempts: Object.fromEntries(this.attempts),
      cleared: this.cleared,
      rollbacks: this.rollbacks,
      coveredBy: this.coveredBy,
    };
  }
}
