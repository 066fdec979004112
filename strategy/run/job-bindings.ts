/** The part of the bindings that travels with a job. Every job is in the history, so what it does not need would cost there. */
import type { Needs } from '../kinds/needs.js';
import type { PlannedBindings } from '../plan.js';

export interface JobBindings extends Pick<PlannedBindings, 'connections' | 'metrics' | 'environment'> {
  /**
   * The references to secrets, and the URLs with a password, of the whole bindings: a command can get hold of any of them,
   * so all are taken out of what it prints.
   */
  readonly secrets: readonly string[];
}

/** What of the bindings a job with these needs is sent. A metric brings the connection or the environment that it is measured with. */
export function jobBindings(bindings: PlannedBindings, needs: Needs): JobBindings {
  const metrics = pick(bindings.metrics, needs.metrics);
  const sources = Object.values(metrics);
  const measuredOn = sources.flatMap((source) => (source.kind === 'sql' ? [source.connection] : []));
  const runsProcess = needs.environment || sources.some(({ kind }) => kind === 'command');
  return {
    connections: pick(bindings.connections, [...needs.connections, ...measuredOn]),
    metrics,
    environment: runsProcess ? bindings.environment : {},
    secrets: secretsOf(bindings),
  };
}

const REFERENCE = /\$\{(?:env|file):[^}]*\}/g;
const WITH_PASSWORD = /^[a-z][a-z0-9+.-]*:\/\/[^/?#@:]*:[^/?#]*@/i;

function secretsOf(bindings: PlannedBindings): readonly string[] {
  const { connections, metrics, environment, channels, archive } = bindings;
  const texts = stringsIn([connections, metrics, environment, channels, archive]);
  const found = texts.flatMap((text) => (WITH_PASSWORD.test(text) ? [text] : (text.match(REFERENCE) ?? [])));
  return [...new Set(found)];
}

function stringsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(stringsIn);
}

function pick<T>(all: Readonly<Record<string, T>>, names: readonly string[]): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(all).filter(([name]) => names.includes(name)));
}
