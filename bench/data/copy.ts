/** What copying rows costs beside the one statement that a database has for it. */
import { type Benchmark, inTurn } from '../measure.js';
import { type Bed, openBed, timed } from './bed.js';
import { create, fill } from './orders.js';

const ROWS = 1_000_000;
const ROUNDS = 3;

export const copy: Benchmark = {
  name: 'copy',
  about: `copying ${ROWS} rows of about 100 bytes vs one INSERT ... SELECT of them`,
  async run(log) {
    const bed = await openBed();
    try {
      await bed.here.query(create('orders'));
      await bed.here.query(fill('orders', ROWS));
      await bed.here.query('vacuum analyze orders');
      const [within, across, baseline] = await inTurn(
        ROUNDS,
        [
          { label: 'sluice, within a server', measure: () => copied(bed, 'here') },
          { label: 'sluice, across servers', measure: () => copied(bed, 'there') },
          { label: 'INSERT ... SELECT', measure: () => inserted(bed) },
        ],
        log,
      );
      if (!within || !across || !baseline) return [];
      return [
        { name: 'copy, within a server', unit: 'rows/s', measured: within, baseline, goal: { atLeast: 0.8 } },
        { name: 'copy, across servers', unit: 'rows/s', measured: across, baseline, goal: { atLeast: 0.6 } },
      ];
    } finally {
      await bed.close();
    }
  },
};

async function emptied(bed: Bed, side: 'here' | 'there'): Promise<void> {
  await bed[side].query('drop table if exists orders_new');
  await bed[side].query(create('orders_new'));
  await bed[side].query('checkpoint');
}

async function copied(bed: Bed, to: 'here' | 'there'): Promise<number> {
  await emptied(bed, to);
  return bed.transfer(to === 'here' ? {} : { to }, ROWS);
}

async function inserted(bed: Bed): Promise<number> {
  await emptied(bed, 'here');
  return timed(ROWS, () => bed.here.query('insert into orders_new select * from orders'));
}
