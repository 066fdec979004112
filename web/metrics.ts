/**
 * What a monitoring system reads of the dashboard (https://prometheus.io/docs/instrumenting/exposition_formats/). Runs and
 * decisions are counted from the engine, since each of several workers sees only its part. Labels come from closed sets.
 */
import { Counter, Gauge, Registry } from 'prom-client';
import { SluiceError } from '../client/error.js';
import { OPTIONS } from '../strategy/run/decision.js';
import { RUN_STATUSES } from '../strategy/run/view.js';
import type { Feeds, Overview } from './feeds.js';

/** The answers to requests that the dashboard refuses. */
const REFUSALS: readonly number[] = [401, 403, 405, 413, 415, 429];

export class Metrics {
  readonly #registry = new Registry();
  readonly #feeds: Feeds;
  readonly #refused = new Counter({
    name: 'sluice_dashboard_refused_requests_total',
    help: 'Requests that the dashboard refused, by the status of the answer.',
    labelNames: ['status'],
    registers: [this.#registry],
  });
  readonly #runs = this.#gauge(
    'sluice_runs',
    'Runs by status: every open one, and of those that ended the latest 1,000.',
    ['status'],
  );
  readonly #decisions = this.#gauge('sluice_open_decisions', 'Decisions that wait for a person, by kind.', [
    'kind',
  ]);
  readonly #age = this.#gauge(
    'sluice_oldest_decision_age_seconds',
    'How long the oldest open decision has waited; 0 when no decision is open.',
  );
  readonly #overdue = this.#gauge('sluice_overdue_decisions', 'Open decisions that are past their deadline.');
  readonly #worker = this.#gauge(
    'sluice_worker_polls',
    '1 when a worker has polled within the last minute: without one, runs wait.',
  );
  readonly #engine = this.#gauge('sluice_engine_reachable', '1 when the engine answers.');
  readonly #pages = this.#gauge('sluice_dashboard_open_pages', 'Pages that listen for changes.');

  constructor(feeds: Feeds) {
    this.#feeds = feeds;
    for (const status of REFUSALS) this.#refused.inc({ status }, 0);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** Counts an answer when it is a refusal. */
  answered(status: number): void {
    if (REFUSALS.includes(status)) this.#refused.inc({ status });
  }

  /** Without the figures of the engine while it does not answer: an old figure would look like a good one. */
  async text(openPages: number, now: number): Promise<string> {
    this.#pages.set(openPages);
    const overview = await this.overview();
    this.#engine.set(overview === null ? 0 : 1);
    for (const gauge of [this.#runs, this.#decisions, this.#age, this.#overdue, this.#worker]) gauge.reset();
    if (overview === null) {
      for (const gauge of [this.#age, this.#overdue, this.#worker]) gauge.set(Number.NaN);
    } else this.#show(overview, now);
    return this.#registry.metrics();
  }

  /** What the engine says; null when it does not answer. */
  async overview(): Promise<Overview | null> {
    try {
      return await this.#feeds.overview();
    } catch (error) {
      if (error instanceof SluiceError) return null;
      throw error;
    }
  }

  #show({ runs, inbox, worker }: Overview, now: number): void {
    for (const status of [...RUN_STATUSES, 'unknown' as const])
      this.#runs.set({ status }, runs.filter((run) => run.status === status).length);
    for (const kind of Object.keys(OPTIONS))
      this.#decisions.set({ kind }, inbox.filter(({ decision }) => decision.kind === kind).length);
    const opened = inbox.map(({ decision }) => Date.parse(decision.openedAt));
    this.#age.set(opened.length === 0 ? 0 : Math.max(0, (now - Math.min(...opened)) / 1000));
    this.#overdue.set(
      inbox.filter(({ decision: { deadline } }) => deadline !== null && Date.parse(deadline) < now).length,
    );
    this.#worker.set(worker ? 1 : 0);
  }

  #gauge(name: string, help: string, labelNames: readonly string[] = []): Gauge {
    return new Gauge({ name, help, labelNames: [...labelNames], registers: [this.#registry] });
  }
}
