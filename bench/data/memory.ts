/** What a worker holds in memory while it copies rows from one server to another: the same for few rows and for many. */
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { type Benchmark, inTurn } from '../measure.js';
import { type Bed, openBed } from './bed.js';
import { create, fill } from './orders.js';

const FEW = 100_000;
/** SLUICE_BENCH_ROWS copies another number of rows. */
const MANY = Number(process.env.SLUICE_BENCH_ROWS ?? 1_000_000);
const ROUNDS = 3;
const CHILD = fileURLToPath(new URL('./copy-once.js', import.meta.url));

export const copyMemory: Benchmark = {
  name: 'copy-memory',
  about: `the most memory of a process that copies ${MANY} rows across servers vs ${FEW}`,
  async run(log) {
    const bed = await openBed();
    try {
      for (const rows of [FEW, MANY]) {
        await bed.here.query(create(`orders_${rows}`));
        await bed.here.query(fill(`orders_${rows}`, rows));
        await bed.here.query(`vacuum analyze orders_${rows}`);
      }
      const [measured, baseline] = await inTurn(
        MANY > 1_000_000 ? 1 : ROUNDS,
        [
          { label: `${MANY} rows`, measure: () => copied(bed, MANY) },
          { label: `${FEW} rows`, measure: () => copied(bed, FEW) },
        ],
        log,
        MANY > 1_000_000,
      );
      if (!measured || !baseline) return [];
      return [{ name: 'copy-memory', unit: 'MB', measured, baseline, goal: { atMost: 1.25 } }];
    } finally {
      await bed.close();
    }
  },
};

/** In a process of its own. Its highest resident set, in MB. */
async function copied({ there, urls }: Bed, rows: number): Promise<number> {
  await there.query('drop schema if exists sluice cascade; drop table if exists orders_new');
  await there.query(create('orders_new'));
  const { stdout } = await execa(process.execPath, [
    CHILD,
    JSON.stringify({ urls, table: `orders_${rows}` }),
  ]);
  const [row] = (await there.query('select count(*)::int as rows from orders_new')).rows;
  if (row?.rows !== rows) throw new Error(`${row?.rows} of ${rows} rows were copied.`);
  return Number(stdout) / 1_024;
}
