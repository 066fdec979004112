/**
 * Status reports: beside whatever the run does, each at its own time, until the run is completed or ends, and again when a
 * completed run is taken back. Only a plan that asks for reports has timers for them. When the next one is due is in the
 * view, so it outlives a cut of the history.
 */
import { CancellationScope, condition } from '@temporalio/workflow';
import { NEEDS_NOTHING } from '../strategy/kinds/needs.js';
import { metricNeedsHost } from '../strategy/kinds/probes/metric.js';
import type { PlannedReport } from '../strategy/plan.js';
import { describeFigure } from '../strategy/run/figures.js';
import { firstDue, nextDue } from '../strategy/run/report-times.js';
import type { Figure } from '../strategy/run/told-view.js';
import type { Baselines } from '../strategy/run/view.js';
import { describeValue } from '../strategy/sentence/unit.js';
import { quickMeter } from './activities.js';
import { pinnedContext } from './job-context.js';
import type { Run } from './run.js';

/** How long the metrics of one report may take, in milliseconds: what has no value by then is reported as not measured. */
const PATIENCE_MS = 60_000;

/** In a trial, whose times are divided by very much, reports follow each other no faster than this (milliseconds). */
const LEAST_MS = 1000;

/** Reports from here on. Nothing waits for it, and it ends with the run. */
export function keepReporting(run: Run): void {
  for (const report of run.plan.reports ?? []) {
    let reporting = false;
    const begin = (reopenedAt: string | null): void => {
      if (reporting) return;
      reporting = true;
      void CancellationScope.nonCancellable(() => keepOne(run, report, reopenedAt)).finally(() => {
        reporting = false;
      });
    };
    begin(null);
    run.hear((event) => {
      if (event.type === 'reopened') begin(event.at);
    });
  }
}

function keepOne(run: Run, report: PlannedReport, reopenedAt: string | null): Promise<void> {
  const { everyMs } = report;
  return everyMs === null
    ? reportPhases(run, report)
    : reportInTime(run, report, Math.max(LEAST_MS, run.compressed(everyMs)), reopenedAt);
}

/** `reopenedAt`: since when (ISO 8601) a completed run is taken back; null while it runs for the first time. */
async function reportInTime(
  run: Run,
  report: PlannedReport,
  everyMs: number,
  reopenedAt: string | null,
): Promise<void> {
  const latest = run.view.reports?.find(({ id }) => id === report.id);
  let due =
    reopenedAt === null
      ? (latest?.next ?? firstDue(run.view.startedAt, everyMs))
      : firstDue(reopenedAt, everyMs);
  for (let count = 0; ; count += 1) {
    // Also for one that is due already: whether a timer is set must not hang on the clock, which a replay may read later.
    await condition(() => run.completed, Math.max(1, Date.parse(due) - Date.now()));
    const figures = await figuresOf(run, report);
    if (run.completed) return;
    due = nextDue(due, everyMs, new Date(), count);
    emit(run, report, figures, due);
  }
}

async function reportPhases(run: Run, report: PlannedReport): Promise<void> {
  let completed = 0;
  run.hear((event) => {
    if (event.type === 'phase-status' && event.status === 'completed') completed += 1;
  });
  for (;;) {
    await condition(() => run.completed || completed > 0);
    completed = 0;
    const figures = await figuresOf(run, report);
    if (run.completed) return;
    emit(run, report, figures, null);
  }
}

function emit(run: Run, { id }: PlannedReport, figures: readonly Figure[], next: string | null): void {
  const number = (run.view.reports?.find((report) => report.id === id)?.number ?? 0) + 1;
  run.emit({ type: 'status-report', report: id, number, figures, next });
}

/** What the report says now. Returns when nothing keeps the record from taking it. */
async function figuresOf(run: Run, { figures }: PlannedReport): Promise<readonly Figure[]> {
  const metrics = figures.flatMap((figure) => ('metric' in figure ? [figure.metric] : []));
  const values = metrics.length === 0 || run.completed ? {} : await measure(run, metrics);
  await run.recordOpen();
  const at = new Date().toISOString();
  return figures.map((figure) => {
    if ('state' in figure) return { text: figure.text, value: describeFigure(figure.state, run.view, at) };
    const value = values[figure.metric] ?? null;
    return { text: figure.text, value: value === null ? 'no data' : describeValue(value, figure.unit) };
  });
}

/** No data for what cannot be measured soon: a report is late for nobody. */
async function measure(run: Run, metrics: readonly string[]): Promise<Baselines> {
  const needsHost = metrics.some((metric) => metricNeedsHost(metric, run.plan.bindings));
  const context = pinnedContext(run, { ...NEEDS_NOTHING, metrics });
  const timeoutMs = Math.floor(PATIENCE_MS / metrics.length);
  try {
    return await quickMeter(needsHost ? run.hostQueue : null, PATIENCE_MS).measureBaselines({
      context,
      metrics,
      timeoutMs,
    });
  } catch {
    return {};
  }
}
