/** Turns a sentence into a requirement: finds what evaluates it, and notes that in the coverage. */

import type { CoverageKind } from '../coverage.js';
import { wellWhenPassed } from '../kinds/probes/index.js';
import type { MachineProbe, Probe, Requirement } from '../plan.js';
import { mayCompare } from '../sentence/comparison.js';
import type { Classified } from './classified.js';
import { metricComparison, type Use } from './comparison.js';
import type { Compilation } from './compilation.js';
import { classifyReconciliation } from './items/reconciliation.js';
import { type Prefixed, parseHttp, parsePrefix } from './prefix.js';
import { shorten } from './reporter.js';
import { badSql } from './sql.js';

/** What is known of the place at which a sentence stands. */
export interface Place {
  readonly pointer: string;
  /** When it is evaluated: see facts.ts. */
  readonly at: number;
  /** `x-connection` of its step. */
  readonly connection: string | null;
  /** True where the baselines of a step are known: see comparison.ts. */
  readonly baseline?: boolean;
  /** What becomes of it when nothing evaluates it; a person by default. */
  readonly otherwise?: Otherwise | undefined;
  /** Who is asked when a person is. */
  readonly person: string;
}

export interface Otherwise {
  readonly probe: Probe;
  readonly how: string;
}

/** The requirement of one sentence. */
export function requirementOf(c: Compilation, text: string, place: Place): Requirement {
  return settle(c, text, classify(c, text.trim(), place, false), place);
}

/** The requirement that a test dataset passes. */
export function datasetRequirement(c: Compilation, id: string, place: Place): Requirement {
  return settle(
    c,
    `dataset ${id}`,
    c.datasets.find(id.trim(), place.connection, place.pointer, c.reporter),
    place,
  );
}

/** The requirement of what was found for a sentence, which the coverage then lists. */
export function settle(c: Compilation, text: string, found: Classified, place: Place): Requirement {
  switch (found.kind) {
    case 'probe':
      c.cover(place.pointer, text, kindOf(found.probe), found.how);
      return { text, probe: found.probe };
    case 'problem':
      c.report(place.pointer, found.finding);
      c.cover(place.pointer, text, 'person', place.person);
      return { text, probe: { how: 'person' } };
    case 'open':
      if (found.doubt !== undefined && place.otherwise === undefined) c.report(place.pointer, found.doubt);
      if (place.otherwise !== undefined) {
        c.cover(place.pointer, text, kindOf(place.otherwise.probe), place.otherwise.how);
        c.unread.push({ pointer: place.pointer, text });
        return { text, probe: place.otherwise.probe };
      }
      c.coverByPerson(place.pointer, text, `${place.person}${unread(found.why)}`);
      return { text, probe: { how: 'person' } };
  }
}

function unread(why: string | undefined): string {
  return why === undefined ? '' : `; no machine reads it: ${why}`;
}

function kindOf(probe: Probe): CoverageKind {
  if (probe.how === 'state' || probe.how === 'declared' || probe.how === 'person') return probe.how;
  return 'automated';
}

/**
 * What evaluates a sentence, in the order of precedence of the ways there are.
 * `alert`: the sentence holds when something is wrong.
 */
export function classify(
  c: Compilation,
  text: string,
  place: Omit<Place, 'person'>,
  alert: boolean,
): Classified {
  const prefixed = parsePrefix(text);
  if (prefixed !== null) return ofPrefix(c, prefixed, place);
  const bound = boundCheck(c, text);
  if (bound.kind !== 'open') return bound;
  const stated = c.facts.classify(text, place.at);
  if (stated.kind !== 'open') return stated;
  const reconciled = classifyReconciliation(c, text);
  if (reconciled.kind !== 'open' || reconciled.why !== undefined) return reconciled;
  const compared = comparisonFor(c, text, { baseline: place.baseline ?? false, alert });
  if (compared.kind !== 'open') return compared;
  const dataset = c.datasets.find(text, place.connection, place.pointer, c.reporter);
  return dataset.kind === 'open' ? { ...compared, ...stated } : dataset;
}

function ofPrefix(c: Compilation, prefixed: Prefixed, place: Omit<Place, 'person'>): Classified {
  switch (prefixed.prefix) {
    case 'command':
      return {
        kind: 'probe',
        probe: { how: 'command', text: prefixed.text, args: [] },
        how: 'shell command',
        ...wellWhenPassed({ how: 'command', text: prefixed.text, args: [] }),
      };
    case 'sql': {
      const complaint = c.surroundings.sqlError(prefixed.text);
      if (complaint !== null) return { kind: 'problem', finding: badSql(complaint) };
      const connection = c.bindings.connections.choose(place.connection, place.pointer, c.reporter);
      if (connection === null) return { kind: 'open' };
      const probe: MachineProbe = { how: 'sql', text: prefixed.text, args: [], connection };
      return { kind: 'probe', probe, how: `SQL on ${connection}` };
    }
    case 'http': {
      // The strategy says what is done, the bindings which secrets it gets: else a sentence could send any of them away.
      if (/\$\{/.test(prefixed.text)) {
        return refused(
          'misplaced-reference',
          `"${shorten(prefixed.text)}" contains a reference, and references are only allowed in the bindings`,
          'Write a sentence here, and bind it under "checks" to the request.',
        );
      }
      const http = parseHttp(prefixed.text);
      if (http !== null) {
        const probe = { how: 'http', ...http } as const;
        return { kind: 'probe', probe, how: 'HTTP request', ...wellWhenPassed(probe) };
      }
      return refused(
        'bad-http',
        `"${shorten(prefixed.text)}" is not a request`,
        'Write it as: http: GET http://host/path -> 200',
      );
    }
    case 'dataset': {
      const found = c.datasets.find(prefixed.id, place.connection, place.pointer, c.reporter);
      if (found.kind !== 'open') return found;
      return refused(
        'unknown-dataset',
        `there is no test dataset "${shorten(prefixed.id)}"`,
        'Add a file of that name under linkage.test_datasets_dir, or bind it under "datasets".',
      );
    }
  }
}

/** A comparison means the same wherever its sentence stands for the same use. */
function comparisonFor(c: Compilation, text: string, use: Use): Classified {
  if (!mayCompare(text)) return { kind: 'open' };
  const key = `${use.alert ? 'alert' : 'check'} ${use.baseline ? 'baseline' : 'now'} ${text}`;
  const known = c.compared.get(key);
  if (known !== undefined) return known;
  const compared = metricComparison(c, text, use);
  c.compared.set(key, compared);
  return compared;
}

/** A sentence that the bindings make executable. */
export function boundCheck(c: Compilation, text: string): Classified {
  const known = c.classified.get(text);
  if (known !== undefined) return known;
  const classified = lookUp(c, text);
  c.classified.set(text, classified);
  return classified;
}

function lookUp(c: Compilation, text: string): Classified {
  const found = c.bindings.checks.find(text);
  if (found.kind === 'none') return { kind: 'open' };
  if (found.kind === 'ambiguous') {
    const keys = found.keys.map((key) => `"${key}"`).join(' and ');
    return refused(
      'ambiguous-binding',
      `"${shorten(text)}" is matched by ${keys}`,
      'Make one of the expressions narrower, or bind the sentence as it stands.',
    );
  }
  const { key, value, args } = found.match;
  c.bindings.used.add(`checks/${key}`);
  const { probe } = value;
  const takesArgs = probe.how === 'command' || probe.how === 'sql';
  const how = `check binding "${shorten(key)}" (${probe.how}${probe.how === 'sql' ? ` on ${probe.connection}` : ''})`;
  const well = value.expect === null ? wellWhenPassed(probe) : {};
  return { kind: 'probe', probe: takesArgs ? { ...probe, args } : probe, how, ...well };
}

function refused(code: string, message: string, advice: string): Classified {
  return { kind: 'problem', finding: { code, message, advice } };
}
