import type { Comparison, Probe, Requirement } from '../plan.js';
import { describeValue } from '../sentence/unit.js';
import { describeDuration } from './duration.js';

/** A requirement in one line: the sentence, and what evaluates it. */
export function describeRequirement(requirement: Requirement): string {
  return `${requirement.text}  [${describeProbe(requirement.probe)}]`;
}

/** What evaluates a sentence, in a few words. */
export function describeProbe(probe: Probe): string {
  switch (probe.how) {
    case 'command':
      return `command: ${oneLine(probe.text)}${describeArgs(probe.args)}`;
    case 'script':
      return `script ${probe.path}`;
    case 'sql':
      return `SQL on ${probe.connection}: ${oneLine(probe.text)}${describeArgs(probe.args)}`;
    case 'sql-script':
      return `SQL script ${probe.path} on ${probe.connection}`;
    case 'http':
      return `${probe.method} ${probe.url} -> ${probe.expect}`;
    case 'metric':
      return `metric ${probe.metric} ${describeComparison(probe.comparison)}`;
    case 'state':
      return 'from the run';
    case 'declared':
      return 'declared in the strategy';
    case 'covered':
      return `checked by ${probe.by}`;
    case 'person':
      return 'asked';
  }
}

function describeArgs(args: readonly string[]): string {
  return args.map((arg, index) => `${index === 0 ? ' with ' : ', '}$${index + 1} = ${oneLine(arg)}`).join('');
}

/** "< 0.1%", "< 2 x baseline", "> 80% for 5 minutes". */
export function describeComparison({ operator, threshold, overMs }: Comparison): string {
  const limit =
    threshold.kind === 'value'
      ? describeValue(threshold.value, threshold.unit)
      : `${threshold.factor} x baseline`;
  return `${operator} ${limit}${overMs === null ? '' : ` for ${describeDuration(overMs)}`}`;
}

/** A text of several lines as one, cut to what a line can hold. */
export function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > 160 ? `${line.slice(0, 157)}...` : line;
}
