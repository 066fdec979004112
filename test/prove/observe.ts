/** What was observed of a run, in the words of the model: from its record, its view and the two ledgers. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunEvent } from '../../strategy/run/event.js';
import type { MigrationView } from '../../strategy/run/view.js';
import { type Case, everyAct } from './case.js';
import type { Observed } from './model.js';

/** A row of the table of effects; `at` in nanoseconds. */
export interface Effect {
  readonly name: string;
  readonly at: bigint;
}

export function observe(
  workspace: string,
  view: MigrationView,
  events: readonly RunEvent[],
  rows: readonly Effect[],
): Observed {
  const effects = [...ledger(workspace), ...rows].sort((one, other) => (one.at < other.at ? -1 : 1));
  const { applied, status, landing } = view;
  return {
    effects: effects.map(({ name }) => name),
    trace: events.flatMap(told),
    evaluations: evaluations(workspace),
    steps: Object.fromEntries(
      view.phases.flatMap(({ steps }) => steps.map((step) => [step.id, step.status])),
    ),
    ...{ applied, status, landing },
  };
}

/**
 * True when the machine was too busy for a time limit that the case does not mean to reach: a metric without data, or an
 * action that was killed, or one that hangs and was killed more often than it hangs. What the run did then is right, and not what the
 * model foresees.
 */
export function overran(given: Case, events: readonly RunEvent[]): boolean {
  const killed = events.flatMap((event) =>
    event.type === 'action-finished' && event.cause?.includes('timed out') ? [event.what] : [],
  );
  const foreseen = everyAct(given).flatMap(({ name, trouble }) =>
    trouble?.how === 'hangs' ? [{ name, times: trouble.times }] : [],
  );
  const hung = foreseen.map(({ name, times }) => {
    const often = killed.filter((what) => what.includes(name)).length;
    return { often, tooOften: often > times };
  });
  return (
    hung.some(({ tooOften }) => tooOften) ||
    hung.reduce((sum, { often }) => sum + often, 0) < killed.length ||
    events.some(
      (event) =>
        event.type === 'requirements-evaluated' &&
        event.results.some(({ evidence }) => TOO_SLOW.test(evidence ?? '')),
    )
  );
}

/** As the evidence says it of a probe, of a soak whose earlier samples took longer, and of a worker that could not even tell that it lives. */
const TOO_SLOW =
  /took longer than|no data for .* of the .* sampled|no answer within|the worker gave no answer|the watch failed/;

/** Why what was evaluated had no verdict: to find out why a run differs. */
export function doubts(events: readonly RunEvent[]): readonly string[] {
  return events.flatMap((event) => {
    if (event.type !== 'requirements-evaluated') return [];
    const open = event.results.filter(({ verdict }) => verdict === 'inconclusive');
    return open.map(({ text, evidence }) => `inconclusive: ${text}: ${evidence}`);
  });
}

function ledger(workspace: string): readonly Effect[] {
  return linesOf(join(workspace, 'ledger')).map((line) => {
    const [at = '', name = ''] = line.split(' ');
    return { name, at: BigInt(at) };
  });
}

function evaluations(workspace: string): Record<string, number> {
  const files = readdirSync(workspace).filter((file) => file.startsWith('asked.'));
  return Object.fromEntries(
    files.map((file) => [file.slice('asked.'.length), linesOf(join(workspace, file)).length]),
  );
}

function linesOf(file: string): readonly string[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
}

function told(event: RunEvent): readonly string[] {
  switch (event.type) {
    case 'action-finished':
      return [`${event.purpose === 'apply' ? 'do' : 'undo'} ${event.step} ${event.index} ${event.outcome}`];
    case 'decision-opened': {
      const { id, needs, options } = event.decision;
      const who = needs.map(({ role, votes }) => `${role}*${votes}`);
      return [`ask ${id} of [${who.join(', ')}]: ${options.join(', ')}`];
    }
    case 'decision-closed':
      return [`answer ${event.decision}: ${event.option ?? 'none'}`];
    case 'command-accepted':
      return [`command ${event.command}${event.to === null ? '' : ` ${event.to}`}`];
    case 'alert':
      return [`alert ${event.step}`];
    case 'rollback-started':
      return [`rollback ${event.number} ${event.level} to ${event.landing}`];
    case 'step-undone':
      return [`undone ${event.step}`];
    case 'undo-failed':
      return [`not undone ${event.step}`];
    case 'rollback-finished':
      return [`landed ${event.landing}`];
    case 'run-ended':
      return [`end ${event.status}`];
    default:
      return [];
  }
}

/** What differs, for people; null when nothing does. */
export function difference(expected: Observed, seen: Observed): string | null {
  const told = [
    inLists('trace', expected.trace, seen.trace),
    inLists('effects', expected.effects, seen.effects),
    inValues('evaluations', expected.evaluations, seen.evaluations),
    inValues('steps', expected.steps, seen.steps),
    inValues('applied', expected.applied, seen.applied),
    inValues('status', expected.status, seen.status),
    inValues('landing', expected.landing, seen.landing),
  ].filter((text) => text !== null);
  return told.length === 0 ? null : told.join('\n');
}

function inLists(what: string, expected: readonly string[], seen: readonly string[]): string | null {
  const length = Math.max(expected.length, seen.length);
  const at = Array.from({ length }, (_, index) => index).find((index) => expected[index] !== seen[index]);
  if (at === undefined) return null;
  const before = expected.slice(Math.max(0, at - 4), at).map((line) => `    ${line}`);
  return [
    `${what}, line ${at + 1} (of ${expected.length} expected, ${seen.length} seen):`,
    ...before,
    `  - ${expected[at] ?? 'nothing more'}  (expected)`,
    `  + ${seen[at] ?? 'nothing more'}  (seen)`,
  ].join('\n');
}

function inValues(what: string, expected: unknown, seen: unknown): string | null {
  const [one, other] = [canonical(expected), canonical(seen)];
  return one === other ? null : `${what}:\n  - ${one}  (expected)\n  + ${other}  (seen)`;
}

function canonical(value: unknown): string {
  const sorted = (_: string, inner: unknown): unknown =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([one], [other]) => (one < other ? -1 : 1)))
      : inner;
  return JSON.stringify(value, sorted);
}
