/**
 * Whatever a table looks like, and whatever fails meanwhile: a copy has each row once with every value, a comparison finds exactly what
 * differs, corrections make both sides equal, and each way back restores what there was.
 */
import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EffectJob, EffectOutcome } from '../../../activities/contract.js';
import { runEffect } from '../../../activities/effects/index.js';
import type { MachineAction } from '../../../strategy/kinds/effects/index.js';
import type { ReconcileAction, RowsAction, SyncAction } from '../../../strategy/plan.js';
import {
  ANY_TYPES,
  type AnyTable,
  anyTable,
  createTable,
  fillTable,
  quoted,
} from '../../support/any-table.js';
import { type Postgres, startPostgres } from '../../support/postgres.js';
import { attempt, KEY, makePlace, type Place, runIn } from '../support.js';

let postgres: Postgres;
let here: pg.Client;
let there: pg.Client;
beforeAll(async () => {
  postgres = await startPostgres();
  here = new pg.Client({ connectionString: postgres.url });
  await here.connect();
  await here.query('create database other');
  there = new pg.Client({ connectionString: otherUrl() });
  await there.connect();
});
afterAll(async () => {
  await there.end();
  await here.end();
  await postgres.stop();
});

function otherUrl(): string {
  return postgres.url.replace(/postgres$/, 'other');
}

const SOURCE = { schema: 'public', table: 'Orders' };
const TARGET = { schema: 'public', table: 'orders new' };
const [NAMED, COPIED] = [quoted(SOURCE.table), quoted(TARGET.table)];
const EMPTY = `drop schema if exists sluice cascade; drop schema public cascade; create schema public; ${ANY_TYPES}`;

interface Bed {
  readonly place: Place;
  /** Where the target is. */
  readonly target: pg.Client;
  readonly run: (action: MachineAction, direction?: 'apply' | 'undo') => Promise<EffectOutcome>;
}

/** Both tables, the target empty. */
async function bed(table: AnyTable, between: boolean): Promise<Bed> {
  for (const client of [here, there]) await client.query(EMPTY);
  const target = between ? there : here;
  await here.query(`${createTable(NAMED, table)} ${fillTable(NAMED, table)}`);
  await target.query(createTable(COPIED, table));
  const place = await makePlace({
    connections: { here: { postgres: postgres.url }, there: { postgres: otherUrl() } },
  });
  return {
    place,
    target,
    run: (action, purpose = 'apply') => {
      const job: EffectJob = { context: place.context, key: { ...KEY, purpose }, action, timeoutMs: 60_000 };
      return runIn(attempt(), () => runEffect(place.clients, job));
    },
  };
}

async function rows(client: pg.Client, name: string): Promise<readonly unknown[]> {
  return (await client.query(`select t::text as row from ${name} t order by 1`)).rows;
}

/** Throws why it failed. */
async function done(running: Promise<EffectOutcome>): Promise<void> {
  const outcome = await running;
  if (outcome.outcome !== 'done') throw new Error(outcome.cause);
}

function copyOf(between: boolean, more: Partial<RowsAction>): RowsAction {
  return {
    ...{ kind: 'rows', item: 'DATA-1', connection: 'here', source: SOURCE },
    ...{ change: { do: 'copy', target: TARGET }, set: [], omit: [], where: null, direction: 'apply' },
    ...{ batchSize: 7, ratePerSecond: null, ...(between ? { to: 'there' } : {}) },
    ...more,
  };
}

function reconcileOf(between: boolean, task: ReconcileAction['task']): ReconcileAction {
  const tables = [
    {
      ...{ source: SOURCE, target: TARGET, set: [], omit: [] },
      ...{ where: null, filter: null, exclude: [], groupBy: [] },
    },
  ];
  return {
    kind: 'reconcile',
    reconciliation: {
      ...{ item: 'DATA-1', source: 'here', target: between ? 'there' : 'here', tables },
      ...{ method: { kind: 'rows' }, threshold: 1, rules: [] },
    },
    ...{ correct: 'fields', max: 1_000, reviewer: null, task },
  };
}

/** Ends sluice's connections a few times, until it is stopped. */
function cutter(): () => Promise<void> {
  let running = true;
  const cutting = (async () => {
    for (let cuts = 0; running && cuts < MOST_CUTS; ) {
      const { rows: cut } = await here.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'sluice' and random() < 0.5 limit 1",
      );
      cuts += cut.length;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  return () => {
    running = false;
    return cutting;
  };
}

/** Few, so that it comes to its end: each costs a back-off. */
const MOST_CUTS = 3;

/** SLUICE_RUNS asks for more tables per property. */
const RUNS = process.env.SLUICE_RUNS === undefined ? null : Number(process.env.SLUICE_RUNS);

const SHAPE = fc.record({
  table: anyTable(),
  between: fc.boolean(),
  cut: fc.boolean(),
  batchSize: fc.integer({ min: 1, max: 12 }),
  workers: fc.constantFrom(1, 3),
});

test('a table of any types, keys and width comes out equal, also when its connections are cut, and the undo empties the copy', async () => {
  await fc.assert(
    fc.asyncProperty(SHAPE, async ({ table, between, cut, batchSize, workers }) => {
      const { run, target } = await bed(table, between);
      const copy = copyOf(between, { batchSize, ...(workers === 1 ? {} : { workers }) });
      const stop = cut ? cutter() : async () => undefined;
      const outcome = await run(copy).finally(stop);
      const before = await rows(here, NAMED);
      expect(outcome).toMatchObject({
        outcome: 'done',
        output: expect.stringContaining(`${before.length} rows read: ${before.length} written`),
      });
      expect(await rows(target, COPIED)).toEqual(before);
      await done(run({ ...copy, direction: 'undo' }, 'undo'));
      expect(await rows(target, COPIED)).toEqual([]);
      expect(await rows(here, NAMED)).toEqual(before);
    }),
    { numRuns: RUNS ?? 5, endOnFailure: RUNS !== null },
  );
});

test('rows that the target refuses are set aside, and the others are copied: the balance is right', async () => {
  await fc.assert(
    fc.asyncProperty(SHAPE, fc.nat(), async ({ table, between, batchSize, workers }, choice) => {
      const { run, target } = await bed(table, between);
      const key = table.keys.map(({ name }) => `${quoted(name)}::text`).join(" || ' ' || ");
      await target.query(`alter table ${COPIED} add check ((hashtext(${key}) + ${choice % 1_000}) % 3 <> 0)`);
      const { rows: refused } = await here.query(
        `select count(*)::int as n from ${NAMED} where (hashtext(${key}) + ${choice % 1_000}) % 3 = 0`,
      );
      const all = (await rows(here, NAMED)).length;
      const aside = Number(refused[0]?.n);
      const outcome = await run(copyOf(between, { batchSize, ...(workers === 1 ? {} : { workers }) }));
      expect(`${outcome.output}${outcome.outcome === 'failed' ? outcome.cause : ''}`).toContain(
        aside === 0
          ? `${all} rows read: ${all} written`
          : `${all} rows read: ${all - aside} written, 0 filtered, ${aside} quarantined`,
      );
      expect((await rows(target, COPIED)).length).toBe(all - aside);
    }),
    { numRuns: RUNS ?? 5, endOnFailure: RUNS !== null },
  );
});

test('exactly the rows that were damaged are corrected, and restored by the undo', async () => {
  await fc.assert(
    fc.asyncProperty(SHAPE, fc.integer({ min: 2, max: 4 }), async ({ table, between }, every) => {
      const { run, target } = await bed(table, between);
      await done(run(copyOf(between, {})));
      const column = quoted(table.columns[0]?.name ?? '');
      const numbered = `(select ctid as row, row_number() over () as n from ${COPIED}) d where d.row = t.ctid`;
      const deleted = await target.query(`delete from ${COPIED} t using ${numbered} and n % ${every} = 0`);
      const emptied = await target.query(
        `update ${COPIED} t set ${column} = null from ${numbered} and n % ${every} = 1 and ${column} is not null`,
      );
      const damaged = await rows(target, COPIED);
      const outcome = await run(reconcileOf(between, { do: 'correct' }));
      expect(outcome).toMatchObject({
        outcome: 'done',
        comparison: { verdict: 'pass', inserted: deleted.rowCount, updated: emptied.rowCount, deleted: 0 },
      });
      expect(await rows(target, COPIED)).toEqual(await rows(here, NAMED));
      await done(run(reconcileOf(between, { do: 'undo' }), 'undo'));
      expect(await rows(target, COPIED)).toEqual(damaged);
    }),
    { numRuns: RUNS ?? 5, endOnFailure: RUNS !== null },
  );
});

test('rounds bring over what clients write meanwhile, whatever the table looks like', async () => {
  const detect = fc.constantFrom<SyncAction['detect']>({ by: 'tracking' }, { by: 'hash' });
  await fc.assert(
    fc.asyncProperty(SHAPE, detect, async ({ table, between, cut, batchSize }, by) => {
      const { run, target } = await bed(table, between);
      const sync: SyncAction = {
        ...{ kind: 'sync', item: 'DATA-1', connection: 'here', to: between ? 'there' : 'here' },
        ...{ source: SOURCE, target: TARGET, set: [], back: [], omit: [], where: null, detect: by },
        ...{ conflicts: null, returns: false, intervalMs: 20, batchSize, maxLagMs: 30_000, periodMs: 0 },
        do: 'start',
      };
      await done(run(sync));
      const stopWriter = writer(quoted(table.columns[0]?.name ?? ''));
      const stopCutter = cut ? cutter() : async () => undefined;
      const join = { ...copyOf(between, { batchSize }), change: { do: 'join', target: TARGET } } as const;
      try {
        await done(run(join));
        await done(run({ ...sync, do: 'rounds' }));
      } finally {
        await stopCutter();
        await stopWriter();
      }
      await done(run({ ...sync, do: 'last' }));
      expect(await rows(target, COPIED)).toEqual(await rows(here, NAMED));
    }),
    { numRuns: RUNS ?? 5, endOnFailure: RUNS !== null },
  );
});

/** A client that deletes rows, brings them back, and empties a column, until it is stopped. */
function writer(column: string): () => Promise<void> {
  let running = true;
  const writing = (async () => {
    const client = new pg.Client({ connectionString: postgres.url });
    await client.connect();
    const any = `(select ctid from ${NAMED} order by random() limit 1)`;
    const statements = [
      `delete from ${NAMED} where ctid = ${any}`,
      `insert into ${NAMED} select * from saved order by random() limit 2 on conflict do nothing`,
      `update ${NAMED} set ${column} = null where ctid = ${any}`,
    ];
    try {
      await client.query(`create table saved as table ${NAMED}`);
      for (let turn = 0; running; turn += 1) {
        await client.query(statements[turn % statements.length] ?? '');
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    } finally {
      await client.end();
    }
  })();
  writing.catch(() => undefined);
  return () => {
    running = false;
    return writing;
  };
}
