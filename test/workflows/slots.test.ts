/** Replication slots of a stream are watched while a gate waits for a person: one that fills the disk does not wait for the answer. */
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { gate, phase, step, strategy } from '../support/strategies.js';
import { openTwoDatabases, type TwoDatabases } from '../support/two-databases.js';
import { openWorld, type World } from '../support/world.js';

let databases: TwoDatabases;
let world: World;
beforeAll(async () => {
  databases = await openTwoDatabases(['-c', 'wal_level=logical']);
  world = await openWorld(inject('engine'));
});
afterAll(async () => {
  await world.close();
  await databases.close();
});

const uses = (id: string, item: string) =>
  step(id, 1, { commands: [], undo: null, more: { type: 'data_migration', 'x-uses': item } });

const file = (table: string) =>
  strategy(
    [
      phase('P1', 1, [uses('COPY', 'DATA-1')], {
        ...gate('G1', {
          approval_required: true,
          approvers: ['Lead'],
          failure_response: 'manual_decision',
        }),
      }),
      phase('P2', 2, [uses('CUT', 'DATA-1/cut-over')]),
      phase('P3', 3, [uses('END', 'DATA-1/finish')]),
    ],
    {
      data_migration: {
        migrations: [
          {
            migration_id: 'DATA-1',
            name: 'Orders to their own database',
            type: 'data_transformation',
            source: { system: 'shop', tables: [table] },
            target: { system: 'other', tables: [table] },
            migration_approach: { method: 'online' },
            // Nobody reads the slot of a relay between its steps.
            'x-stream': { relay: true, maxWal: '40 MB' },
          },
        ],
      },
    },
  );

async function untilTheGateWaits(table: string) {
  const { shop, other, bindings } = databases;
  const create = `create table ${table} (id bigint primary key, total int)`;
  await shop.query(`${create}; insert into ${table} select n, n from generate_series(1, 100) n`);
  await other.query(create);
  // Slots are looked at once a minute.
  const run = await world.start(file(table), {
    bindings: { ...bindings, watch: { interval: '1s', failureLimit: 1 } },
    compress: 60,
  });
  await run.asked('approval:G1');
  return run;
}

const slots = async () => (await databases.shop.query('select slot_name from pg_replication_slots')).rows;

it('a slot that holds back too much WAL first alerts, then withdraws the question and fails the gate, and the rollback drops it', async () => {
  const run = await untilTheGateWaits('orders_full');
  const write = (megabytes: number) =>
    databases.shop.query(
      `select pg_logical_emit_message(false, 'test', repeat('x', 1000000)) from generate_series(1, ${megabytes})`,
    );
  await write(25);
  const alerts = async () => (await run.events()).filter(({ type }) => type === 'alert');
  await expect.poll(alerts, { timeout: 30_000 }).toMatchObject([{ step: 'G1' }]);
  expect((await run.view()).decisions).toMatchObject([{ id: 'approval:G1' }]);
  await write(25);
  const { decisions } = await run.asked('failure:G1');
  expect(decisions).toHaveLength(1);
  expect(decisions[0]?.question).toContain('holds back more than 40 MB of WAL');
  expect((await run.view()).phases[0]?.gate).toMatchObject({ status: 'failed' });
  expect(await run.events()).toContainEqual(
    expect.objectContaining({ type: 'decision-closed', decision: 'approval:G1', option: null }),
  );
  // It alerts on while the failure is decided.
  await expect
    .poll(alerts, { timeout: 30_000 })
    .toMatchObject([{ step: 'G1' }, { stops: true }, { step: 'G1' }]);
  await run.answer('failure:G1', 'rollback-full', 'Lead', 'the disk is filling up');
  expect(await run.end()).toMatchObject({ status: 'rolled_back', landing: 'start' });
  expect(await slots()).toEqual([]);
});

it('a gate whose slots are as they should be is approved as any other', async () => {
  const run = await untilTheGateWaits('orders_well');
  expect(await slots()).toHaveLength(1);
  await run.answer('approval:G1', 'approve', 'Lead', 'as planned');
  expect(await run.end()).toMatchObject({ status: 'completed' });
  expect(await slots()).toEqual([]);
});
