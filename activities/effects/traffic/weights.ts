/**
 * The weights in the configuration of nginx and HAProxy. Only the lines of the servers named in the bindings change; comments,
 * other parameters and the rest of the file stay.
 *
 * nginx: https://nginx.org/en/docs/http/ngx_http_upstream_module.html#server ("weight=N", at least 1; "down").
 * HAProxy: https://docs.haproxy.org/2.6/configuration.html#5.2-weight ("weight N" from 0 to 256; 0 takes no new sessions).
 */
import type { ProxySource } from '../../../strategy/plan.js';
import { Refusal } from '../../refusal.js';

/** A server's line: its indentation with name and address, its parameters, and what follows them. */
interface ServerLine {
  readonly at: number;
  readonly head: string;
  readonly parameters: string;
  readonly tail: string;
}

/** The parameters of each server, the stable ones first, in the order of the bindings. */
export function readParameters(text: string, source: ProxySource): readonly string[] {
  const lines = text.split('\n');
  return serverLines(lines, source).map(({ parameters }) => parameters);
}

/** The text with these parameters, given in the same order. */
export function writeParameters(text: string, source: ProxySource, parameters: readonly string[]): string {
  const lines = text.split('\n');
  serverLines(lines, source).forEach(({ at, head, tail }, index) => {
    lines[at] = `${head}${parameters[index] ?? ''}${tail}`;
  });
  return lines.join('\n');
}

/** The parameters that send this percentage of requests to the candidates, shared evenly on each side. */
export function parametersFor(
  percent: number,
  { kind, stable, candidate }: ProxySource,
  current: readonly string[],
): readonly string[] {
  const [stableWeight, candidateWeight] = weightsOf(percent, stable.length, candidate.length);
  return current.map((parameters, index) => {
    const weight = index < stable.length ? stableWeight : candidateWeight;
    return kind === 'nginx' ? nginxParameters(parameters, weight) : haproxyParameters(parameters, weight);
  });
}

/** The smallest whole weights: with two stable servers and one candidate, 5% is 19 each against 2. */
function weightsOf(percent: number, stable: number, candidate: number): readonly [number, number] {
  const left = (100 - percent) * candidate;
  const right = percent * stable;
  const divisor = Math.max(1, commonDivisor(left, right));
  return [left / divisor, right / divisor];
}

function commonDivisor(left: number, right: number): number {
  return right === 0 ? left : commonDivisor(right, left % right);
}

function nginxParameters(parameters: string, weight: number): string {
  const others = parameters.replace(/\s+(?:weight=\d+|down)(?=\s|$)/g, '');
  return weight === 0 ? `${others} down` : `${others} weight=${weight}`;
}

function haproxyParameters(parameters: string, weight: number): string {
  return `${parameters.replace(/\s+weight\s+\d+(?=\s|$)/g, '')} weight ${weight}`;
}

const SYNTAX = {
  nginx: {
    opens: (pool: string) => new RegExp(`^\\s*upstream\\s+${literal(pool)}\\s*\\{`),
    closes: /^\s*\}/,
    server: (name: string) => new RegExp(`^(\\s*server\\s+${literal(name)})((?:\\s[^;#]*)?)(;.*)$`),
  },
  haproxy: {
    opens: (pool: string) => new RegExp(`^(?:backend|listen)\\s+${literal(pool)}\\s*(?:#.*)?$`),
    closes: /^[a-z]/,
    server: (name: string) =>
      new RegExp(`^(\\s*server\\s+${literal(name)}\\s+[^\\s#]+)([^#]*?)(\\s*(?:#.*)?)$`),
  },
} as const;

/** @throws Refusal when the pool or one of the servers is not there exactly once */
function serverLines(lines: readonly string[], source: ProxySource): readonly ServerLine[] {
  const { file, pool, kind, stable, candidate } = source;
  const syntax = SYNTAX[kind];
  const opens = lines.flatMap((line, index) => (syntax.opens(pool).test(line) ? [index] : []));
  const [start, another] = opens;
  const section = kind === 'nginx' ? 'upstream' : 'backend';
  if (start === undefined || another !== undefined) {
    throw new Refusal(
      `${file} has ${start === undefined ? 'no' : 'more than one'} ${section} "${pool}", so its weights were not changed. Correct the name in the bindings, or the file, and retry.`,
    );
  }
  const length = lines.slice(start + 1).findIndex((line) => syntax.closes.test(line));
  const end = length === -1 ? lines.length : start + 1 + length;
  return [...stable, ...candidate].map((name) => {
    const pattern = syntax.server(name);
    const found = lines.slice(start + 1, end).flatMap((line, index): readonly ServerLine[] => {
      const match = pattern.exec(line);
      if (match === null) return [];
      const [, head = '', parameters = '', tail = ''] = match;
      return [{ at: start + 1 + index, head, parameters, tail }];
    });
    const [only, second] = found;
    if (only !== undefined && second === undefined) return only;
    throw new Refusal(
      `In ${file}, the ${section} "${pool}" has ${only === undefined ? 'no' : 'more than one'} line for the server "${name}", so no weight was changed. Write one server per line, and its ${kind === 'nginx' ? 'address' : 'name'} in the bindings as the file has it.`,
    );
  });
}

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
