/** A bound metric: how it is sampled, and how a sample is compared. */

import type { ProbeOf } from '../../strategy/kinds/probes/kind.js';
import { describeComparison } from '../../strategy/kinds/probes/metric.js';
import type { MetricSource, MetricUnit, Operator, Threshold } from '../../strategy/plan.js';
import { describeValue } from '../../strategy/sentence/unit.js';
import { resolveReferences } from '../secrets.js';
import { lastLine } from '../tail.js';
import { durationText } from '../wording.js';
import { runProbe } from './command.js';
import { request } from './http.js';
import { firstValue } from './sql.js';
import {
  broken,
  type Evaluator,
  fail,
  inconclusive,
  type ProbeContext,
  pass,
  redactedLine,
} from './verdict.js';

/** A number, or why it is missing; `broken` when its source could not be asked. */
export type Sample = { readonly value: number } | { readonly none: string; readonly broken?: true };

export const evaluateMetric: Evaluator<ProbeOf<'metric'>> = async (probe, context) => {
  const { metric, comparison } = probe;
  const source = context.run.bindings.metrics[metric];
  if (source === undefined) return broken(`the bindings have no metric "${metric}"`);
  const sample = await takeSample(source, context);
  if ('none' in sample) {
    const evidence = `no data: ${sample.none}`;
    return sample.broken === true ? broken(evidence) : inconclusive(evidence);
  }
  const few = await tooFew(probe, context);
  if (few !== null) return inconclusive(few);
  const limit = await limitOf(metric, comparison.threshold, source.unit, context);
  if ('none' in limit) return inconclusive(limit.none);
  const asked = `${describeComparison({ ...comparison, overMs: null })}${limit.shown}`;
  const evidence = `${metric} is ${shown(sample.value, source.unit)} (asked: ${asked})`;
  const result = holds(sample.value, comparison.operator, limit.value) ? pass(evidence) : fail(evidence);
  return { ...result, value: sample.value, limit: limit.value };
};

/** What the sample is compared with, and what of it the comparison does not say itself. */
async function limitOf(
  metric: string,
  threshold: Threshold,
  unit: MetricUnit | null,
  context: ProbeContext,
): Promise<{ readonly value: number; readonly shown: string } | { readonly none: string }> {
  switch (threshold.kind) {
    case 'value':
      return { value: threshold.value, shown: '' };
    case 'baseline': {
      const baseline = context.baselines[metric];
      if (baseline === undefined) return { none: `no baseline of ${metric} was measured` };
      if (baseline === null)
        return { none: `${metric} had no data when its baseline was measured, before the first action` };
      return { value: baseline * threshold.factor, shown: `, which is ${shown(baseline, unit)}` };
    }
    case 'metric': {
      const other = await sampleOrNull(threshold.metric, context);
      if (other === null) return { none: `${threshold.metric}, with which it is compared, has no data` };
      const value = other * threshold.factor;
      return { value, shown: `, which is ${shown(value, unit)}` };
    }
    default:
      return threshold satisfies never;
  }
}

/** Why a value rests on too few requests; null when it does not. */
async function tooFew({ enough }: ProbeOf<'metric'>, context: ProbeContext): Promise<string | null> {
  if (enough === undefined) return null;
  const count = await sampleOrNull(enough.metric, context);
  if (count === null) return `${enough.metric} has no data, so nobody knows how many requests there were`;
  return count < enough.count
    ? `only ${count} requests (${enough.metric}), ${enough.count} are needed`
    : null;
}

/** Six digits: evidence is read by people. */
function shown(value: number, unit: MetricUnit | null): string {
  return describeValue(Number(value.toPrecision(6)), unit);
}

function holds(left: number, operator: Operator, right: number): boolean {
  switch (operator) {
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    case '>=':
      return left >= right;
    case '==':
      return left === right;
    case '!=':
      return left !== right;
    default:
      return operator satisfies never;
  }
}

/** The latest value of a bound metric; null without data, whatever the reason. */
export async function sampleOrNull(metric: string, context: ProbeContext): Promise<number | null> {
  const source = context.run.bindings.metrics[metric];
  if (source === undefined) return null;
  try {
    const sample = await takeSample(source, context);
    return 'value' in sample ? sample.value : null;
  } catch {
    return null; // No data is all that callers need to know; whatever is compared with it says so.
  }
}

/** Throws `Refusal` or `UnresolvedReference`. */
async function takeSample(source: MetricSource, context: ProbeContext): Promise<Sample> {
  switch (source.kind) {
    case 'prometheus':
      return samplePrometheus(source.url, source.query, context);
    case 'command': {
      const ran = await runProbe({ kind: 'command', text: source.command }, [], context);
      if (ran.ended === 'timeout')
        return {
          none: `its command took longer than ${durationText(context.timeoutMs)} and was killed`,
          broken: true,
        };
      if (ran.ended !== null) return { none: 'its command was stopped', broken: true };
      if (ran.exitCode !== 0)
        return {
          none: `its command exited with ${ran.exitCode ?? ran.signal}: ${lastLine(ran.shown)}`,
          broken: true,
        };
      return asNumber(lastLine(ran.output), context, lastLine(ran.shown));
    }
    case 'sql': {
      const answer = await firstValue(source.sql, [], source.connection, context);
      return 'broken' in answer ? { none: answer.broken, broken: true } : asNumber(answer.value, context);
    }
    case 'http': {
      const body = await fetchJson(source.url, context);
      return 'none' in body ? body : asNumber(at(body.json, source.pointer), context);
    }
    default:
      return source satisfies never;
  }
}

/** https://prometheus.io/docs/prometheus/latest/querying/api/#instant-queries */
async function samplePrometheus(url: string, query: string, context: ProbeContext): Promise<Sample> {
  const source = { env: context.env, workspace: context.run.workspace };
  const base = (await resolveReferences(url, source)).replace(/\/+$/, '');
  const text = encodeURIComponent(await resolveReferences(query, source));
  const body = await fetchJson(`${base}/api/v1/query?query=${text}`, context);
  if ('none' in body) return body;
  const result = at(body.json, '/data/result');
  switch (at(body.json, '/data/resultType')) {
    case 'scalar':
      return asNumber(at(result, '/1'), context);
    case 'vector':
      if (!Array.isArray(result) || result.length === 0) return { none: 'the query selects no series' };
      if (result.length > 1) {
        return {
          none: `the query selects ${result.length} series instead of one; aggregate them, such as by sum(...)`,
        };
      }
      return asNumber(at(result, '/0/value/1'), context);
    default:
      return {
        none: `Prometheus answered ${redactedLine(context, String(at(body.json, '/error') ?? 'something else'))}`,
        broken: true,
      };
  }
}

async function fetchJson(
  url: string,
  context: ProbeContext,
): Promise<{ readonly json: unknown } | { readonly none: string; readonly broken: true }> {
  const answer = await request('GET', url, context);
  if ('broken' in answer) return { none: answer.broken, broken: true };
  try {
    const text = await answer.response.text();
    if (!answer.response.ok)
      return { none: `status ${answer.response.status}: ${redactedLine(context, text)}`, broken: true };
    return { json: JSON.parse(text) };
  } catch (error) {
    return { none: `the answer is not JSON (${redactedLine(context, String(error))})`, broken: true };
  }
}

/** `shown`: the value as people see it when it is not a number. */
function asNumber(value: unknown, context: ProbeContext, shown = String(value)): Sample {
  if (value === undefined || value === null || value === '') return { none: 'there is no value' };
  const number = typeof value === 'number' ? value : typeof value === 'string' ? Number(value) : Number.NaN;
  if (Number.isNaN(number)) return { none: `"${redactedLine(context, shown, 60)}" is not a number` };
  return { value: number };
}

/** The value at a JSON pointer (RFC 6901); undefined when nothing is there. */
function at(json: unknown, pointer: string): unknown {
  let value = json;
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = Object.entries(value).find(([name]) => name === key)?.[1];
  }
  return value;
}
