/** What must hold for the migration to count as done. */
import { list, nonBlank, numbered, sentences, type Text } from '../document.js';
import type { PlannedCompletion, Requirement } from '../plan.js';
import { below } from '../pointer.js';
import { parsePeriod } from '../sentence/delay.js';
import type { Compilation } from './compilation.js';
import { AT_THE_END } from './facts.js';
import { measuredRequirement } from './measured.js';
import { approvalOf } from './phases.js';
import { regressionAfterwards } from './regression.js';
import { datasetRequirement, type Place, requirementOf } from './requirement.js';
import { whileAsked } from './while-asked.js';

/** `throughout`: what should have held all the time and no machine could watch. */
export function compileCompletion(c: Compilation, throughout: readonly Requirement[]): PlannedCompletion {
  const success = c.document.success_criteria;
  const definition = success?.migration_complete_definition;
  const approvers = sentences(definition?.approvers).join(', ') || 'anyone';
  const place = (pointer: string): Place => ({
    pointer,
    at: AT_THE_END,
    connection: null,
    person: `asked of ${approvers}, at completion`,
  });
  const requirements: Requirement[] = [];
  for (const [index, item] of list(success?.technical_success).entries()) {
    const pointer = below('/success_criteria/technical_success', index);
    requirements.push(...successOf(c, item, pointer, place));
    const dataset = nonBlank(item.test_dataset_id);
    if (dataset !== null)
      requirements.push(datasetRequirement(c, dataset, place(below(pointer, 'test_dataset_id'))));
  }
  for (const [index, item] of list(success?.business_success).entries()) {
    if (periodOf(item) !== null) continue;
    requirements.push(...successOf(c, item, below('/success_criteria/business_success', index), place));
  }
  const at = '/success_criteria/migration_complete_definition';
  for (const { index, text } of numbered(definition?.criteria)) {
    requirements.push(requirementOf(c, text, place(below(at, 'criteria', index))));
  }
  for (const { index, text } of numbered(definition?.validation_required)) {
    requirements.push(datasetRequirement(c, text, place(below(at, 'validation_required', index))));
  }
  requirements.push(...regressionAfterwards(c), ...throughout);
  const approval = definition ? approvalOf(c, definition, at) : null;
  return { requirements, approval, ...whileAsked(c.streams) };
}

/** A success criterion: a sentence, how it is measured, and its target; a business criterion also over which period. */
export interface Success {
  readonly criterion?: Text;
  readonly measurement?: Text;
  readonly target?: Text;
  readonly measurement_period?: Text;
}

/** The period of a business criterion, when it is understood: the criterion is then judged at its end. */
export function periodOf({ measurement_period }: Success): number | null {
  const text = nonBlank(measurement_period);
  const reading = text === null ? null : parsePeriod(text);
  return reading?.kind === 'understood' ? reading.value : null;
}

/** `timing`: when it is judged, if that is later than the completion. */
export function successOf(
  c: Compilation,
  { criterion, measurement, target, measurement_period }: Success,
  pointer: string,
  place: (pointer: string) => Place,
  timing: string | null = null,
): readonly Requirement[] {
  const entry = {
    criterion,
    measurement,
    target,
    targetKey: 'target',
    period: nonBlank(measurement_period),
    timing,
  } as const;
  return measuredRequirement(c, entry, pointer, place);
}
