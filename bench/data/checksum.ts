/** What comparing two tables costs beside the hash of their rows in the database, and beside reladiff from PyPI. */
import { execa } from 'execa';
import { type Reconciled, reconcile } from '../../activities/reconcile/reconcile.js';
import { withSession } from '../../activities/sql/session.js';
import type { ReconcileMethod, Reconciliation } from '../../strategy/plan.js';
import { type Benchmark, type Contender, inTurn } from '../measure.js';
import { type Bed, inActivity, openBed, timed } from './bed.js';
import { create, fill } from './orders.js';

const ROWS = 1_000_000;
const CHANGES = 1_000;
const ROUNDS = 3;
const CHANGED: ReconcileMethod = { kind: 'changed', column: 'at' };
const COLUMNS = ['customer', 'status', 'note', 'total', 'at'];

const ORDERS = { schema: 'public', table: 'orders' };
const RECONCILIATION: Reconciliation = {
  ...{ item: 'DATA-1', source: 'here', target: 'there', method: { kind: 'rows' }, threshold: 1, rules: [] },
  tables: [
    {
      ...{ source: ORDERS, target: ORDERS, set: [], omit: [], where: null },
      ...{ filter: null, exclude: [], groupBy: [] },
    },
  ],
};

export const checksum: Benchmark = {
  name: 'checksum',
  about: `comparing two tables of ${ROWS} rows on two servers vs the raw hash of their rows, and vs reladiff`,
  async run(log) {
    const bed = await openBed();
    try {
      for (const side of [bed.here, bed.there]) {
        await side.query(create('orders'));
        await side.query(fill('orders', ROWS));
        await side.query('create index on orders (at)');
        await side.query('vacuum analyze orders');
      }
      const reladiff = await findReladiff();
      if (reladiff === null)
        console.log(
          '  Left out: reladiff is not on PATH. "pip install reladiff[postgresql]" in a virtual environment, and its bin on PATH.',
        );
      const contenders: readonly Contender[] = [
        { label: 'sluice', measure: () => timed(ROWS, () => expectEqual(bed, { kind: 'rows' }, ROWS)) },
        { label: 'changed rows only', measure: () => changed(bed) },
        { label: 'raw hash of both', measure: () => timed(ROWS, () => hashed(bed)) },
        ...(reladiff === null
          ? []
          : [{ label: 'reladiff', measure: () => timed(ROWS, () => diffed(bed, reladiff)) }]),
      ];
      const [measured, changedOnly, raw, other] = await inTurn(ROUNDS, contenders, log);
      if (!measured || !changedOnly || !raw) return [];
      const own = { unit: 'rows/s', measured };
      return [
        { name: 'checksum, raw hash', ...own, baseline: raw, goal: { atLeast: 0.7 } },
        {
          name: 'checksum, changed rows only',
          unit: 'rows/s',
          measured: changedOnly,
          baseline: measured,
          goal: { atLeast: 5 },
        },
        ...(other ? [{ name: 'checksum, reladiff', ...own, baseline: other, goal: { atLeast: 3 } }] : []),
      ];
    } finally {
      await bed.close();
    }
  },
};

/** The first time, it compares every row; the next time, it knows since when. */
async function changed(bed: Bed): Promise<number> {
  await compared(bed, CHANGED);
  const times = `update orders set at = '${new Date().toISOString()}' where id <= ${CHANGES}`;
  await Promise.all([bed.here.query(times), bed.there.query(times)]);
  return timed(ROWS, () => expectEqual(bed, CHANGED, CHANGES));
}

async function expectEqual(bed: Bed, method: ReconcileMethod, rows: number): Promise<void> {
  const table = (await compared(bed, method))?.findings.tables[0];
  if (table?.equal !== rows) throw new Error(`It found ${JSON.stringify(table)}.`);
}

function compared({ urls }: Bed, method: ReconcileMethod): Promise<Reconciled | null> {
  const target = (name: 'here' | 'there') => ({ name, url: urls[name], pin: null });
  return inActivity(() =>
    withSession(target('here'), (source) =>
      withSession(target('there'), (there) =>
        reconcile({ ...RECONCILIATION, method }, { source, target: there }, { limitMs: 600_000, seed: 1 }),
      ),
    ),
  );
}

/** All columns of all rows, and nothing to tell which rows differ. */
async function hashed({ here, there }: Bed): Promise<void> {
  const query = 'select sum(hashtextextended(o::text, 0)::numeric) from orders o';
  await Promise.all([here.query(query), there.query(query)]);
}

async function findReladiff(): Promise<string | null> {
  const found = await execa('reladiff', ['--version'], { reject: false });
  return found.failed ? null : 'reladiff';
}

async function diffed({ urls }: Bed, program: string): Promise<void> {
  const url = (text: string): string => text.replace('postgres://', 'postgresql://');
  const columns = COLUMNS.flatMap((column) => ['-c', column]);
  const places = [url(urls.here), 'orders', url(urls.there), 'orders'];
  await execa(program, [...places, '-k', 'id', ...columns, '--stats']);
}
