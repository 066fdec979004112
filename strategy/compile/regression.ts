/** Regression suites: before the first phase, at the completion, or beside the steps (continuous.ts). */
import { list, nonBlank, numbered } from '../document.js';
import type { PlannedPrerequisite, Requirement } from '../plan.js';
import { below } from '../pointer.js';
import type { Compilation } from './compilation.js';
import { AT_THE_END } from './facts.js';
import { datasetRequirement, type Place, requirementOf } from './requirement.js';

export type When = 'pre_migration' | 'post_migration' | 'continuous';

/** A suite: its sentences and datasets, and what they are called. */
export interface Suite {
  readonly id: string;
  readonly name: string;
  readonly pointer: string;
  /** With the pointer of each. */
  readonly paths: readonly { readonly pointer: string; readonly text: string }[];
  readonly datasets: readonly { readonly pointer: string; readonly text: string }[];
}

/** A suite without a frequency is run before the migration. */
export function suitesOf(c: Compilation, when: When): readonly Suite[] {
  const at = '/validation_strategy/regression_validation';
  return list(c.document.validation_strategy?.regression_validation).flatMap((suite, index) => {
    if ((suite.execution_frequency ?? 'pre_migration') !== when) return [];
    const pointer = below(at, index);
    const id = nonBlank(suite.regression_suite_id) ?? `regression suite ${index + 1}`;
    const textsOf = (key: 'critical_paths' | 'test_dataset_ids'): Suite['paths'] =>
      numbered(suite[key]).map(({ index: place, text }) => ({ pointer: below(pointer, key, place), text }));
    const [paths, datasets] = [textsOf('critical_paths'), textsOf('test_dataset_ids')];
    return [{ id, name: nonBlank(suite.name) ?? id, pointer, paths, datasets }];
  });
}

/** Suites that pass before the first phase begins. */
export function regressionPrerequisites(c: Compilation): readonly PlannedPrerequisite[] {
  return suitesOf(c, 'pre_migration').map((suite) => ({
    id: suite.id,
    name: suite.name,
    owner: null,
    deadline: null,
    blocked: false,
    requirements: requirementsOf(c, suite, { at: 0, person: 'asked of anyone, before the first phase' }),
  }));
}

/** Suites that pass before the migration counts as done. */
export function regressionAfterwards(c: Compilation): readonly Requirement[] {
  return suitesOf(c, 'post_migration').flatMap((suite) =>
    requirementsOf(c, suite, { at: AT_THE_END, person: 'asked at completion' }).map((requirement) => ({
      ...requirement,
      text: `${suite.id} (${suite.name}): ${requirement.text}`,
    })),
  );
}

/** The datasets of a suite are the machine check of its critical paths. */
function requirementsOf(
  c: Compilation,
  { paths, datasets }: Suite,
  when: Pick<Place, 'at' | 'person'>,
): readonly Requirement[] {
  const place = (pointer: string): Place => ({ ...when, pointer, connection: null });
  const found = datasets.map(({ pointer, text }) => datasetRequirement(c, text, place(pointer)));
  const runs = found.filter(({ probe }) => probe.how !== 'person').map(({ text }) => text);
  const by = runs.join(', ');
  const otherwise = { probe: { how: 'covered' as const, by }, how: `checked by ${by}` };
  return [
    ...found,
    ...paths.map(({ pointer, text }) =>
      requirementOf(c, text, runs.length === 0 ? place(pointer) : { ...place(pointer), otherwise }),
    ),
  ];
}
