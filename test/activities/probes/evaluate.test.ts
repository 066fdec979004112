import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { evaluate } from '../../../activities/probes/evaluate.js';
import type { Comparison, MachineProbe, MetricSource } from '../../../strategy/plan.js';
import type { RequirementView } from '../../../strategy/run/view.js';
import { type Postgres, startPostgres } from '../../support/postgres.js';
import { attempt, makePlace, runIn } from '../support.js';

let postgres: Postgres;
let server: Server;
let web: string;
/** What the fake Prometheus answers to a query, by its text. */
const series: Record<string, unknown> = {
  one: { resultType: 'vector', result: [{ value: [0, '0.002'] }] },
  scalar: { resultType: 'scalar', result: [0, '7'] },
  none: { resultType: 'vector', result: [] },
  two: { resultType: 'vector', result: [{ value: [0, '1'] }, { value: [0, '2'] }] },
  nan: { resultType: 'vector', result: [{ value: [0, 'NaN'] }] },
};

beforeAll(async () => {
  postgres = await startPostgres();
  server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://here');
    if (url.pathname === '/hang') return;
    if (url.pathname === '/moved') response.statusCode = 302;
    if (url.pathname === '/api/v1/query') {
      response.end(JSON.stringify({ status: 'success', data: series[url.searchParams.get('query') ?? ''] }));
    } else
      response.end(JSON.stringify({ deep: [{ 'a/b': 42 }], who: request.headers.authorization ?? null }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  web = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await postgres.stop();
});

async function check(
  probe: MachineProbe,
  metrics: Record<string, MetricSource> = {},
  timeoutMs = 10_000,
): Promise<RequirementView | undefined> {
  const place = await makePlace({ connections: { shop: { postgres: postgres.url } }, metrics });
  const job = {
    context: place.context,
    requirements: [{ text: 'it holds', probe, windowMs: null }],
    baselines: {},
    intervalMs: 10,
    timeoutMs,
  };
  return (await runIn(attempt(), () => evaluate(place.clients, job)))[0];
}

test('of twenty probes at once, none makes Node warn of a leak', async () => {
  const warnings: string[] = [];
  const note = ({ name }: Error): void => void warnings.push(name);
  process.on('warning', note);
  const place = await makePlace({});
  const results = await runIn(attempt(), () =>
    evaluate(place.clients, {
      context: place.context,
      requirements: Array.from({ length: 20 }, () => ({
        ...{ text: 'it holds', windowMs: null },
        probe: { how: 'command', text: 'echo fine', args: [] },
      })),
      ...{ baselines: {}, intervalMs: 10, timeoutMs: 10_000, withinMs: 10_000 },
    }),
  );
  process.off('warning', note);
  expect(results.map(({ verdict }) => verdict)).toEqual(Array.from({ length: 20 }, () => 'pass'));
  expect(warnings).toEqual([]);
});

test.each([
  ['exit status 0', 'echo fine', 'pass', 'fine'],
  ['another exit status', 'echo 3 rows missing; exit 4', 'fail', 'exited with 4: 3 rows missing'],
  ['a program that is missing', 'no-such-program-x', 'inconclusive', '127'],
  ['a signal', 'kill -9 $$', 'inconclusive', 'SIGKILL'],
])('a command: %s', async (_name, text, verdict, evidence) => {
  const result = await check({ how: 'command', text, args: [] });
  expect(result).toMatchObject({
    text: 'it holds',
    how: 'command',
    verdict,
    evidence: expect.stringContaining(evidence),
  });
});

test('a command that takes too long is inconclusive, and its group is gone', async () => {
  const result = await check(
    { how: 'command', text: "trap '' TERM; sleep 60 & sleep 60", args: [] },
    {},
    200,
  );
  expect(result).toMatchObject({
    verdict: 'inconclusive',
    evidence: expect.stringContaining('took longer than 200 ms'),
  });
});

test('arguments reach a command as they are, and are never run', async () => {
  const result = await check({ how: 'command', text: 'echo "<$1>"', args: ['$(touch pwned); `id` "x"'] });
  expect(result?.evidence).toBe('<$(touch pwned); `id` "x">');
});

test.each([
  ['select true', 'pass'],
  ['select 3', 'pass'],
  ['select false', 'fail'],
  ['select count(*) from pg_class where false', 'fail'],
  ['select null', 'inconclusive'],
  ['select 1 where false', 'inconclusive'],
  ["select 'maybe'", 'inconclusive'],
  ['select 1 from generate_series(1, 2)', 'inconclusive'],
  ['selekt', 'inconclusive'],
  ['create table t (a int)', 'inconclusive'],
])('a query: %s is %s', async (text, verdict) => {
  expect(await check({ how: 'sql', text, args: [], connection: 'shop' })).toMatchObject({ verdict });
});

test('arguments of a query are bound, and a query out of time is inconclusive', async () => {
  expect(
    await check({ how: 'sql', text: "select $1 = 'a''b'", args: ["a'b"], connection: 'shop' }),
  ).toMatchObject({ verdict: 'pass' });
  const slow: MachineProbe = { how: 'sql', text: 'select pg_sleep(60)', args: [], connection: 'shop' };
  expect(await check(slow, {}, 200)).toMatchObject({ verdict: 'inconclusive' });
});

test.each([
  ['/', 200, 'pass', 'status 200'],
  ['/moved', 200, 'fail', 'status 302 instead of 200'],
  ['/hang', 200, 'inconclusive', 'no answer within'],
])('a request of %s', async (path, expected, verdict, evidence) => {
  const probe: MachineProbe = { how: 'http', method: 'GET', url: `${web}${path}`, expect: expected };
  expect(await check(probe, {}, 500)).toMatchObject({ verdict, evidence: expect.stringContaining(evidence) });
});

test('a resolver that does not answer says nothing about the host; one that does not know it, fails', async () => {
  const probe: MachineProbe = { how: 'http', method: 'GET', url: 'http://shop.example/', expect: 200 };
  const unreachable = (code: string) =>
    new TypeError('fetch failed', { cause: Object.assign(new Error(`getaddrinfo ${code}`), { code }) });
  const fetching = vi.spyOn(globalThis, 'fetch');
  try {
    fetching.mockRejectedValueOnce(unreachable('EAI_AGAIN'));
    expect(await check(probe)).toMatchObject({
      verdict: 'inconclusive',
      evidence: expect.stringContaining('could not be resolved just now'),
    });
    fetching.mockRejectedValueOnce(unreachable('ENOTFOUND'));
    expect(await check(probe)).toMatchObject({ verdict: 'fail', evidence: 'the host name is unknown' });
  } finally {
    fetching.mockRestore();
  }
});

test('a refused connection fails', async () => {
  const closed = createServer();
  await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
  const address = closed.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  await new Promise((resolve) => closed.close(resolve));
  const probe: MachineProbe = { how: 'http', method: 'GET', url: `http://127.0.0.1:${port}/`, expect: 200 };
  expect(await check(probe)).toMatchObject({ verdict: 'fail', evidence: 'connection refused' });
  // fetch refuses some ports by itself: that says nothing about the service.
  const forbidden: MachineProbe = { how: 'http', method: 'GET', url: 'http://127.0.0.1:1/', expect: 200 };
  expect(await check(forbidden)).toMatchObject({ verdict: 'inconclusive', evidence: 'bad port' });
});

function below(value: number, unit: MetricSource['unit']): Comparison {
  return { operator: '<', threshold: { kind: 'value', value, unit }, overMs: null };
}

test.each([
  [
    'a ratio, shown in percent',
    { kind: 'prometheus', query: 'one' },
    'ratio',
    'pass',
    'm is 0.2% (asked: < 0.5%)',
  ],
  ['percent as they are', { kind: 'prometheus', query: 'scalar' }, 'percent', 'fail', 'm is 7%'],
  ['no series', { kind: 'prometheus', query: 'none' }, null, 'inconclusive', 'no series'],
  ['several series', { kind: 'prometheus', query: 'two' }, null, 'inconclusive', '2 series'],
  ['not a number', { kind: 'prometheus', query: 'nan' }, null, 'inconclusive', 'no data'],
  ['a command', { kind: 'command', command: 'echo 0.1' }, null, 'pass', 'm is 0.1 (asked: < 0.5)'],
  [
    'a command that fails',
    { kind: 'command', command: 'echo 0.1; exit 1' },
    null,
    'inconclusive',
    'exited with 1',
  ],
  ['a query', { kind: 'sql', sql: 'select 0.4', connection: 'shop' }, null, 'pass', 'm is 0.4'],
  ['a JSON pointer', { kind: 'http', pointer: '/deep/0/a~1b' }, null, 'fail', 'm is 42'],
  ['a JSON pointer to nothing', { kind: 'http', pointer: '/nowhere' }, null, 'inconclusive', 'no value'],
])('a metric: %s', async (_name, source, unit, verdict, evidence) => {
  // The port of the server is known only now.
  const bound = { url: web, ...source, unit } as MetricSource;
  const result = await check(
    { how: 'metric', metric: 'm', comparison: below(unit === 'ratio' ? 0.005 : 0.5, bound.unit) },
    { m: bound },
  );
  expect(result).toMatchObject({ verdict, evidence: expect.stringContaining(evidence) });
});

test('a metric that is not bound, and one whose secret is missing, are inconclusive', async () => {
  const probe: MachineProbe = { how: 'metric', metric: 'm', comparison: below(0.5, null) };
  expect(await check(probe)).toMatchObject({ verdict: 'inconclusive' });
  const source: MetricSource = { kind: 'http', url: '${env:NOT_THERE}', pointer: '/x', unit: null };
  expect(await check(probe, { m: source })).toMatchObject({
    verdict: 'inconclusive',
    evidence: expect.stringContaining('NOT_THERE'),
  });
});

test('results come in the order of the requirements, and secrets are not shown', async () => {
  const place = await makePlace({ environment: { TOKEN: '${env:TOKEN}' } }, { TOKEN: 'a-long-secret' });
  const requirements = Array.from({ length: 9 }, (_, index) => ({
    text: `number ${index}`,
    windowMs: null,
    probe: { how: 'command', text: `sleep 0.0${9 - index}; echo ${index} $TOKEN`, args: [] } as const,
  }));
  const results = await runIn(attempt(), () =>
    evaluate(place.clients, {
      context: place.context,
      requirements,
      baselines: {},
      intervalMs: 10,
      timeoutMs: 10_000,
    }),
  );
  expect(results.map(({ evidence }) => evidence)).toEqual(
    requirements.map((_, index) => `${index} [redacted]`),
  );
});
