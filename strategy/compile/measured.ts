/** A criterion with what it is measured by and its target: of success, or of a validation gate. */
import { nonBlank, type Text } from '../document.js';
import type { Comparison, Requirement } from '../plan.js';
import { below } from '../pointer.js';
import { parseComparisons } from '../sentence/comparison.js';
import { comparisonOf, type Unread } from './comparison.js';
import type { Compilation } from './compilation.js';
import { parsePrefix } from './prefix.js';
import { boundCheck, classify, type Place, requirementOf } from './requirement.js';

export interface Measured {
  readonly criterion: Text;
  readonly measurement: Text;
  readonly target: Text;
  /** What the strategy calls the target. */
  readonly targetKey: 'target' | 'threshold';
  /** Over which time it is measured, for people. */
  readonly period: string | null;
  /** When it is judged, if that is at the end of the period. */
  readonly timing?: string | null;
}

/**
 * One requirement for the whole entry: its target over the bound metric that the measurement or the criterion names,
 * else its criterion as a sentence, with the target and the period for the person who is asked. None for an empty entry.
 */
export function measuredRequirement(
  c: Compilation,
  entry: Measured,
  pointer: string,
  place: (pointer: string) => Place,
): readonly Requirement[] {
  const { targetKey, period, timing = null } = entry;
  const [criterion, target, measurement] = [entry.criterion, entry.target, entry.measurement].map(nonBlank);
  const [key, sentence] =
    criterion != null
      ? (['criterion', criterion] as const)
      : target != null
        ? ([targetKey, target] as const)
        : (['measurement', measurement ?? ''] as const);
  if (sentence === '') return [];
  const at = below(pointer, key);
  const details = [
    target === sentence ? null : target,
    measurement == null || measurement === sentence ? null : `measured by ${measurement}`,
    period,
  ].filter((part) => part != null);
  const detailed = details.length === 0 ? sentence : `${sentence} (${details.join('; ')})`;
  const measured = [measurement, criterion]
    .map((name) => (name == null ? null : c.bindings.metrics.find(name)))
    .find((metric) => metric !== null);
  if (period !== null && timing === null) {
    if (measured != null) c.bindings.used.add(`metrics/${measured}`);
    const how = `${place(at).person}: the period "${period}" is not understood, and a sample at the end does not cover it`;
    return [asked(c, at, detailed, how)];
  }
  const compared = measured == null || target == null ? null : targetOf(c, measured, target);
  if (compared === null || measured == null) {
    const unread = target == null ? null : leftOver(c, sentence, target, place(at));
    if (unread !== null)
      return [asked(c, at, detailed, `${place(at).person}; no machine reads it: ${unread}`)];
    const requirement = requirementOf(c, sentence, place(at));
    return [requirement.probe.how === 'person' ? { ...requirement, text: detailed } : requirement];
  }
  const text = criterion == null ? `${measured} ${target}` : `${criterion}: ${target}`;
  if ('why' in compared) {
    return [asked(c, at, text, `${place(at).person}; no machine reads it: ${compared.why}`)];
  }
  c.bindings.used.add(`metrics/${measured}`);
  c.cover(at, text, 'automated', [`metric ${measured}`, timing].filter((part) => part !== null).join(', '));
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

/** Why a criterion that is itself a comparison is not enough: another target stands beside it. A binding is made for all of it. */
function leftOver(c: Compilation, sentence: string, target: string, place: Place): string | null {
  if (target === sentence || parsePrefix(sentence) !== null) return null;
  if (boundCheck(c, sentence.trim()).kind !== 'open') return null;
  const found = classify(c, sentence.trim(), place, false);
  const isCompared = found.kind === 'probe' && (found.probe.how === 'metric' || found.probe.how === 'all');
  return isCompared ? `"${target}" stands beside it` : null;
}

function asked(c: Compilation, pointer: string, text: string, how: string): Requirement {
  c.coverByPerson(pointer, text, how);
  return { text, probe: { how: 'person' } };
}
