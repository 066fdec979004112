import { describeMachineProbe, isMachineProbe } from '../kinds/probes/index.js';
import type { Probe, Requirement } from '../plan.js';

/** A requirement in one line: the sentence, and what evaluates it. */
export function describeRequirement(requirement: Requirement): string {
  return `${requirement.text}  [${describeProbe(requirement.probe)}]`;
}

/** What evaluates a sentence, in a few words. */
export function describeProbe(probe: Probe): string {
  if (isMachineProbe(probe)) return describeMachineProbe(probe);
  switch (probe.how) {
    case 'state':
      return 'from the run';
    case 'declared':
      return 'declared in the strategy';
    case 'covered':
      return `checked by ${probe.by}`;
    case 'person':
      return 'asked';
    default:
      return probe satisfies never;
  }
}
