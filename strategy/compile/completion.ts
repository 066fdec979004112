/** What must hold for the migration to count as done. */
import { list, nonBlank, numbered, sentences } from '../document.js';
import type { Comparison, PlannedCompletion, Requirement } from '../plan.js';
import { below } from '../pointer.js';
import { parseComparisons } from '../sentence/comparison.js';
import { comparisonOf, type Unread } from './comparison.js';
import type { Compilation } from './compilation.js';
import { AT_THE_END } from './facts.js';
import { approvalOf } from './phases.js';
import { regressionAfterwards } from './regression.js';
import { datasetRequirement, type Place, requirementOf } from './requirement.js';

/** A success criterion: a sentence, how it is measured, and its target. */
interface Success {
  readonly criterion?: string | null | undefined;
  readonly measurement?: string | null | undefined;
  readonly target?: string | null | undefined;
}

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
  return { requirements, approval: definition ? approvalOf(c, definition, at) : null };
}

/**
 * One requirement for the whole entry: its target over the bound metric that the measurement or the criterion names,
 * else its criterion as a sentence, with the target and the period for the person who is asked.
 */
function successOf(
  c: Compilation,
  success: Success & { readonly measurement_period?: string | null | undefined },
  pointer: string,
  place: (pointer: string) => Place,
): readonly Requirement[] {
  const criterion = nonBlank(success.criterion);
  const target = nonBlank(success.target);
  const measured = (['measurement', 'criterion'] as const)
    .map((key) => nonBlank(success[key]))
    .map((name) => (name === null ? null : c.bindings.metrics.find(name)))
    .find((metric) => metric !== null);
  const key = (['criterion', 'target', 'measurement'] as const).find(
    (field) => nonBlank(success[field]) !== null,
  );
  if (key === undefined) return [];
  const at = below(pointer, key);
  const measurement = nonBlank(success.measurement);
  const period = nonBlank(success.measurement_period);
  const sentence = criterion ?? target ?? measurement ?? '';
  const details = [
    target === sentence ? null : target,
    measurement === null || measurement === sentence ? null : `measured by ${measurement}`,
    period,
  ].filter((part) => part !== null);
  const detailed = details.length === 0 ? sentence : `${sentence} (${details.join('; ')})`;
  if (period !== null) {
    if (measured != null) c.bindings.used.add(`metrics/${measured}`);
    const how = `${place(at).person}: a sample at the end does not cover the period "${period}"`;
    return [asked(c, at, detailed, how)];
  }
  const compared = measured == null || target === null ? null : targetOf(c, measured, target);
  if (compared === null || measured == null) {
    const requirement = requirementOf(c, sentence, place(at));
    return [requirement.probe.how === 'person' ? { ...requirement, text: detailed } : requirement];
  }
  const text = criterion === null ? `${measured} ${target}` : `${criterion}: ${target}`;
  if ('why' in compared) {
    return [asked(c, at, text, `${place(at).person}; no machine reads it: ${compared.why}`)];
  }
  c.bindings.used.add(`metrics/${measured}`);
  c.cover(at, text, 'automated', `metric ${measured}`);
  return [{ text, probe: { how: 'metric', metric: measured, comparison: compared } }];
}

/** A target such as "< 1%" over a metric; null when it is none. */
function targetOf(c: Compilation, metric: string, target: string): Comparison | Unread | null {
  const reading = parseComparisons(target);
  if (reading.kind === 'none') return null;
  const [only, second] = reading.kind === 'understood' ? reading.value : [];
  if (only === undefined || second !== undefined || only.name !== '')
    return { why: `"${target}" is not understood` };
  return comparisonOf(c.bindings.metrics, metric, only, { baseline: false, alert: false });
}

function asked(c: Compilation, pointer: string, text: string, how: string): Requirement {
  c.coverByPerson(pointer, text, how);
  return { text, probe: { how: 'person' } };
}
