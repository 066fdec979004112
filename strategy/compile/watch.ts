/** What is watched while a step acts and soaks. */
import { list, nonBlank, numbered, type Step } from '../document.js';
import { isMachineProbe } from '../kinds/probes/index.js';
import type { Level, Requirement, Watch, WatchCondition } from '../plan.js';
import { below } from '../pointer.js';
import { alarmOf } from './alarm.js';
import { boundChannels } from './channel-names.js';
import type { Compilation } from './compilation.js';
import { AT_THE_END } from './facts.js';
import { thresholdConditions } from './threshold.js';

/** What a step's own monitoring came to: what is sampled, and what a person has to look at. */
export interface StepWatch {
  readonly watch: Watch | null;
  readonly requirements: readonly Requirement[];
}

/** Who carries out or confirms what only a person can. */
export function asked(step: Step): string {
  return nonBlank(step.responsible_party) ?? 'anyone';
}

/** `everywhere`: the conditions of levels and migration metrics, which every step is watched for. */
export function watchOf(
  c: Compilation,
  step: Step,
  pointer: string,
  everywhere: readonly WatchCondition[],
): StepWatch {
  const at = below(pointer, 'monitoring');
  const conditions: WatchCondition[] = [];
  const metrics: string[] = [];
  const requirements: Requirement[] = [];
  for (const { index, text } of numbered(step.monitoring?.alert_conditions)) {
    const place = below(at, 'alert_conditions', index);
    const connection = nonBlank(step['x-connection']);
    const found = alarmOf(c, text, { pointer: place, at: AT_THE_END, connection, baseline: true });
    if (found.kind === 'person') {
      const how = `no machine samples it: ${asked(step)} confirms that it did not happen${found.why}`;
      c.coverByPerson(place, text, how);
      requirements.push({ text: `no alert: ${text}`, probe: { how: 'person' } });
    } else {
      c.cover(place, text, 'automated', `watched: ${found.how}`);
      conditions.push({ text, probe: found.probe, level: null, onFire: 'fail' });
    }
  }
  for (const { index, text } of numbered(step.monitoring?.metrics_to_watch)) {
    const place = below(at, 'metrics_to_watch', index);
    const metric = c.bindings.metrics.find(text);
    if (metric === null) {
      c.coverByPerson(place, text, `not bound: ${asked(step)} watches it`);
      requirements.push({ text: `watched: ${text}`, probe: { how: 'person' } });
    } else {
      c.cover(place, text, 'automated', `metric ${metric}, sampled and shown`);
      c.bindings.used.add(`metrics/${metric}`);
      if (!metrics.includes(metric)) metrics.push(metric);
    }
  }
  const all =
    conditions.length === 0 ? onceInPrecedence(everywhere) : inPrecedence([...conditions, ...everywhere]);
  const watch = all.length === 0 && metrics.length === 0 ? null : { conditions: all, metrics };
  return { watch, requirements };
}

function describeThreshold({ text, onFire }: WatchCondition): string {
  return `${text} ${onFire === 'notify' ? 'alerts' : 'fails the step'}`;
}

/** How far the way back goes; an alert that only notifies comes last. */
const GRAVITY: Readonly<Record<Level, number>> = { full: 4, phase: 3, step: 2 };

function gravity({ level, onFire }: WatchCondition): number {
  return level === null ? Number(onFire === 'fail') : GRAVITY[level];
}

/** Most of thousands of steps are watched for the very same conditions. */
const arranged = new WeakMap<readonly WatchCondition[], readonly WatchCondition[]>();

function onceInPrecedence(conditions: readonly WatchCondition[]): readonly WatchCondition[] {
  const known = arranged.get(conditions) ?? inPrecedence(conditions);
  arranged.set(conditions, known);
  return known;
}

/** The farthest way back first, since the first of several that fire is reported; none twice. */
function inPrecedence(conditions: readonly WatchCondition[]): readonly WatchCondition[] {
  if (conditions.length < 2) return conditions;
  const seen = new Set<string>();
  const gravest = [...conditions].sort((left, right) => gravity(right) - gravity(left));
  return gravest.filter(({ probe, level, onFire, everyMs }) => {
    if (probe.how !== 'metric') return true;
    const { metric, comparison, inverted = false } = probe;
    const identity = JSON.stringify([level, onFire, metric, comparison, inverted, everyMs ?? null]);
    const known = seen.has(identity);
    seen.add(identity);
    return !known;
  });
}

/** The triggers of the levels that a machine can sample, once for all steps. */
export function levelConditions(
  levels: readonly { readonly level: Level; readonly triggers: readonly Requirement[] }[],
): readonly WatchCondition[] {
  return levels.flatMap(({ level, triggers }) =>
    triggers.flatMap(({ text, probe }) =>
      isMachineProbe(probe) ? [{ text, probe, level, onFire: 'fail' as const }] : [],
    ),
  );
}

/** The thresholds of `migration_monitoring` over bound metrics, which every step is watched for. */
export function monitoredConditions(c: Compilation): {
  readonly conditions: readonly WatchCondition[];
  /** The conditions of each metric, and the channels that hear of their alerts. */
  readonly alerts: readonly { readonly channels: readonly string[]; readonly texts: readonly string[] }[];
} {
  const conditions: WatchCondition[] = [];
  const alerts: { readonly channels: readonly string[]; readonly texts: readonly string[] }[] = [];
  for (const [index, monitored] of list(
    c.document.monitoring_and_observability?.migration_monitoring,
  ).entries()) {
    const pointer = below('/monitoring_and_observability/migration_monitoring', index);
    const name = nonBlank(monitored.metric_name);
    if (name === null) continue;
    const texts: string[] = [];
    const at = below(pointer, 'metric_name');
    const metric = c.bindings.metrics.find(name);
    if (metric === null) {
      c.cover(at, name, 'not-carried-out', 'not watched: no metric of that name is bound');
      c.report(at, {
        code: 'not-watched',
        severity: 'warning',
        message: `the migration metric "${name}" is not bound, so its thresholds are not watched`,
        advice: `Bind "${name}" under "metrics".`,
      });
    } else {
      c.bindings.used.add(`metrics/${metric}`);
      const found = thresholdConditions(c, pointer, name, metric, monitored);
      conditions.push(...found);
      texts.push(...found.map(({ text }) => text));
      const how = found.map(describeThreshold).join('; ');
      if (found.length > 0) c.cover(at, name, 'automated', `watched in every step: ${how}`);
      else c.cover(at, name, 'not-carried-out', 'not watched: it has no threshold that can be read');
    }
    const channels = boundChannels(c, below(pointer, 'alert_channels'), monitored.alert_channels);
    alerts.push({ channels, texts });
  }
  return { conditions, alerts };
}
