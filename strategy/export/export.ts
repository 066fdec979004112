/** The strategy with what happened filled in: statuses, dates, milestones and rollback tests. Every other byte stays. */
import { list, nonBlank, type StrategyDocument } from '../document.js';
import { editYaml } from '../edit/yaml.js';
import type { RollbackTest } from '../rehearsal/result.js';
import type { MigrationView } from '../run/view.js';
import { progressById, together } from '../timeline/progress.js';
import { readMilestones } from '../timeline/read.js';
import { migrationStatus } from './status.js';

/** What happened, as far as a strategy has a place for it. */
export interface Outcome {
  /** With every step. */
  readonly view: MigrationView;
  /** From a rehearsal of the same plan; empty without one. */
  readonly tests: readonly RollbackTest[];
}

export interface Exported {
  readonly text: string;
  readonly changed: readonly FieldChange[];
  /** What is not filled in, and why. */
  readonly left: readonly { readonly field: string; readonly why: string }[];
}

export interface FieldChange {
  /** "prerequisites.0.validation.status". */
  readonly field: string;
  /** Null when the field was not there. */
  readonly from: string | null;
  readonly to: string;
}

/** @param text the strategy file that `document` was read from */
export function exportStrategy(text: string, document: StrategyDocument, outcome: Outcome): Exported {
  const sheet = new Sheet(text);
  const { view, tests } = outcome;
  const { metadata } = document;
  sheet.write(['metadata', 'migration_status'], metadata.migration_status ?? null, migrationStatus(view));
  const updated = nonBlank(metadata.last_updated);
  sheet.write(['metadata', 'last_updated'], updated, likeDate(view.asOf, updated));
  writePrerequisites(sheet, document, view);
  writeMilestones(sheet, document, view);
  writeTests(sheet, document, tests);
  return { text: sheet.text, changed: sheet.changed, left: sheet.left };
}

/** What the run has and the strategy does not, so that they do not belong together; null when nothing is missing. */
export function missingFrom(document: StrategyDocument, view: MigrationView): string | null {
  const phases = list(document.migration_phases);
  for (const { id, steps } of view.phases) {
    const phase = phases.find(({ phase_id }) => phase_id === id);
    if (phase === undefined) return `the phase ${id}`;
    const ids = new Set(list(phase.steps).map(({ step_id }) => step_id));
    const step = steps.find((candidate) => !ids.has(candidate.id));
    if (step !== undefined) return `the step ${step.id}`;
  }
  return null;
}

class Sheet {
  readonly changed: FieldChange[] = [];
  readonly left: { field: string; why: string }[] = [];

  constructor(public text: string) {}

  /** Writes the value unless it is there already. */
  write(path: readonly string[], from: string | null, to: string): void {
    if (from !== to) this.#edit(path, from, to, to);
  }

  /** Writes a truth value. */
  set(path: readonly string[], from: string | null, to: boolean): void {
    this.#edit(path, from, to, String(to));
  }

  /** Adds an entry to the list at `path`, which may not be there yet. */
  add(path: readonly string[], length: number, entry: object, name: string): void {
    if (length === 0) this.#edit(path, null, [entry], name);
    else this.#edit([...path, String(length)], null, entry, name);
  }

  leave(path: readonly string[], why: string): void {
    this.left.push({ field: path.join('.'), why });
  }

  #edit(path: readonly string[], from: string | null, value: unknown, to: string): void {
    const text = editYaml(this.text, path, value);
    if (text === null) {
      this.leave(path, `it cannot be written without a change of the layout; write it yourself: ${to}`);
      return;
    }
    this.text = text;
    this.changed.push({ field: path.join('.'), from, to });
  }
}

function writePrerequisites(sheet: Sheet, document: StrategyDocument, view: MigrationView): void {
  for (const [index, { prerequisite_id: id, validation }] of list(document.prerequisites).entries()) {
    const status = view.prerequisites.find((candidate) => candidate.id === id)?.status;
    // A person who skipped one has not said that it holds.
    if (status === undefined || status === 'skipped') continue;
    const to = status === 'verified' || status === 'blocked' ? status : 'pending';
    sheet.write(['prerequisites', String(index), 'validation', 'status'], validation?.status ?? null, to);
  }
}

function writeMilestones(sheet: Sheet, document: StrategyDocument, view: MigrationView): void {
  const written = list(document.execution_timeline?.milestones);
  const progress = progressById(view);
  for (const [index, { due, parts, unknown }] of readMilestones(document).entries()) {
    const path = ['execution_timeline', 'milestones', String(index), 'status'];
    const reached = together(parts.flatMap((part) => progress.get(part) ?? []));
    if (unknown.length > 0) {
      const names = unknown.map((name) => `"${name}"`).join(', ');
      sheet.leave(path, `it depends on ${names}, which is no id of this strategy`);
    } else if (reached === null) {
      sheet.leave(path, 'it depends on nothing, so nothing says when it is reached');
    } else {
      const late = reached !== 'completed' && due !== null && Date.parse(view.asOf) > Date.parse(due);
      sheet.write(path, written[index]?.status ?? null, late ? 'delayed' : reached);
    }
  }
}

/** A test of the same scenario, or with the same test dataset, is brought up to date; others stay, and new ones follow them. */
function writeTests(sheet: Sheet, document: StrategyDocument, tests: readonly RollbackTest[]): void {
  const path = ['rollback_strategy', 'rollback_testing'];
  const there = list(document.rollback_strategy?.rollback_testing);
  let length = there.length;
  for (const test of tests) {
    const index = placeOf(there, test);
    const old = there[index];
    if (old === undefined) {
      sheet.add(path, length, test, `${test.rollback_scenario}: ${test.test_result}`);
      length += 1;
      continue;
    }
    const at = [...path, String(index)];
    const date = nonBlank(old.test_date);
    if (old.tested !== true) sheet.set([...at, 'tested'], old.tested == null ? null : 'false', true);
    sheet.write([...at, 'test_result'], nonBlank(old.test_result), test.test_result);
    sheet.write([...at, 'test_date'], date, likeDate(test.test_date, date));
    sheet.write([...at, 'evidence'], nonBlank(old.evidence), test.evidence);
  }
}

type Written = NonNullable<NonNullable<StrategyDocument['rollback_strategy']>['rollback_testing']>[number];

/** -1 without any. */
function placeOf(
  there: readonly Written[],
  { rollback_scenario: scenario, test_dataset_id: id }: RollbackTest,
): number {
  const same = there.findIndex((test) => test.rollback_scenario === scenario);
  return same !== -1 || id === undefined ? same : there.findIndex((test) => test.test_dataset_id === id);
}

/** A moment, or its day where a day stood before. */
function likeDate(moment: string, before: string | null): string {
  return before !== null && /^\d{4}-\d\d-\d\d$/.test(before) ? moment.slice(0, 10) : moment;
}
