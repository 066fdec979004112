/**
 * Secrets of every kind go through real runs: printed by commands in every encoding, met in errors of Postgres, HTTP and
 * the shell, told by probes, metrics and datasets. Then everything that the runs left behind is searched for them.
 */
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import pg from 'pg';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { readStrategy } from '../../client/read.js';
import { recordFile } from '../../strategy/layout.js';
import { type Postgres, startPostgres } from '../support/postgres.js';
import { gate, phase, step, strategy } from '../support/strategies.js';
import { openClient } from '../support/temporal.js';
import { openWorld, type TestRun, type World } from '../support/world.js';
import { filesIn, leaks, type Planted, textsIn } from './haystack.js';

const MAIN = fileURLToPath(new URL('../../bin/sluice', import.meta.url));

/** Each secret has a core of 24 letters and digits that stands nowhere else. */
const core = (): string =>
  Buffer.from(crypto.getRandomValues(new Uint8Array(24)))
    .toString('base64url')
    .replaceAll(/[-_]/g, 'x')
    .slice(0, 24);
const planted: Planted[] = [];
function plant(name: string, shape: (core: string) => string = (text) => text): string {
  const made = core();
  planted.push({ name, core: made });
  return shape(made);
}

const PASSWORD = plant('the password of a URL', (text) => `p@ss/${text}&?`);
const PEM = plant(
  'a key of many lines',
  (text) =>
    `-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkq\n${text}\nhkiG9w0BAQEFAASC\n-----END PRIVATE KEY-----`,
);
const variables: Record<string, string> = {
  TOKEN: plant('a bearer token'),
  IN_JSON: plant('a JSON value', (text) => `é"\\/<&>${text}`),
  IN_BASE64: plant('base64', (text) => `~~${text}ü`),
  IN_URL: plant('percent-encoding', (text) => `a b!'()*/${text}~`),
  IN_HEX: plant('hex'),
  TRACED: plant('set -x', (text) => `it's "${text}" $HOME`),
  OVER_LINES: plant('broken over lines'),
  OVER_CHUNKS: plant('broken over chunks'),
  DUMPED: plant('the dump of the environment', (text) => `two  spaces\n${text}`),
  TO_STDERR: plant('stderr of a script'),
  QUOTED: plant('printf %q', (text) => `a b'c"${text}`),
  IN_PAGE: plant('HTML', (text) => `<&"'>${text}`),
  LONG: plant('evidence that is cut', (text) => `${'x'.repeat(285)}${text}${'y'.repeat(200)}`),
  FOLDED: plant('evidence that is folded', (text) => `${text}  \t ${text}`),
  NO_NUMBER: plant('a metric that is no number', (text) => `z${'z'.repeat(40)}${text}${'z'.repeat(60)}`),
  DATASET: plant('output of a dataset'),
  UNDOING: plant('output of an undo'),
  FAILING: plant('output of a failing command'),
  IN_ROW: plant('a row of the database', (text) => `${'r'.repeat(470)}${text}`),
  IN_NOTICE: plant('a notice and an error of the database', (text) => `it's ${text}`),
  WATCHED: plant('an alert condition'),
  BODY: plant('the body of an answer'),
  HOST: plant('a host name that is not known', (text) => text.toLowerCase()),
};
const host = variables.HOST ?? '';
planted.push({ name: 'a host name, in small letters', core: host });

let world: World;
let postgres: Postgres;
let server: Server;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-secrets-'));
  writeFileSync(join(folder, 'key.pem'), `${PEM}\n`);
  writeFileSync(join(folder, 'trailing'), `${plant('a file with a line end')}\r\n`);
  postgres = await startPostgres();
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  await client.query(`create role app superuser login password '${PASSWORD}'`);
  await client.query('create table vault (name text, value text)');
  for (const name of ['IN_ROW', 'IN_NOTICE'])
    await client.query('insert into vault values ($1, $2)', [name, variables[name]]);
  await client.end();
  server = createServer((_request, response) => {
    response.statusCode = 500;
    response.end(`no access with ${'q'.repeat(250)}${variables.BODY}${'q'.repeat(100)}`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  Object.assign(process.env, variables, {
    DB_URL: `postgres://app:${encodeURIComponent(PASSWORD)}@127.0.0.1:${postgres.port}/postgres`,
    // As a person in a hurry writes it: the password is not encoded, and Postgres's parser takes it for a port and a path.
    HASTY_URL: `postgres://app:123/${variables.TOKEN}@127.0.0.1/nothing`,
    API: `http://user:${variables.TOKEN}@127.0.0.1:${port}`,
    AWAY: `http://${host}.invalid`,
    NOT_FOR_COMMANDS: plant('a variable of the worker'),
  });
  world = await openWorld(inject('engine'), { worker: false });
});

afterAll(async () => {
  await world?.close();
  await postgres?.stop();
  server?.close();
  rmSync(folder, { recursive: true, force: true });
});

function bindings(): object {
  return {
    connections: { shop: { postgres: '${env:DB_URL}' }, hasty: { postgres: '${env:HASTY_URL}' } },
    environment: {
      ...Object.fromEntries(Object.keys(variables).map((name) => [name, `\${env:${name}}`])),
      DB_URL: '${env:DB_URL}',
      PEM: `\${file:${join(folder, 'key.pem')}}`,
      TRAILING: `\${file:${join(folder, 'trailing')}}`,
    },
    metrics: {
      no_number: { command: 'printf "$NO_NUMBER"' },
      failing: { command: 'echo "$NO_NUMBER" >&2; exit 1' },
      refused: { http: '${env:API}/stats', pointer: '/x' },
      away: { http: '${env:AWAY}/stats', pointer: '/x' },
      row: { sql: "select value from vault where name = 'IN_ROW'", connection: 'shop' },
    },
    checks: {
      'The long evidence': { command: 'echo "$LONG"; exit 1' },
      'The folded evidence': { command: 'printf "%s" "$FOLDED"' },
      'The database says it': {
        sql: "select value::int from vault where name = 'IN_NOTICE'",
        connection: 'shop',
      },
      'The hasty connection': { sql: 'select 1', connection: 'hasty' },
      'The away service': { http: 'GET ${env:AWAY}/${env:TOKEN} -> 200' },
    },
    datasets: { 'DATA-1': { command: 'echo "$DATASET"; exit 1' } },
    watch: { interval: '1s', failureLimit: 1 },
  };
}

/** Prints every secret in the way it is named after. */
const PRINTS = [
  'echo "$DB_URL"; echo "Authorization: Bearer $TOKEN"; echo "$PEM"; printf "%s" "$PEM" | base64 -w 64; grep -v BEGIN <<EOF\n$PEM\nEOF',
  `node -e 'const {IN_JSON: s} = process.env; console.log(JSON.stringify({password: s})); console.error(new Error(s)); console.log({s})'`,
  'printf "user:%s" "$IN_BASE64" | base64; printf "%s" "$IN_BASE64" | base64 -w 9; printf "x%s" "$IN_BASE64" | base64 | tr "+/" "-_"',
  `node -e 'const {IN_URL: s} = process.env; console.log(encodeURIComponent(s), new URLSearchParams({s}).toString())'`,
  `if command -v python3 >/dev/null; then python3 -c 'import os, json, urllib.parse as u, html; s = os.environ["IN_URL"]; print(u.quote(s), u.quote_plus(s), u.quote(s, safe="")); print(json.dumps(os.environ["IN_JSON"]), html.escape(os.environ["IN_PAGE"]), repr(os.environ["TRACED"]))'; fi`,
  'printf "%s" "$IN_HEX" | od -An -v -tx1 | tr -d " \\n"; echo; printf "%s" "$IN_HEX" | od -An -v -tx1 | tr -d " \\n" | tr a-f A-F',
  'set -x; : "$TRACED" "$PEM"; echo "$TRACED" > /dev/null',
  `if command -v bash >/dev/null; then bash -xc ': "$TRACED" "$DUMPED" "$PEM"; printf "%q\\n" "$QUOTED"; export -p'; fi`,
  'echo "$OVER_LINES" | fold -w 7; echo; printf "%.9s" "$OVER_CHUNKS"; sleep 0.2; printf "%s\\n" "$OVER_CHUNKS" | cut -c 10-',
  'env; export -p; cat /proc/self/environ | tr "\\0" "\\n"',
  './complain.sh; echo "$TRAILING"',
];

async function runs(): Promise<readonly TestRun[]> {
  const files = { 'complain.sh': '#!/bin/sh\necho "refused: $TO_STDERR" >&2\n' };
  const given = { bindings: bindings(), files, onFailure: 'full' } as const;
  const undo = ['echo "$UNDOING"; env'];
  const sql = (statement: string, more: object = {}): object => ({
    undo,
    commands: [statement],
    more: { 'x-connection': 'shop', ...more },
  });
  const tells =
    "do $$ begin raise notice 'value %', (select value from vault where name = 'IN_NOTICE'); end $$";
  const all = [
    strategy([
      phase('PHASE-1', 1, [step('PRINT', 1, { commands: PRINTS.map((line) => `$ ${line}`), undo })]),
    ]),
    strategy([
      phase('PHASE-1', 1, [
        step('TELL', 1, sql(tells)),
        step('ROW', 2, sql("sql: select value from vault where name = 'IN_ROW'")),
      ]),
      phase('PHASE-2', 2, [
        step(
          'WRONG',
          1,
          sql("sql: insert into vault select name, value::int::text from vault where name = 'IN_NOTICE'"),
        ),
      ]),
    ]),
    strategy([
      phase('PHASE-1', 1, [
        step('FAIL', 1, { commands: ['$ echo "$FAILING"; echo "$FAILING" >&2; exit 3'], undo }),
      ]),
    ]),
    strategy([
      phase('PHASE-1', 1, [step('FINE', 1, { undo })], {
        ...gate('GATE-1', {
          criteria: [
            ...Object.keys(checks()),
            'no_number < 1',
            'failing < 1',
            'refused < 1',
            'away < 1',
            'row < 1',
          ],
          test_dataset_ids: ['DATA-1'],
        }),
      }),
    ]),
  ];
  const started: TestRun[] = [];
  for (const each of all) started.push(await world.start(each, given));
  return started;
}

function checks(): Record<string, unknown> {
  const { checks: found } = bindings() as { readonly checks: Record<string, unknown> };
  return found;
}

test('no planted secret is found in anything that runs leave behind', async () => {
  const address = inject('engine');
  const { client, connection } = await openClient();
  const found: string[] = [];
  const look = (where: string, text: string): void => void found.push(...leaks(where, text, planted));
  // A process of its own, as users start it: what it says of itself is searched as well.
  const worker = execa(MAIN, ['worker'], {
    env: {
      SLUICE_HOME: world.home,
      SLUICE_TASK_QUEUE: world.taskQueue,
      SLUICE_LOG_LEVEL: 'trace',
      TEMPORAL_ADDRESS: address,
    },
    reject: false,
    all: true,
  });
  try {
    await Promise.race([once(worker.stdout, 'data'), worker]); // It says that it works.
    const all = await runs();
    for (const run of all) {
      // An inconclusive gate asks a person: the question and its evidence are searched as well.
      const seen = await settled(run);
      look(`the view of ${run.id}`, JSON.stringify(seen));
      look(`the events of ${run.id}`, JSON.stringify(await run.events()));
      look(`the history of ${run.id}`, textsIn(await client.workflow.getHandle(run.id).fetchHistory()));
      const record = recordFile(world.home, run.id);
      if (existsSync(record)) look(`the record of ${run.id}`, readFileSync(record, 'utf8'));
      const { plan } = await readStrategy(join(run.workspace, 'migration-strategy.yaml'));
      look(`the plan of ${run.id}`, JSON.stringify(plan));
      for (const verb of ['status', 'events']) look(`sluice ${verb}`, await cli([verb, run.id], address));
      for (const id of seen.phases.flatMap(({ steps }) => steps).map((each) => each.id)) {
        look(`sluice logs ${id}`, await cli(['logs', run.id, id], address));
      }
    }
    look('sluice inbox', await cli(['inbox'], address));
    const files = filesIn(world.home);
    expect(files.filter(({ path }) => path.endsWith('output.log')).length).toBeGreaterThan(PRINTS.length);
    for (const { path, text } of files) look(path, text);
    worker.kill('SIGTERM');
    const { all: log } = await worker;
    expect(log).toContain('Activity');
    look("the worker's log", log);
    const engine = engineFolder(address);
    for (const { path, text } of filesIn(engine)) if (!path.includes('server')) look(path, text);
  } finally {
    worker.kill('SIGTERM');
    await worker;
    await connection.close();
  }
  expect([...new Set(found)]).toEqual([]);
});

test('the search finds a secret that is there, however it is written', () => {
  const core = 'aB3dE6gH9jK2mN5pQ8sT1vW4';
  const hides = [
    core,
    Buffer.from(`u:${core}`).toString('base64'),
    Buffer.from(core).toString('hex'),
    `${core.slice(0, 5)}\n${core.slice(5)}`,
  ];
  for (const text of hides)
    expect(leaks('here', `before ${text} after`, [{ name: 'it', core }])).not.toEqual([]);
});

/** Waits until the run has ended or asks a person. */
async function settled(run: TestRun): ReturnType<TestRun['view']> {
  const deadline = Date.now() + 180_000;
  for (;;) {
    const view = await run.view();
    if (view.endedAt !== null || view.decisions.length > 0) return view;
    if (Date.now() > deadline) throw new Error(`The run ${run.id} is ${view.status}: ${view.reason}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function cli(args: readonly string[], address: string): Promise<string> {
  const { PATH = '', HOME = '' } = process.env;
  const env = { PATH, HOME, SLUICE_HOME: world.home, TEMPORAL_ADDRESS: address };
  const { all } = await execa(MAIN, [...args], { env, extendEnv: false, reject: false, all: true });
  expect(all).not.toBe('');
  return all;
}

/** The home of the shared engine: the one whose engine.json names this address. */
function engineFolder(address: string): string {
  for (const name of readdirSync(tmpdir())) {
    const file = join(tmpdir(), name, 'engine.json');
    if (
      name.startsWith('sluice-engine-') &&
      existsSync(file) &&
      readFileSync(file, 'utf8').includes(`"${address}"`)
    )
      return join(tmpdir(), name);
  }
  throw new Error(`No home of the engine at ${address}.`);
}
