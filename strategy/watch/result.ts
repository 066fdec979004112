/** What a watch says of its conditions, for the record. */
import { describeTimetable } from '../calendar/describe.js';
import type { WatchCondition } from '../plan.js';
import { describeDuration } from '../render/duration.js';
import type { RequirementView, Verdict } from '../run/requirement.js';
import { type ConditionState, QUIET } from './condition.js';
import { isBlind, type SoakState } from './soak.js';
import type { WatchState } from './state.js';

/** What a probe said of a condition; `pass` means that its sentence holds. */
export interface Finding {
  readonly verdict: Verdict;
  readonly evidence: string;
}

const NOT_SAMPLED: Finding = { verdict: 'inconclusive', evidence: 'not sampled' };

/** One per condition, in order: `pass` when it stayed quiet, `fail` when it fires, else `inconclusive`. */
export function resultsOf(
  conditions: readonly WatchCondition[],
  state: WatchState,
  findings: readonly (Finding | null)[],
  failureLimit: number,
): readonly RequirementView[] {
  return conditions.map((condition, index) => {
    const known = state.conditions[index] ?? QUIET;
    const finding = findings[index] ?? known.latest ?? NOT_SAMPLED;
    const verdict = verdictOf(known, finding, isBlind(state.soak, index));
    const evidence = [
      finding.evidence,
      ...missedOf(known, condition),
      ...countOf(known, finding, failureLimit),
      ...soakOf(state.soak, index),
    ].join('; ');
    return { text: condition.text, how: condition.probe.how, verdict, evidence, alert: true };
  });
}

function verdictOf(state: ConditionState, { verdict }: Finding, blind: boolean): Verdict {
  if (state.firing) return 'fail';
  return verdict === 'fail' && !blind ? 'pass' : 'inconclusive';
}

function missedOf({ latest }: ConditionState, condition: WatchCondition): readonly string[] {
  if (latest === undefined || latest.missed === 0) return [];
  const { everyMs = 0, timetable } = condition;
  const pace = timetable === undefined ? `every ${duration(everyMs)}` : describeTimetable(timetable);
  return [`it is due ${pace} and was missed ${times(latest.missed)}`];
}

function countOf(state: ConditionState, finding: Finding, failureLimit: number): readonly string[] {
  const { held, firing, episodes } = state;
  if (firing) return [`it held in ${held} samples in a row`];
  if (held > 0) return [`it held in ${held} of ${failureLimit} samples, so it is undecided`];
  if (episodes > 0 && finding.verdict === 'fail') return [`it fired ${times(episodes)} and recovered`];
  return [];
}

function soakOf(soak: SoakState, index: number): readonly string[] {
  const { sampledMs, missedMs, longestGapMs, blindMs } = soak;
  const parts: string[] = [];
  if (isBlind(soak, index)) {
    parts.push(`no data for ${duration(blindMs[index] ?? 0)} of the ${duration(sampledMs)} sampled`);
  }
  if (longestGapMs > 0) {
    parts.push(
      `no worker sampled it for ${duration(longestGapMs)}, so the soak lasted ${duration(missedMs)} longer`,
    );
  }
  return parts;
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

function duration(ms: number): string {
  return describeDuration(Math.round(ms));
}
