/** Results of requirements in words. Whatever is watched did or did not fire; anything else holds or fails. */
import type { RequirementView } from './requirement.js';

/** Of the results that are as they should be, so many are listed in one line. */
const LISTED = 5;

/** `holds`, `fails`, `no verdict`; for what is watched `did not fire`, `fired`, `no data`. */
export function verdictLabel({ verdict, alert }: Pick<RequirementView, 'verdict' | 'alert'>): string {
  switch (verdict) {
    case 'pass':
      return alert ? 'did not fire' : 'holds';
    case 'fail':
      return alert ? 'fired' : 'fails';
    case 'inconclusive':
      return alert ? 'no data' : 'no verdict';
    case null:
      return 'open';
    default:
      return verdict satisfies never;
  }
}

/** Such as `holds: Rows match (0 differ)`. */
export function describeResult(result: RequirementView): string {
  const { text, evidence } = result;
  return `${verdictLabel(result)}: ${text}${evidence === null ? '' : ` (${evidence})`}`;
}

/** All results that have a verdict, the bad ones first; null when none has one. */
export function describeResults(results: readonly RequirementView[]): string | null {
  const judged = results.filter(({ verdict }) => verdict !== null);
  if (judged.length === 0) return null;
  const good = judged.filter(({ verdict }) => verdict === 'pass');
  const bad = judged.filter(({ verdict }) => verdict !== 'pass');
  const more = good.length > LISTED ? [`and ${good.length - LISTED} more without a finding`] : [];
  return [...[...bad, ...good.slice(0, LISTED)].map(describeResult), ...more].join('; ');
}
