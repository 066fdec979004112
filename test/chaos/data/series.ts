/** A series of kills while rows are copied and changed, and taken back: every row is counted in the end. */
import { setTimeout as pause } from 'node:timers/promises';
import { Random } from '../random.js';
import { type Bed, openBed, type Server, type Worker } from './bed.js';
import { BALANCE, METHODS, type Method, ROWS } from './methods.js';

export interface Summary {
  /** By what was killed. */
  readonly kills: Map<string, number>;
  /** Rounds by method: the change and its undo. */
  readonly rounds: Map<string, number>;
  total: number;
  /** Whatever is wrong, in words. */
  readonly wrong: string[];
}

type Strike = (bed: Bed, worker: Worker, random: Random) => Promise<void>;

async function crash({ postgres }: Server, random: Random): Promise<void> {
  await postgres.crash();
  await pause(random.between(0, 300));
  await postgres.start();
}

async function cut({ wire }: Server, random: Random): Promise<void> {
  wire.cut(random.chance(0.7));
  await pause(random.between(20, 400));
  wire.restore();
}

const STRIKES: readonly (readonly [string, Strike])[] = [
  ['worker', async (_, worker) => worker.kill()],
  ['worker before a commit', async (bed) => bed.strikeAt('before-commit')],
  ['worker after a commit', async (bed) => bed.strikeAt('after-commit')],
  ['worker before its answer', async (bed) => bed.strikeAt('before-return')],
  ['source server', (bed, _, random) => crash(bed.servers.here, random)],
  ['target server', (bed, _, random) => crash(bed.servers.there, random)],
  ['network of the source', (bed, _, random) => cut(bed.servers.here, random)],
  ['network of the target', (bed, _, random) => cut(bed.servers.there, random)],
];

export async function series(
  kills: number,
  seed: number,
  onRound: (summary: Summary) => void = () => undefined,
): Promise<Summary> {
  const random = new Random(seed);
  const summary: Summary = { kills: new Map(), rounds: new Map(), total: 0, wrong: [] };
  const bed = await openBed();
  let deck: (readonly [string, Strike])[] = [];
  const strike = async (worker: Worker): Promise<void> => {
    if (summary.total >= kills) return;
    if (deck.length === 0) deck = random.shuffled(STRIKES);
    const [name, hit] = deck.pop() ?? ['worker', async () => worker.kill()];
    await hit(bed, worker, random);
    summary.total += 1;
    count(summary.kills, name);
  };
  try {
    for (let round = 0; summary.total < kills; round += 1) {
      const method = METHODS[round % METHODS.length];
      if (method === undefined) break;
      const problems = await carryOut(bed, method, `run-${round}`, random, strike);
      summary.wrong.push(...problems.map((problem) => `round ${round}, ${method.name}: ${problem}`));
      count(summary.rounds, method.name);
      onRound(summary);
    }
  } finally {
    await bed.close();
  }
  return summary;
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

const SET_UP = `drop schema if exists sluice cascade; drop schema public cascade; create schema public;
create table orders (shop int, id int, email text, primary key (shop, id));
create table orders_new (like orders including all); create table log (id int);
create function note() returns trigger language plpgsql as $$ begin insert into log values (coalesce(new.id, old.id)); return null; end $$;`;
const FINGERPRINT = "select md5(string_agg(o::text, '|' order by shop, id)) as hash from orders o";

/** The change and its undo, under attack. What is wrong afterwards, in words. */
async function carryOut(
  bed: Bed,
  { action, written, wrong }: Method,
  run: string,
  random: Random,
  strike: (worker: Worker) => Promise<void>,
): Promise<readonly string[]> {
  const { side, table, on } = written;
  for (const each of ['here', 'there'] as const) await bed.ask(each, SET_UP);
  await bed.ask('here', `insert into orders select n % 3, n, 'User' || n from generate_series(1, ${ROWS}) n`);
  await bed.ask(side, `create trigger t after ${on} on ${table} for each row execute function note()`);
  const [before] = await bed.ask('here', FINGERPRINT);
  const problems: string[] = [];
  const output = await attacked(bed, bed.job(run, action), random, strike);
  if (!output.includes(BALANCE)) problems.push(`the balance is "${output}"`);
  const [rows] = await bed.ask(side, wrong);
  if (rows?.n !== 0) problems.push(`${String(rows?.n)} rows too many or too few`);
  const [writes] = await bed.ask(
    side,
    'select count(*)::int as n, count(distinct id)::int as different from log',
  );
  if (writes?.n !== ROWS - 5 || writes.different !== ROWS - 5)
    problems.push(`${String(writes?.n)} writes of ${String(writes?.different)} rows`);
  const undone = await attacked(bed, bed.job(run, { ...action, direction: 'undo' }), random, strike);
  if (!undone.includes(`${ROWS - 5} restored or removed`)) problems.push(`the undo came to "${undone}"`);
  const [after] = await bed.ask('here', FINGERPRINT);
  if (after?.hash !== before?.hash) problems.push('the undo left other rows than there were');
  const [left] = await bed.ask(side, 'select count(*)::int as n from orders_new');
  if (left?.n !== 0) problems.push(`the undo left ${String(left?.n)} copied rows`);
  return problems;
}

/** One worker after another, as the engine would, until one comes to an end. */
async function attacked(
  bed: Bed,
  job: Parameters<Bed['worker']>[0],
  random: Random,
  strike: (worker: Worker) => Promise<void>,
): Promise<string> {
  for (let number = 1; ; number += 1) {
    const worker = bed.worker(job, number);
    const alive = { yes: true };
    const outcome = worker.outcome.finally(() => {
      alive.yes = false;
    });
    while (alive.yes) {
      await Promise.race([outcome, pause(random.between(300, 1_200))]);
      if (alive.yes) await strike(worker);
    }
    const ended = await outcome;
    bed.clearPoints();
    if (ended?.outcome === 'done') return ended.output.trim();
    if (ended !== null) return JSON.stringify(ended);
  }
}
