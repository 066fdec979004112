/** Status reports: how often, what they say, and who gets them. */
import { nonBlank, numbered } from '../document.js';
import type { NoticeRoute, PlannedReport, ReportedFigure } from '../plan.js';
import { below } from '../pointer.js';
import { describeDuration } from '../render/duration.js';
import { findFigure } from '../run/figures.js';
import { parseTiming, type Timing } from '../sentence/timing.js';
import { channelOf } from './channel-names.js';
import type { Compilation } from './compilation.js';
import { shorten } from './reporter.js';

export interface CompiledReports {
  readonly reports: readonly PlannedReport[];
  readonly routes: readonly NoticeRoute[];
}

const AT = '/communication_plan/status_reporting';

/** The id of the report of `status_reporting`. */
const STATUS = 'status';

/** Where the strategy does not say how often, or not in words that are understood. */
const DEFAULT_MS = 3_600_000;

export function compileStatusReports(c: Compilation): CompiledReports {
  const reporting = c.document.communication_plan?.status_reporting;
  if (reporting == null) return { reports: [], routes: [] };
  const channels = recipientsOf(c, reporting.recipients);
  const figures = numbered(reporting.metrics_to_report).map(({ index, text }) =>
    figureOf(c, below(AT, 'metrics_to_report', index), text),
  );
  const format = reporting.format ?? null;
  const said = nonBlank(reporting.frequency);
  if (said === null && channels.length === 0 && figures.length === 0 && format === null) {
    return { reports: [], routes: [] };
  }
  const everyMs = paceOf(c, said);
  const pace = everyMs === null ? 'after each phase' : `every ${describeDuration(everyMs)}`;
  if (said !== null)
    c.cover(below(AT, 'frequency'), said, 'automated', `reported ${pace} while the run lasts`);
  if (format !== null) c.cover(below(AT, 'format'), format, 'automated', describeFormat(format, channels));
  // A meeting has people who ask; the others read.
  const form = format === 'email' || format === 'slack' ? 'summary' : 'update';
  const route = { on: 'report', report: STATUS, channels, form, words: null, alerts: null } as const;
  return {
    reports: [{ id: STATUS, everyMs, figures }],
    routes: channels.length === 0 ? [] : [route],
  };
}

function describeFormat(format: string, channels: readonly string[]): string {
  const shown = "status and the run's page show the latest report";
  return channels.length === 0
    ? shown
    : `sent to ${channels.join(', ')}; ${shown}${format === 'meeting' ? ', to be read in the meeting' : ''}`;
}

/** Each is covered: those with a channel get the reports. */
function recipientsOf(c: Compilation, names: Parameters<typeof numbered>[0]): readonly string[] {
  const found = numbered(names).flatMap(({ index, text }) => {
    const channel = channelOf(c, text);
    const how =
      channel === null ? 'not sent there: no channel of that name is bound' : 'reports are sent there';
    c.cover(below(AT, 'recipients', index), text, channel === null ? 'not-carried-out' : 'automated', how);
    return channel === null ? [] : [channel];
  });
  return [...new Set(found)];
}

/** A bound metric, or what the run knows of itself. */
function figureOf(c: Compilation, pointer: string, text: string): ReportedFigure {
  const metric = c.bindings.metrics.find(text);
  if (metric !== null) {
    c.bindings.used.add(`metrics/${metric}`);
    c.cover(pointer, text, 'automated', `metric ${metric}, measured for each report`);
    return { text, metric, unit: c.bindings.metrics.unitOf(metric) };
  }
  const state = findFigure(text);
  if (state !== null) {
    c.cover(pointer, text, 'state', `${state} of the run`);
    return { text, state };
  }
  c.cover(pointer, text, 'not-carried-out', 'reported as not measured: no metric of that name is bound');
  c.report(pointer, {
    code: 'not-reported',
    severity: 'warning',
    message: `status reports are to say "${shorten(text)}", and no metric of that name is bound`,
    advice: `Bind "${shorten(text)}" under "metrics".`,
  });
  return { text, state: text };
}

function paceOf(c: Compilation, said: string | null): number | null {
  if (said === null) return DEFAULT_MS;
  const timing = parseTiming(said, 'during_migration');
  const pace = timing === null ? undefined : paceIn(timing);
  if (pace !== undefined) return pace;
  c.report(below(AT, 'frequency'), {
    code: 'unclear-frequency',
    severity: 'warning',
    message: `"${shorten(said)}" is not understood, so the status is reported every ${describeDuration(DEFAULT_MS)}`,
    advice: 'Write "every 30 minutes", "hourly", "daily" or "after each phase".',
  });
  return DEFAULT_MS;
}

/** Null: after each phase; undefined: something else. */
function paceIn(timing: Timing): number | null | undefined {
  if (timing.kind === 'every') return timing.ms;
  return timing.kind === 'phase' && timing.which === null && timing.moment === 'ends' ? null : undefined;
}
