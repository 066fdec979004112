/** Several metric comparisons of one sentence: one that fails decides, and one without data leaves it open. */
import type { ProbeOf } from '../../strategy/kinds/probes/kind.js';
import { evaluateMetric } from './metric.js';
import type { Evaluator } from './verdict.js';

export const evaluateAll: Evaluator<ProbeOf<'all'>> = async ({ of }, context) => {
  const results = await Promise.all(of.map((part) => evaluateMetric(part, context)));
  const verdict = (['fail', 'inconclusive'] as const).find((bad) =>
    results.some((result) => result.verdict === bad),
  );
  const evidence = results.map((result) => result.evidence).join('; ');
  const isBroken = verdict === 'inconclusive' && results.some((result) => result.broken === true);
  return { verdict: verdict ?? 'pass', evidence, ...(isBroken ? { broken: true } : {}) };
};
