/** What `npm run chaos` prints. */
import type { Summary } from './series.js';

export function progressLine(summary: Summary, kills: number, began: number): string {
  const minutes = (Date.now() - began) / 60_000;
  const left = summary.total === 0 ? 0 : (minutes / summary.total) * (kills - summary.total);
  return `${summary.total} of ${kills} kills, ${summary.runs} runs ended, ${summary.effects} effects, ${summary.lost} lost, ${summary.twice} twice; about ${Math.max(0, Math.ceil(left))} min left`;
}

export function table(summary: Summary, seed: number, began: number): string {
  const facts: readonly (readonly [string, string])[] = [
    ['kills', String(summary.total)],
    ['runs', `${summary.runs} (${listOf(summary.ends)}), continued as new ${summary.cuts} times`],
    ['replayed', `${summary.replayed} histories`],
    ['effects', String(summary.effects)],
    ['lost', String(summary.lost)],
    ['twice', String(summary.twice)],
    ['asked', listOf(summary.answers)],
    ['seed', String(seed)],
    ['duration', `${((Date.now() - began) / 1000).toFixed(0)} s`],
  ];
  const kills = [...summary.kills].sort(([one], [other]) => one.localeCompare(other));
  return [
    ...kills.map(([name, count]) => `  ${name.padEnd(28)} ${String(count).padStart(4)}`),
    '',
    ...facts.map(([name, value]) => `  ${name.padEnd(10)} ${value}`),
    ...summary.leftOut.map((what) => `  left out   ${what}`),
    ...summary.wrong.map((what) => `  WRONG      ${what}`),
  ].join('\n');
}

function listOf(counts: ReadonlyMap<string, number>): string {
  return [...counts]
    .sort(([, one], [, other]) => other - one)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ');
}
