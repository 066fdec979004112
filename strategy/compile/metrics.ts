/** The bound metrics, found by any spelling of their name. */
import type { MetricBinding } from '../bindings-document.js';
import type { MetricSource, MetricUnit } from '../plan.js';
import { below } from '../pointer.js';
import { parseDuration } from '../sentence/duration.js';
import type { ConnectionTable } from './connections.js';
import type { Reporter } from './reporter.js';
import { checkConnection, checkNoReferences, checkReferences } from './secrets.js';

export class MetricTable {
  readonly sources: Readonly<Record<string, MetricSource>>;
  readonly #byName = new Map<string, string>();
  readonly #windows = new Map<string, number>();

  constructor(
    bindings: Readonly<Record<string, MetricBinding>>,
    connections: ConnectionTable,
    reporter: Reporter,
  ) {
    const sources: [string, MetricSource][] = [];
    for (const [name, binding] of Object.entries(bindings)) {
      const pointer = below('/metrics', name);
      const source = compileMetric(binding, pointer, connections, reporter);
      if (source !== null) sources.push([name, source]);
      const window = durationOrNull(binding.window, below(pointer, 'window'), reporter);
      if (window !== null) this.#windows.set(name, window);
      const normalized = normalizeMetricName(name);
      const other = this.#byName.get(normalized);
      if (other === undefined) {
        this.#byName.set(normalized, name);
      } else {
        reporter.report(pointer, {
          code: 'duplicate-metric',
          message: `"${name}" and "${other}" are the same name: case, spaces, "_" and "-" are ignored`,
          advice: 'Keep one of them.',
        });
      }
    }
    this.sources = Object.fromEntries(sources);
  }

  /** The name under which a metric is bound, however it is spelled; null when it is not bound. */
  find(name: string): string | null {
    return this.#byName.get(normalizeMetricName(name)) ?? null;
  }

  /** Milliseconds over which the query of a bound metric averages; null when the bindings do not say. */
  windowOf(metric: string): number | null {
    return this.#windows.get(metric) ?? null;
  }

  /** What the values of a bound metric are; null when the bindings do not say. */
  unitOf(metric: string): MetricUnit | null {
    return this.sources[metric]?.unit ?? null;
  }
}

function durationOrNull(text: string | null | undefined, pointer: string, reporter: Reporter): number | null {
  if (text == null) return null;
  const ms = parseDuration(text);
  if (ms === null) {
    reporter.report(pointer, {
      code: 'bad-duration',
      message: `"${text}" is not a duration`,
      advice: 'Write it as "10 minutes" or "PT10M".',
    });
  }
  return ms;
}

function compileMetric(
  binding: MetricBinding,
  pointer: string,
  connections: ConnectionTable,
  reporter: Reporter,
): MetricSource | null {
  const unit: MetricUnit | null = binding.unit ?? null;
  if ('prometheus' in binding) {
    const { url, query } = binding.prometheus;
    reportAddress(url, below(pointer, 'prometheus', 'url'), reporter);
    return { unit, kind: 'prometheus', url, query };
  }
  if ('command' in binding) {
    const finding = checkNoReferences(binding.command);
    if (finding !== null) reporter.report(below(pointer, 'command'), finding);
    return { unit, kind: 'command', command: binding.command };
  }
  if ('http' in binding) {
    reportAddress(binding.http, below(pointer, 'http'), reporter);
    return { unit, kind: 'http', url: binding.http.replace(/^GET\s+/, ''), pointer: binding.pointer };
  }
  const finding = checkNoReferences(binding.sql);
  if (finding !== null) reporter.report(below(pointer, 'sql'), finding);
  const connection = connections.choose(binding.connection ?? null, pointer, reporter);
  return connection === null ? null : { unit, kind: 'sql', sql: binding.sql, connection };
}

function reportAddress(url: string, pointer: string, reporter: Reporter): void {
  const finding = checkReferences(url) ?? checkConnection(url);
  if (finding !== null) reporter.report(pointer, finding);
}

/** "Error rate", "error_rate" and "errorRate" name the same metric: case, space, `_` and `-` do not count. */
function normalizeMetricName(name: string): string {
  return name.toLowerCase().replace(/[\s_-]+/g, '');
}
