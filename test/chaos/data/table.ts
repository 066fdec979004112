/** What a series has come to, as a table by method. */
import type { Kill, Target } from './attack.js';
import type { Summary } from './series.js';

const COLUMNS: readonly (readonly [string, readonly Target[]])[] = [
  ['worker', ['worker']],
  ['source', ['source server']],
  ['target', ['target server']],
  ['network', ['source network', 'target network']],
];

export function tableOf({ kills, rounds, wrong }: Summary): string {
  const line = (name: string, own: readonly Kill[], times: number, problems: number): string => {
    const cells = COLUMNS.map(([, targets]) => own.filter(({ target }) => targets.includes(target)).length);
    return [
      name.padEnd(28),
      ...[times, own.length, ...cells, problems].map((cell) => String(cell).padStart(8)),
    ].join('');
  };
  const head = [
    'method'.padEnd(28),
    ...['rounds', 'kills', ...COLUMNS.map(([name]) => name), 'wrong'].map((name) => name.padStart(8)),
  ];
  const names = [...new Set(rounds)].toSorted();
  return [
    head.join(''),
    ...names.flatMap((name) => {
      const own = kills.filter(({ method }) => method === name);
      const times = rounds.filter((each) => each === name).length;
      return [
        line(name, own, times, wrong.filter(({ method }) => method === name).length),
        `    ${statesOf(own)}`,
      ];
    }),
    line('all', kills, rounds.length, wrong.length),
  ].join('\n');
}

/** How often each state was hit. */
function statesOf(kills: readonly Kill[]): string {
  const states = [...new Set(kills.map(({ state }) => state))];
  return states.map((each) => `${each} ${kills.filter(({ state }) => state === each).length}`).join(', ');
}
