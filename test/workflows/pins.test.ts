/** The database that a run works on stays the same one, whatever the environment of its workers says meanwhile. */
import pg from 'pg';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { type Postgres, startPostgres } from '../support/postgres.js';
import { gate, phase, step, strategy } from '../support/strategies.js';
import { openWorld, type World } from '../support/world.js';

let postgres: Postgres;
let world: World;
beforeAll(async () => {
  postgres = await startPostgres();
  world = await openWorld(inject('engine'), { worker: false });
});
afterAll(async () => {
  await world.close();
  await postgres.stop();
});

const urlOf = (database: string) => postgres.url.replace(/\/postgres$/, `/${database}`);

async function ask(database: string, text: string): Promise<readonly unknown[]> {
  const client = new pg.Client({ connectionString: urlOf(database) });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

/** A worker whose environment leads to this database. */
async function workOn(database: string): Promise<void> {
  await world.stopWorker();
  process.env.PINNED_URL = urlOf(database);
  await world.startWorker();
}

const sql = (id: string, order: number) =>
  step(id, order, { commands: [`sql: insert into ledger values ('${id}')`], undo: null });

it('a run whose connection comes to lead elsewhere asks, and continues once it leads back', async () => {
  for (const name of ['live', 'copy']) {
    await ask('postgres', `create database ${name}`);
    await ask(name, 'create table ledger (what text)');
  }
  await workOn('live');
  const approved = gate('G1', { approval_required: true, approvers: ['Lead'] });
  const asked = gate('G2', { failure_response: 'manual_decision' });
  const run = await world.start(
    strategy([phase('P1', 1, [sql('A', 1)], approved), phase('P2', 2, [sql('B', 1)], asked)]),
    {
      bindings: { connections: { shop: { postgres: '${env:PINNED_URL}' } } },
    },
  );
  await run.asked('approval:G1');
  await workOn('copy');
  await run.answer('approval:G1', 'approve', 'Lead');
  const view = await run.asked('failure:B');
  const question = view.decisions[0]?.question ?? '';
  expect(question).toContain('"live" (oid');
  expect(question).toContain('"copy" (oid');
  await workOn('live');
  await run.answer('failure:B', 'retry');
  expect(await run.end()).toMatchObject({ status: 'completed' });
  expect(await ask('live', 'select what from ledger')).toEqual([{ what: 'A' }, { what: 'B' }]);
  expect(await ask('copy', 'select what from ledger')).toEqual([]);
});
