/** Rows pass through a program of the workspace, each once whatever is killed, and none that it does not answer is lost. */
import { createHash } from 'node:crypto';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EffectJob, EffectOutcome } from '../../../activities/contract.js';
import { runRows } from '../../../activities/effects/rows/rows.js';
import type { FaultPoint } from '../../../activities/fault-points.js';
import type { RowsAction } from '../../../strategy/plan.js';
import { type Postgres, startPostgres } from '../../support/postgres.js';
import { attempt, KEY, makePlace, type Place, runIn } from '../support.js';
import { untilDone } from './attempts.js';
import { killedAt } from './killed.js';

let postgres: Postgres;
let client: pg.Client;
let other: pg.Client;
beforeAll(async () => {
  postgres = await startPostgres();
  client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  await client.query('create database other');
  other = new pg.Client({ connectionString: otherUrl() });
  await other.connect();
});
afterAll(async () => {
  await client.end();
  await other.end();
  await postgres.stop();
});

function otherUrl(): string {
  return postgres.url.replace(/postgres$/, 'other');
}

async function ask(text: string, of = client): Promise<readonly Record<string, unknown>[]> {
  return (await of.query(text)).rows ?? [];
}

interface Bed {
  readonly place: Place;
  readonly job: (more?: Partial<RowsAction>, attempt?: number) => EffectJob<RowsAction>;
}

const UPDATE = { change: { do: 'update' } } as const;
const COPY = {
  to: 'other',
  change: { do: 'copy', target: { schema: 'public', table: 'orders_new' } },
} as const;

/** `body`: of a shell script. */
async function bed(body: string, setUp: string, otherSetUp = ''): Promise<Bed> {
  const fresh = 'drop schema if exists sluice cascade; drop schema public cascade; create schema public;';
  await ask(`${fresh} ${setUp}`);
  await ask(`${fresh} ${otherSetUp}`, other);
  const place = await makePlace({
    connections: { shop: { postgres: postgres.url }, other: { postgres: otherUrl() } },
  });
  const text = `#!/bin/sh\n${body}\n`;
  const file = join(place.workspace, 'change.sh');
  await writeFile(file, text);
  await chmod(file, 0o755);
  const program = { path: 'change.sh', sha256: createHash('sha256').update(text).digest('hex') };
  const rules = { set: [], omit: [], where: null, batchSize: 40, ratePerSecond: null, program };
  return {
    place,
    job: (more = {}, number = 1) => ({
      context: place.context,
      key: { ...KEY, purpose: more.direction ?? 'apply', attempt: number },
      timeoutMs: 60_000,
      action: {
        ...{
          kind: 'rows',
          item: 'DATA-1',
          connection: 'shop',
          source: { schema: 'public', table: 'orders' },
        },
        ...{ change: { do: 'update' }, direction: 'apply', ...rules, ...more },
      },
    }),
  };
}

function run({ place }: Bed, job: EffectJob<RowsAction>): Promise<EffectOutcome> {
  return runIn(attempt(), () => runRows(place.clients, job));
}

const ORDERS = `create table orders (shop int, id bigint, name text, total numeric, doc json, twice numeric generated always as (total * 2) stored, primary key (shop, id));
insert into orders (shop, id, name, total, doc) select n % 3, 9007199254740993 + n, 'Ü"' || n, n * 1.10, E'{"a":\\n 1}' from generate_series(1, 200) n;`;

const all = (of = 'orders') => ask(`select to_jsonb(o)::text as row from ${of} o order by shop, id`);

const POINTS: readonly FaultPoint[] = ['before-commit', 'after-commit'];

test.each(POINTS)(
  'a row is changed once by its program when the worker dies %s, and the undo restores it exactly',
  async (fault) => {
    // As text: no number loses a digit. The rows of shop 2 are left out.
    const here = await bed(`sed -e 's/"name":"/&changed /' -e 's/^{"shop":2,.*/null/'`, ORDERS);
    const before = await all();
    await killedAt(here.place, here.job(UPDATE), fault);
    expect(await untilDone(here.place, here.job(UPDATE), 2)).toMatchObject({ outcome: 'done' });
    expect(await all()).toEqual(
      before.map(({ row }) => {
        const text = String(row);
        return { row: text.includes('"shop": 2') ? text : text.replace('"name": "', '"name": "changed ') };
      }),
    );
    expect(await ask('select read::int, written::int, filtered::int from sluice.transfer')).toEqual([
      { read: 200, written: 133, filtered: 67 },
    ]);
    const undo = here.job({ ...UPDATE, direction: 'undo' });
    await killedAt(here.place, undo, fault);
    expect(await untilDone(here.place, undo, 2)).toMatchObject({ outcome: 'done' });
    expect(await all()).toEqual(before);
  },
);

const NEW = `create table orders_new (shop int, id bigint, name text, cents bigint, at text default 'now', primary key (id, shop));`;
/** Cents of a total with two digits; the row 7 kills it. */
const CENTS = `while IFS= read -r row; do
  case "$row" in *'"total":7.70,'*) echo "cannot read 7.70" >&2; exit 3;; esac
  echo "$row" | sed -E -e 's/"total":([0-9]+)\\.([0-9]+),"doc":.*/"cents":\\1\\2}/'
done`;

test('a copy to another database computes columns, and sets aside the row at which its program dies', async () => {
  const here = await bed(CENTS, ORDERS.replace('200', '30'), NEW);
  const rules = { set: [{ column: 'name', value: 'lower(name)' }], omit: ['twice'], where: 'shop < 2' };
  const rows = here.job({ ...COPY, ...rules });
  const failed = await run(here, rows);
  expect(failed).toMatchObject({ outcome: 'failed', cause: expect.stringContaining('refuses 1 rows') });
  expect(
    await ask('select key[2]::bigint - 9007199254740993 as n, sqlstate, error from sluice.quarantine', other),
  ).toEqual([
    { n: '7', sqlstate: '38000', error: expect.stringMatching(/change.sh" exited with 3.*cannot read 7.70/) },
  ]);
  expect(
    await ask('select count(*)::int as rows, sum(cents)::int as cents, min(at) as at from orders_new', other),
  ).toEqual([{ rows: 19, cents: 110 * (465 - 155 - 7), at: 'now' }]);
  await ask('update orders set total = 7.71 where total = 7.70');
  const again = here.job({ ...COPY, ...rules }, 2);
  expect(await run(here, again)).toMatchObject({ outcome: 'done' });
  expect(await ask('select cents::int from orders_new where id = 9007199254740993 + 7', other)).toEqual([
    { cents: 771 },
  ]);
});

test.each([
  [`sed '/"id":9007199254740995/d'`, 'answered 0 lines to 1 rows'],
  [`sed 's/"id":9007199254740994/"id":5/'`, 'another key than that of the row ["1","9007199254740994"]'],
  [`sed 's/"name"/"nome"/'`, 'answered "nome" to the row'],
  [`sed 's/.*/[]/'`, 'neither an object nor null'],
  [`sed 's/.*/oops/'`, 'what is no JSON'],
  [`sed 's/"total":[0-9.]*/"total":"much"/'`, 'invalid input syntax for type numeric'],
])('what %s answers is not written, and said', async (body, why) => {
  const here = await bed(body, ORDERS.replace('200', '3'));
  expect(await run(here, here.job(UPDATE))).toMatchObject({ outcome: 'failed' });
  const told = await ask('select error from sluice.quarantine');
  expect(told).toContainEqual({ error: expect.stringContaining(why) });
  expect(await ask('select read::int, (written + quarantined)::int as known from sluice.transfer')).toEqual([
    { read: 3, known: 3 },
  ]);
});

test('a program that is another one by now is not run', async () => {
  const here = await bed('cat', ORDERS);
  await writeFile(join(here.place.workspace, 'change.sh'), '#!/bin/sh\ncat\n\n');
  expect(await run(here, here.job(UPDATE))).toMatchObject({
    outcome: 'failed',
    cause: expect.stringContaining('was changed after the run was submitted'),
  });
  expect(await ask('select written::int from sluice.transfer')).toEqual([{ written: 0 }]);
});
