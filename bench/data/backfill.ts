/** What filling a column in batches costs beside a plain loop of batches of 1,000 rows. */
import type { RowsAction } from '../../strategy/plan.js';
import { type Benchmark, inTurn } from '../measure.js';
import { type Bed, openBed, timed } from './bed.js';
import { create, fill } from './orders.js';

const ROWS = 300_000;
const ROUNDS = 3;
const BATCH = 1_000;

/** The trigger of a schema change: what clients write meanwhile gets the new column as well, and a fill is none of theirs. */
const TRIGGER = `create or replace function add_cents() returns trigger language plpgsql as $$
begin new.cents := (new.total * 100)::bigint; return new; end $$;
create trigger add_cents before insert or update on orders for each row
when (current_setting('sluice.filling', true) is distinct from 'on') execute function add_cents()`;

const SET: Partial<RowsAction> = { set: [{ column: 'cents', value: '(total * 100)::bigint' }] };
const FILL: Partial<RowsAction> = { ...SET, change: { do: 'fill' } };

export const backfill: Benchmark = {
  name: 'backfill',
  about: `filling a column of ${ROWS} rows vs batches of ${BATCH}, as pgroll makes them`,
  async run(log) {
    const bed = await openBed();
    try {
      const [filled, shared, updated, baseline] = await inTurn(
        ROUNDS,
        [
          { label: 'sluice, an added column', measure: () => run(bed, FILL) },
          { label: 'sluice, by two workers', measure: () => run(bed, { ...FILL, workers: 2 }) },
          {
            label: 'sluice, previous rows saved',
            measure: () => run(bed, { ...SET, change: { do: 'update' } }),
          },
          { label: `batches of ${BATCH}`, measure: () => plain(bed) },
        ],
        log,
      );
      if (!filled || !shared || !updated || !baseline) return [];
      const own = { unit: 'rows/s', baseline };
      return [
        { name: 'backfill', ...own, measured: filled, goal: { atLeast: 2 } },
        { name: 'backfill, two workers', ...own, measured: shared, goal: { atLeast: 2 } },
        { name: 'backfill, previous rows saved', ...own, measured: updated, goal: null },
      ];
    } finally {
      await bed.close();
    }
  },
};

async function setUp({ here }: Bed): Promise<void> {
  await here.query('drop table if exists orders');
  await here.query(create('orders'));
  await here.query('alter table orders add column cents bigint');
  await here.query(fill('orders (id, customer, status, note, total, at)', ROWS));
  await here.query('vacuum analyze orders');
  await here.query(TRIGGER);
  await here.query('checkpoint');
}

async function run(bed: Bed, action: Partial<RowsAction>): Promise<number> {
  await setUp(bed);
  return bed.transfer(action, ROWS);
}

/** One transaction per batch; the trigger computes the column. */
async function plain(bed: Bed): Promise<number> {
  await setUp(bed);
  return timed(ROWS, async () => {
    for (let last = '0'; ; ) {
      const { rows } = await bed.here.query(
        `with batch as (select id from orders where id > $1 order by id limit ${BATCH} for no key update),
  updated as (update orders set id = orders.id from batch where orders.id = batch.id returning orders.id)
select max(id)::text as last from updated`,
        [last],
      );
      if (rows[0]?.last == null) return;
      last = rows[0].last;
    }
  });
}
