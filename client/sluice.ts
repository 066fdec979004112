/** A connection to an engine, and everything that can be done over it. */
import type { Plan } from '../strategy/plan.js';
import type { Report } from '../strategy/report/report.js';
import type { Ballot } from '../strategy/run/ballot.js';
import type { Decision } from '../strategy/run/decision.js';
import type { Electorate } from '../strategy/run/electorate.js';
import type { RunEvent } from '../strategy/run/event.js';
import type { Command } from '../strategy/run/messages.js';
import type { Published } from '../strategy/run/published.js';
import type { MigrationView, StepView } from '../strategy/run/view.js';
import { type AmendOptions, amend } from './amend.js';
import { sendCommand } from './command.js';
import { decide } from './decide.js';
import { electorate } from './electorate.js';
import { events } from './events.js';
import { type FollowOptions, follow } from './follow.js';
import { type Inbox, inbox } from './inbox.js';
import { findRuns, type ListOptions, list, type RunSummary } from './list.js';
import { overview, type RunsOverview } from './overview.js';
import { workerPolls } from './pollers.js';
import { report } from './report.js';
import type { Session } from './session.js';
import type { SignOptions } from './sign.js';
import { type SubmitOptions, type Submitted, submit } from './submit.js';
import { decisions, isRun, planOf, published, steps, type ViewOptions, view } from './view.js';
import { type WatchOptions, watch } from './watch.js';

/** Made by `connect`. Every method rejects with a `SluiceError`, whose `code` a program can tell apart. */
export class Sluice {
  readonly #session: Session;

  /** @internal Use `connect`. */
  constructor(session: Session) {
    this.#session = session;
  }

  /** `host:port` of the engine. */
  get address(): string {
    return this.#session.address;
  }

  /** The Temporal namespace. */
  get namespace(): string {
    return this.#session.namespace;
  }

  /** The folder of sluice's own files. */
  get home(): string {
    return this.#session.home;
  }

  /** Starts a run, or attaches to the one of the same id and plan. */
  submit(plan: Plan, options: SubmitOptions): Promise<Submitted> {
    return submit(this.#session, plan, options);
  }

  /** Casts a vote; returns once it is recorded, rejects with `refused` and the reason when it does not count. */
  decide(run: string, ballot: Ballot, options?: SignOptions): Promise<void> {
    return decide(this.#session, run, ballot, options);
  }

  /** Pauses, resumes, aborts or rolls back; returns once the run has taken the command. */
  command(run: string, wanted: Command, options?: SignOptions): Promise<void> {
    return sendCommand(this.#session, run, wanted, options);
  }

  /** Asks a waiting or paused run to take another plan; returns once it is under way or waits for its approvers. */
  amend(run: string, plan: Plan, by: string, options?: AmendOptions): Promise<void> {
    return amend(this.#session, run, plan, by, options);
  }

  /** The plan that a run executes; null for one over 1 MiB, which travels by reference. */
  plan(run: string): Promise<Plan | null> {
    return planOf(this.#session, run);
  }

  /** The state of a run. */
  view(run: string, options?: ViewOptions): Promise<MigrationView> {
    return view(this.#session, run, options);
  }

  /** One page of the steps of a phase, which the summary of a large view leaves out; empty past its end. */
  steps(run: string, phase: string, from = 0): Promise<readonly StepView[]> {
    return steps(this.#session, run, phase, from);
  }

  /** The status and the open decisions, without their evidence, that a run published last; null before its first. Needs no worker. */
  published(run: string): Promise<Published | null> {
    return published(this.#session, run);
  }

  /** The open decisions of a run. */
  decisions(run: string): Promise<readonly Decision[]> {
    return decisions(this.#session, run);
  }

  /** Who may vote on and command a run. Needs no worker. */
  electorate(run: string): Promise<Electorate> {
    return electorate(this.#session, run);
  }

  /** The record of a run, from the event `from` on. */
  events(run: string, from?: number): Promise<readonly RunEvent[]> {
    return events(this.#session, run, from);
  }

  /** What an auditor asks of a run, computed from its record. */
  report(run: string): Promise<Report> {
    return report(this.#session, run);
  }

  /** The view now and whenever it changes, as a summary for a large run; ends with the run. */
  watch(run: string, options?: WatchOptions): AsyncGenerator<MigrationView, void> {
    return watch(this.#session, run, options);
  }

  /** Every event of a run once, in order, as it happens; ends with the run. */
  follow(run: string, options?: FollowOptions): AsyncGenerator<RunEvent, void> {
    return follow(this.#session, run, options);
  }

  /** The runs, newest first. */
  list(options?: ListOptions): Promise<readonly RunSummary[]> {
    return list(this.#session, options);
  }

  /** True when the engine knows a run of exactly this id. */
  hasRun(run: string): Promise<boolean> {
    return isRun(this.#session, run);
  }

  /** The ids of the runs that start so, newest first, at most `limit` (by default 20). */
  findRuns(prefix: string, limit?: number): Promise<readonly string[]> {
    return findRuns(this.#session, prefix, limit);
  }

  /** The open decisions across runs; with `as`, those that this identity can vote on now. */
  inbox(as?: string): Promise<Inbox> {
    return inbox(this.#session, as);
  }

  /** The runs and the open decisions, with as little as changed since `last`. */
  overview(limit: number, last: RunsOverview | null): Promise<RunsOverview> {
    return overview(this.#session, limit, last);
  }

  /** True when a worker has polled within the last minute: without one, runs wait. */
  hasWorker(): Promise<boolean> {
    return workerPolls(this.#session);
  }

  /** Closes the connection. */
  async close(): Promise<void> {
    await this.#session.client.connection.close();
  }
}
