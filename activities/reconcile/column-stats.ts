/** Statistics of the compared columns, computed in both databases over the same keys. No value leaves them, only figures. */
import pg from 'pg';
import { tableText } from '../../strategy/kinds/effects/rows.js';
import type { Reconciliation } from '../../strategy/plan.js';
import { anomaliesOf, type ColumnStats } from '../../strategy/reconcile/anomaly.js';
import { quoted } from '../effects/rows/table.js';
import { serverMessage } from '../sql/failure.js';
import { both } from './compare-rows.js';
import { commonHash } from './hash.js';
import { lookNow, type Pair } from './moment.js';
import { openSides } from './open-sides.js';
import { isTime, keyText, type Side, type Value } from './side.js';

/** About as many rows are drawn of a larger table. */
const DRAWN = 100_000;
/** Columns of a table that are looked at. */
const MOST_COLUMNS = 100;

const NUMBERS: ReadonlySet<string | null> = new Set([
  'smallint',
  'integer',
  'bigint',
  'numeric',
  'real',
  'double precision',
]);

/** A line per finding; one that says why, where the databases cannot compute it: it is evidence, and stops nothing. */
export async function findAnomalies(
  reconciliation: Reconciliation,
  pair: Pair,
  limitMs: number,
): Promise<readonly string[]> {
  try {
    return await anomaliesIn(reconciliation, pair, limitMs);
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error;
    for (const session of [pair.source, pair.target]) await session.query('rollback');
    return [`the statistics of the columns could not be computed: ${serverMessage(error)}`];
  }
}

async function anomaliesIn(
  { tables }: Reconciliation,
  pair: Pair,
  limitMs: number,
): Promise<readonly string[]> {
  await lookNow(pair, limitMs);
  const hash = await commonHash(pair);
  const found: string[] = [];
  for (const table of tables) {
    const { sides } = await openSides(table, pair, { hash, limitMs });
    const [there, here] = await both(sides.source, sides.target, statsOf);
    found.push(...anomaliesOf(tableText(table.target), there, here));
  }
  for (const session of [pair.source, pair.target]) await session.query('rollback');
  return found;
}

async function statsOf(side: Side): Promise<readonly ColumnStats[]> {
  const { session, from, where, limitMs } = side;
  const values = side.values.slice(0, MOST_COLUMNS);
  if (values.length === 0) return [];
  const [count] = (
    await session.query(`select count(*)::text as rows from ${from} where ${where}`, [], limitMs)
  ).rows;
  const every = Math.max(1, Math.round(Number(count?.rows ?? 0) / DRAWN));
  const drawn =
    every === 1 ? 'true' : `(${side.hash.text(keyText(side))} & 9223372036854775807) % ${every} = 0`;
  const list = values.map(({ text }, index) => `${text} as ${quoted(`t${index}`)}`).join(', ');
  const parts = values.map((value, index) => columnQuery(side, index, kindOf(value)));
  const query = `with drawn as materialized (select ${list} from ${from} where (${where}) and ${drawn})
${parts.join('\nunion all\n')}`;
  const { rows } = await session.query(query, [], limitMs);
  return values.map((value, index): ColumnStats => {
    const row = rows.find(({ place }) => Number(place) === index);
    const number = (name: string): number => Number(row?.[name] ?? 0);
    const quantiles = ['q0', 'q05', 'q50', 'q95', 'q100', 'mad'].map((name) => row?.[name] ?? null);
    const [min, low, median, high, max, deviation] = quantiles.map((text) =>
      text === null ? NaN : Number(text),
    );
    const known = quantiles.every((text) => text !== null);
    return {
      column: value.column,
      of: kindOf(value) === 'text' ? 'lengths' : 'values',
      ...{ rows: number('rows'), filled: number('filled'), distinct: number('distinct_values') },
      ...{ topRows: number('top_rows'), topHash: row?.top_hash ?? null },
      spread: known
        ? {
            min: min ?? 0,
            low: low ?? 0,
            median: median ?? 0,
            high: high ?? 0,
            max: max ?? 0,
            deviation: deviation ?? 0,
          }
        : null,
    };
  });
}

type Kind = 'number' | 'time' | 'text';

function kindOf(value: Value): Kind {
  if (NUMBERS.has(value.base)) return 'number';
  return isTime(value) ? 'time' : 'text';
}

const AS_NUMBER: Readonly<Record<Kind, (text: string) => string>> = {
  number: (text) => `(${text})::float8`,
  time: (text) => `extract(epoch from (${text})::timestamptz)::float8`,
  text: (text) => `length(${text})::float8`,
};

function columnQuery({ hash }: Side, index: number, kind: Kind): string {
  const text = quoted(`t${index}`);
  return `(with v as (select ${text} as t, ${AS_NUMBER[kind](text)} as x from drawn),
  q as (select percentile_cont(array[0, 0.05, 0.5, 0.95, 1]) within group (order by x) as a, count(*) as rows, count(t) as filled,
    count(distinct t) as distinct_values, mode() within group (order by t) as top from v)
select ${index} as place, q.rows::text as rows, q.filled::text as filled, q.distinct_values::text as distinct_values,
  q.a[1]::text as q0, q.a[2]::text as q05, q.a[3]::text as q50, q.a[4]::text as q95, q.a[5]::text as q100,
  (select percentile_cont(0.5) within group (order by abs(v.x - q.a[3]))::text from v) as mad,
  (select count(*)::text from v where v.t = q.top) as top_rows, ${hash.text('q.top')}::text as top_hash from q)`;
}
