/**
 * Clients write both sides at random while workers are killed. Every write says which one it replaced, so afterwards each must be part of
 * what is there, or of a row that a conflict has kept. SLUICE_SEED repeats what is written and when it is killed.
 */
import { randomInt } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EffectJob, EffectOutcome } from '../../../activities/contract.js';
import { runEffect } from '../../../activities/effects/index.js';
import type { RowsAction, SyncAction } from '../../../strategy/plan.js';
import { Random } from '../../chaos/random.js';
import { type Postgres, startPostgres } from '../../support/postgres.js';
import { attempt, KEY, makePlace, type Place, runIn } from '../support.js';
import { attemptIn } from './attempts.js';

const SEED = Number(process.env.SLUICE_SEED ?? randomInt(2 ** 30));
const KEYS = 40;
const KILLS = 2;

let postgres: Postgres;
let clients: Readonly<Record<Side, pg.Client>>;
beforeAll(async () => {
  postgres = await startPostgres();
  const source = await connected(postgres.url);
  await source.query('create database other');
  clients = { source, target: await connected(urlOf('target')) };
});
afterAll(async () => {
  for (const client of Object.values(clients)) await client.end();
  await postgres.stop();
});

type Side = 'source' | 'target';

function urlOf(side: Side): string {
  return side === 'source' ? postgres.url : postgres.url.replace(/postgres$/, 'other');
}

async function connected(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  return client;
}

const SYNC: SyncAction = {
  ...{ kind: 'sync', item: 'DATA-1', connection: 'source', to: 'target' },
  ...{ source: { schema: 'public', table: 'notes' }, target: { schema: 'public', table: 'notes' } },
  ...{ set: [], back: [], omit: [], where: null, detect: { by: 'tracking' }, returns: true },
  ...{ conflicts: null, intervalMs: 50, batchSize: 7, maxLagMs: 30_000, periodMs: 0, do: 'start' },
};
const JOIN: RowsAction = {
  ...{ kind: 'rows', item: 'DATA-1', connection: 'source', to: 'target', source: SYNC.source },
  ...{ change: { do: 'join', target: SYNC.target }, set: [], omit: [], where: null, direction: 'apply' },
  ...{ batchSize: 100, ratePerSecond: null },
};

/** What the clients were told that has happened. */
interface Written {
  /** Which text a text replaced. */
  readonly before: Map<string, string | null>;
  readonly keyOf: Map<string, number>;
  readonly deleted: { readonly side: Side; readonly id: number; readonly before: string }[];
}

/** A client that changes and deletes rows of few keys, and adds some of its own, until it is stopped. */
function writer(side: Side, random: Random, written: Written): () => Promise<void> {
  let running = true;
  const writing = (async () => {
    const client = await connected(urlOf(side));
    for (let turn = 1; running; turn += 1) {
      const id = 1 + Math.floor(random.next() * KEYS);
      const text = `${side}-${turn}`;
      const kind = random.next();
      if (kind < 0.1) {
        const own = (side === 'source' ? 1 : 2) * 100_000 + turn;
        await client.query('insert into notes values ($1, $2)', [own, text]);
        note(written, own, text, null);
      } else if (kind < 0.15) {
        const { rows } = await client.query('delete from notes where id = $1 returning text', [id]);
        if (rows[0] !== undefined) written.deleted.push({ side, id, before: rows[0].text });
      } else {
        const { rows } = await client.query(
          'with old as (select id, text from notes where id = $1 for update) update notes n set text = $2 from old where n.id = old.id returning old.text as before',
          [id, text],
        );
        if (rows[0] !== undefined) note(written, id, text, rows[0].before);
      }
      await pause(random.between(15, 80));
    }
    await client.end();
  })();
  writing.catch(() => undefined);
  return () => {
    running = false;
    return writing;
  };
}

function note({ before, keyOf }: Written, id: number, text: string, old: string | null): void {
  before.set(text, old);
  keyOf.set(text, id);
}

const POINTS = ['before-commit', 'after-commit', 'before-return'] as const;

/** Kills an attempt at a fault point, or at whatever it is doing at some moment, and lets the next ones end it. */
async function killed(place: Place, job: EffectJob<SyncAction>, random: Random): Promise<EffectOutcome> {
  if (random.chance(0.5)) await attemptIn(place, job, 1, random.pick(POINTS)).outcome;
  else {
    const { process, outcome } = attemptIn(place, job, 1);
    setTimeout(() => process.kill('SIGKILL'), random.between(200, 700));
    const ended = await outcome;
    if (ended !== null) return ended;
  }
  return inThisProcess(place, job);
}

function inThisProcess(
  place: Place,
  job: EffectJob<SyncAction> | EffectJob<RowsAction>,
): Promise<EffectOutcome> {
  const { action } = job;
  return runIn(attempt(2), () =>
    action.kind === 'sync'
      ? runEffect(place.clients, { ...job, action })
      : runEffect(place.clients, { ...job, action }),
  );
}

/** Answers what is asked, by chance, until nothing is. */
async function settled(place: Place, job: EffectJob<SyncAction>, random: Random): Promise<void> {
  let outcome = await killed(place, job, random);
  while (outcome.outcome === 'done' && outcome.asks !== undefined) {
    const { batch } = outcome.asks;
    const option = random.pick(['apply-source', 'keep-target'] as const) ?? 'apply-source';
    const answer = { batch, option, by: 'dora', reason: 'by chance' };
    outcome = await inThisProcess(place, { ...job, action: { ...job.action, answer } });
  }
  expect(outcome).toMatchObject({ outcome: 'done' });
}

test.each(['source_wins', 'target_wins', 'manual'] as const)(
  `no write is lost, and each conflict keeps both rows: %s (seed ${SEED})`,
  async (conflicts) => {
    const random = new Random(SEED);
    for (const client of Object.values(clients)) {
      await client.query(
        'drop schema if exists sluice cascade; drop table if exists notes; create table notes (id int primary key, text text)',
      );
    }
    await clients.source.query(
      `insert into notes select n, 'first-' || n from generate_series(1, ${KEYS}) n`,
    );
    const place = await makePlace({
      connections: { source: { postgres: urlOf('source') }, target: { postgres: urlOf('target') } },
    });
    const base = { context: place.context, key: KEY, timeoutMs: 60_000 };
    const sync = (what: SyncAction['do']): EffectJob<SyncAction> => {
      const reviewer = conflicts === 'manual' ? { reviewer: null } : {};
      return { ...base, action: { ...SYNC, ...reviewer, conflicts, do: what } };
    };
    const written: Written = { before: new Map(), keyOf: new Map(), deleted: [] };
    expect(await inThisProcess(place, sync('start'))).toMatchObject({ outcome: 'done' });
    expect(await inThisProcess(place, { ...base, action: JOIN })).toMatchObject({ outcome: 'done' });
    const stops = (['source', 'target'] as const).map((side, index) =>
      writer(side, new Random(SEED + 1 + index), written),
    );
    for (let kill = 0; kill < KILLS; kill += 1) await settled(place, sync('rounds'), random);
    for (const stop of stops) await stop();
    await settled(place, sync('last'), random);

    const rowsOf = async (side: Side) =>
      (await clients[side].query('select id, text from notes order by id')).rows;
    const rows: readonly { readonly id: number; readonly text: string }[] = await rowsOf('source');
    expect(await rowsOf('target')).toEqual(rows);
    const log: readonly Logged[] = (
      await clients.target.query(
        "select key[1]::int as id, state, source ->> 'text' as source, target ->> 'text' as target from sluice.conflicts",
      )
    ).rows;
    expect(log.filter(({ state }) => state !== 'closed')).toEqual([]);
    // That anything was contested at all.
    expect(log.length).toBeGreaterThan(0);
    expect(lost(written, rows, log)).toEqual([]);
  },
);

interface Logged {
  readonly id: number;
  readonly state: string;
  readonly source: string | null;
  readonly target: string | null;
}

/** Writes that are neither in a row, nor in a conflict, nor before one that is. */
function lost(
  { before, keyOf, deleted }: Written,
  rows: readonly { readonly id: number; readonly text: string }[],
  log: readonly Logged[],
): readonly string[] {
  const there = new Set(rows.map(({ id }) => id));
  const known = new Set<string>();
  const reach = (text: string | null): void => {
    for (let own: string | null = text; own !== null && !known.has(own); own = before.get(own) ?? null)
      known.add(own);
  };
  for (const { text } of rows) reach(text);
  for (const { source, target } of log) {
    reach(source);
    reach(target);
  }
  const isKept = ({ side, id }: Written['deleted'][number]): boolean =>
    !there.has(id) || log.some((row) => row.id === id && row[side] === null);
  // What a client has deleted itself is not lost with the row.
  for (const own of deleted) if (isKept(own)) reach(own.before);
  const writes = [...before.keys()].filter((text) => !known.has(text));
  const deletes = deleted.filter((own) => !isKept(own));
  return [
    ...writes.map((text) => `${text} of ${keyOf.get(text) ?? ''}`),
    ...deletes.map(({ side, id }) => `delete of ${id} in the ${side}`),
  ];
}
