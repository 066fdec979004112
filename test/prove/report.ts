/** What `npm run prove` prints. */
import type { Difference, Summary } from './series.js';

export function progressLine(summary: Summary, runs: number, began: number): string {
  const seconds = (Date.now() - began) / 1000;
  const left = summary.runs === 0 ? 0 : (seconds / summary.runs) * (runs - summary.runs);
  return `${summary.runs} of ${runs} runs, ${summary.decisions} decisions, ${summary.effects} effects, ${summary.differences.length} differences; about ${Math.ceil(left / 60)} min left`;
}

export function table(summary: Summary, seed: number, tookMs: number): string {
  const ends = Object.entries(summary.ends)
    .sort(([, one], [, other]) => other - one)
    .map(([status, count]) => `${count} ${status}`);
  const rows: readonly (readonly [string, string])[] = [
    ['runs', `${summary.runs} (${ends.join(', ')})`],
    ['effects', String(summary.effects)],
    ['decisions', String(summary.decisions)],
    ['rollbacks', String(summary.rollbacks)],
    ['repeated', `${summary.repeated} (the machine was too busy for a time limit)`],
    ['seed', String(seed)],
    ['duration', `${(tookMs / 1000).toFixed(0)} s`],
    ['differences', String(summary.differences.length)],
  ];
  return rows.map(([name, value]) => `  ${name.padEnd(12)} ${value}`).join('\n');
}

export function tell({ seed, path, text, given }: Difference, verbose: boolean): string {
  const command = `npm run prove -- --runs 1 --seed ${seed}${path === null ? '' : ` --path ${path}`}`;
  return [
    `DIFFERENCE at seed ${seed}`,
    text,
    ...(verbose ? [`case: ${JSON.stringify(given)}`] : []),
    `again: ${command} --verbose`,
  ].join('\n');
}
