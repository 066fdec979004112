/** The enhanced monitoring period after the completion. */
import { nonBlank, numbered } from '../document.js';
import { isMachineProbe } from '../kinds/probes/index.js';
import type { MonitoringPeriod, Requirement, WatchCondition } from '../plan.js';
import { below } from '../pointer.js';
import { describeDuration } from '../render/duration.js';
import { parsePeriod } from '../sentence/delay.js';
import { alarmOf } from './alarm.js';
import type { Compilation } from './compilation.js';
import { opposite } from './continuous.js';
import { AT_THE_END } from './facts.js';
import { shorten } from './reporter.js';
import { classify } from './requirement.js';

const POINTER = '/post_migration/monitoring_period';

/** `everywhere`: the conditions that every step is watched for. */
export function compileMonitoringPeriod(
  c: Compilation,
  everywhere: readonly WatchCondition[],
  responsible: string | null,
): readonly MonitoringPeriod[] {
  const period = c.document.post_migration?.monitoring_period;
  if (!period) return [];
  const duration = nonBlank(period.duration);
  const texts = numbered(period.enhanced_monitoring);
  if (duration === null && texts.length === 0) return [];
  const sensitivity = period.alert_sensitivity ?? 'normal';
  if (period.alert_sensitivity != null) {
    const how = sensitivity === 'high' ? 'one bad sample is enough to fire' : 'fires as beside a step';
    c.cover(below(POINTER, 'alert_sensitivity'), `alert_sensitivity: ${sensitivity}`, 'automated', how);
  }
  const conditions: WatchCondition[] = [...everywhere];
  const metrics: string[] = [];
  const asked: Requirement[] = [];
  for (const { index, text } of texts) {
    const pointer = below(POINTER, 'enhanced_monitoring', index);
    const metric = c.bindings.metrics.find(text);
    if (metric !== null) {
      c.bindings.used.add(`metrics/${metric}`);
      c.cover(pointer, text, 'automated', `metric ${metric}, sampled and shown after the completion`);
      if (!metrics.includes(metric)) metrics.push(metric);
      continue;
    }
    const condition = conditionOf(c, text, pointer);
    if (condition !== null) {
      conditions.push(condition);
      continue;
    }
    const who = responsible ?? 'anyone';
    c.coverByPerson(pointer, text, `asked of ${who} at the end of the monitoring period`);
    asked.push({ text: `held throughout the monitoring period: ${text}`, probe: { how: 'person' } });
  }
  const { durationMs, timing } = lengthOf(c, duration, responsible);
  return [
    {
      kind: 'monitoring',
      id: 'monitoring-period',
      name: 'Enhanced monitoring',
      timing,
      irreversible: false,
      durationMs,
      sensitivity,
      watch: { conditions, metrics },
      asked,
      responsible,
    },
  ];
}

/** A comparison is an alert condition; anything else that a machine evaluates must hold. Either alerts. */
function conditionOf(c: Compilation, text: string, pointer: string): WatchCondition | null {
  const place = { pointer, at: AT_THE_END, connection: null, baseline: true };
  const found = classify(c, text.trim(), place, false);
  if (found.kind === 'probe' && isMachineProbe(found.probe)) {
    const { probe } = found;
    if (probe.how !== 'metric' && probe.how !== 'all') {
      c.cover(pointer, text, 'automated', `${found.how}, watched after the completion; a failure alerts`);
      return { text: `failed: ${text}`, probe: opposite(probe), level: null, onFire: 'notify' };
    }
    const alarm = alarmOf(c, text, place);
    if (alarm.kind === 'person') return null;
    c.cover(pointer, text, 'automated', `${alarm.how}, watched after the completion; it alerts`);
    return { text, probe: alarm.probe, level: null, onFire: 'notify' };
  }
  if (found.kind === 'problem') c.report(pointer, found.finding);
  return null;
}

/** A duration that is missing or not understood whole is asked: somebody says when the period is over. */
function lengthOf(
  c: Compilation,
  text: string | null,
  responsible: string | null,
): Pick<MonitoringPeriod, 'durationMs' | 'timing'> {
  const reading = text === null ? null : parsePeriod(text);
  const pointer = below(POINTER, 'duration');
  if (text !== null && reading?.kind === 'understood') {
    const timing = `${describeDuration(reading.value)} from the completion on`;
    c.cover(pointer, text, 'automated', `watched for ${timing}`);
    return { durationMs: reading.value, timing };
  }
  const why = reading?.kind === 'partly' ? `; "${shorten(reading.words)}" is not understood` : '';
  const who = responsible ?? 'anyone';
  if (text === null) return { durationMs: null, timing: `until ${who} says that it is over` };
  c.coverByPerson(pointer, text, `asked of ${who} after the completion: is it over?${why}`);
  return { durationMs: null, timing: text };
}
