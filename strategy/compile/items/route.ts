/** A route of the bindings: what divides its traffic, and what is watched while it is divided. */
import type { TrafficBinding } from '../../bindings-document.js';
import { nonBlank } from '../../document.js';
import type { MetricProbe, ProxySource, Requirement, TrafficSource, WatchCondition } from '../../plan.js';
import { metricComparison } from '../comparison.js';
import type { Compilation } from '../compilation.js';
import { checkNoReferences, checkReferences } from '../secrets.js';
import { checkFlag, flagNamed, flagTarget } from './flag.js';

export interface Route {
  readonly name: string;
  readonly source: TrafficSource;
  /** What must not hold while the traffic is divided. */
  readonly conditions: readonly WatchCondition[];
  /** What must hold at the end of a stage: enough requests, and the share that was set. */
  afterwards(percent: number): readonly Requirement[];
}

/** Points by which the measured share may differ from the one that is set. */
const TOLERANCE = 5;

/** What is wrong with the binding is reported at the item that needs it. */
export function compileRoute(c: Compilation, name: string, binding: TrafficBinding, pointer: string): Route {
  c.bindings.used.add(`traffic/${name}`);
  const source = sourceOf(c, binding, pointer);
  for (const text of commandsOf(source)) {
    const finding = checkNoReferences(text);
    if (finding !== null) c.report(pointer, finding);
  }
  for (const text of placesOf(source)) {
    const finding = checkReferences(text);
    if (finding !== null) c.report(pointer, finding);
  }
  const metric = (text: string, key: string): string | null =>
    metricNamed(c, `of the route "${name}"`, text, key, pointer);
  const requests = nonBlank(binding.analysis?.requests);
  const counted = requests === null ? null : metric(requests, 'analysis.requests');
  const enough = counted === null ? undefined : { metric: counted, count: binding.analysis?.minimum ?? 1 };
  const share = nonBlank(binding.share);
  const measured = share === null ? null : metric(share, 'share');
  const withEnough = (probe: MetricProbe): MetricProbe =>
    enough === undefined ? probe : { ...probe, enough };
  return {
    name,
    source,
    conditions: [
      ...limitsOf(c, name, binding, pointer, withEnough),
      ...ratiosOf(binding, metric).map(({ text, probe }) => alert(text, withEnough(probe))),
    ],
    afterwards: (percent) => [
      ...(enough === undefined
        ? []
        : [enoughHolds(`the new version behind ${name} got`, enough, 'requests')]),
      ...(measured === null ? [] : [shareHolds(c, name, measured, percent)]),
    ],
  };
}

function sourceOf(c: Compilation, binding: TrafficBinding, pointer: string): TrafficSource {
  if ('nginx' in binding) return proxyOf('nginx', binding.nginx.upstream, binding.nginx);
  if ('haproxy' in binding) return proxyOf('haproxy', binding.haproxy.backend, binding.haproxy);
  if ('command' in binding) {
    return { kind: 'command', set: binding.command.set, get: binding.command.get };
  }
  if ('flag' in binding) return flagSource(c, binding.flag, pointer);
  return { kind: 'http', url: binding.http.url, pointer: binding.http.pointer };
}

/** A flag that is not bound is reported, and stands as one in a file that nobody reads. */
function flagSource(c: Compilation, flag: string, pointer: string): TrafficSource {
  const binding = flagNamed(c, flag, pointer);
  if (binding === null || 'file' in binding) return { kind: 'flagd', file: binding?.file ?? '', flag };
  checkFlag(c, pointer, binding);
  return { kind: 'flag', target: flagTarget(flag, binding) };
}

function proxyOf(
  kind: ProxySource['kind'],
  pool: string,
  { file, stable, candidate, test, reload }: Omit<ProxySource, 'kind' | 'pool'>,
): ProxySource {
  return { kind, file, pool, stable: [...stable], candidate: [...candidate], test, reload };
}

function commandsOf(source: TrafficSource): readonly string[] {
  switch (source.kind) {
    case 'nginx':
    case 'haproxy':
      return [source.test, source.reload];
    case 'command':
      return [source.set, source.get];
    case 'http':
    case 'flagd':
    case 'flag':
      return [];
    default:
      return source satisfies never;
  }
}

/** What may hold references. */
function placesOf(source: TrafficSource): readonly string[] {
  switch (source.kind) {
    case 'nginx':
    case 'haproxy':
      return [source.file, ...source.stable, ...source.candidate];
    case 'http':
      return [source.url];
    case 'flagd':
      return [source.file];
    case 'command':
    case 'flag':
      return [];
    default:
      return source satisfies never;
  }
}

/** Null after reporting that there is none. `owner`: such as `of the route "cart"`. */
export function metricNamed(
  c: Compilation,
  owner: string,
  text: string,
  key: string,
  pointer: string,
): string | null {
  const found = c.bindings.metrics.find(text);
  if (found === null) {
    c.report(pointer, {
      code: 'unknown-metric',
      message: `${key} ${owner} names the metric "${text}", which is not bound`,
      advice: `Bind "${text}" under "metrics".`,
    });
  } else {
    c.bindings.used.add(`metrics/${found}`);
  }
  return found;
}

function limitsOf(
  c: Compilation,
  route: string,
  { analysis }: TrafficBinding,
  pointer: string,
  withEnough: (probe: MetricProbe) => MetricProbe,
): readonly WatchCondition[] {
  return (analysis?.limits ?? []).flatMap((text): readonly WatchCondition[] => {
    const found = metricComparison(c, text, { baseline: false, alert: true });
    if (found.kind === 'probe' && found.probe.how === 'metric') return [alert(text, withEnough(found.probe))];
    if (found.kind === 'probe' && found.probe.how === 'all') {
      return [alert(text, { how: 'all', of: found.probe.of.map(withEnough) })];
    }
    const why = found.kind === 'open' && found.why !== undefined ? `: ${found.why}` : '';
    c.report(pointer, {
      code: 'not-understood',
      message: `no machine reads the limit "${text}" of the route "${route}"${why}`,
      advice: 'Write it as METRIC > 5 UNIT, over a bound metric.',
    });
    return [];
  });
}

function ratiosOf(
  { analysis }: TrafficBinding,
  metric: (text: string, key: string) => string | null,
): readonly { readonly text: string; readonly probe: MetricProbe }[] {
  return Object.entries(analysis?.ratios ?? {}).flatMap(([name, { stable, most }]) => {
    const candidate = metric(name, 'analysis.ratios');
    const other = metric(stable, `analysis.ratios of "${name}"`);
    if (candidate === null || other === null) return [];
    const threshold = { kind: 'metric', metric: other, factor: most } as const;
    const comparison = { operator: '>', threshold, overMs: null } as const;
    return [
      { text: `${candidate} > ${most} x ${other}`, probe: { how: 'metric', metric: candidate, comparison } },
    ];
  });
}

function alert(text: string, probe: WatchCondition['probe']): WatchCondition {
  return { text, probe, level: null, onFire: 'fail' };
}

/** Below the count there is no verdict, so this never fails: it is inconclusive, and a person is asked. */
export function enoughHolds(
  who: string,
  enough: NonNullable<MetricProbe['enough']>,
  what: string,
): Requirement {
  const threshold = { kind: 'value', value: enough.count, unit: null } as const;
  const comparison = { operator: '>=', threshold, overMs: null } as const;
  return {
    text: `${who} at least ${enough.count} ${what}`,
    probe: { how: 'metric', metric: enough.metric, comparison, enough },
  };
}

function shareHolds(c: Compilation, route: string, metric: string, percent: number): Requirement {
  const unit = c.bindings.metrics.unitOf(metric);
  const scale = unit === 'ratio' ? 0.01 : 1;
  const bound = (operator: '>=' | '<=', points: number): MetricProbe => ({
    how: 'metric',
    metric,
    comparison: { operator, threshold: { kind: 'value', value: points * scale, unit }, overMs: null },
  });
  return {
    text: `about ${percent}% of the requests of ${route} reach the new version`,
    probe: { how: 'all', of: [bound('>=', percent - TOLERANCE), bound('<=', percent + TOLERANCE)] },
  };
}
