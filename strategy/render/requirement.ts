import type { Comparison, Probe, Requirement } from '../plan.js';

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

export function describeComparison({ operator, value, percent }: Comparison): string {
  return `${operator} ${value}${percent ? '%' : ''}`;
}

/** A text of several lines as one, cut to what a line can hold. */
export function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > 160 ? `${line.slice(0, 157)}...` : line;
}
