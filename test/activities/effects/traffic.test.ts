/** Traffic is divided as the plan says, by the real proxies, and the way back leaves their files as they were. */
import { execFileSync, spawnSync } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { EffectJob, EffectOutcome } from '../../../activities/contract.js';
import { runEffect } from '../../../activities/effects/index.js';
import type { FaultPoint } from '../../../activities/fault-points.js';
import type { ProxySource, TrafficAction, TrafficSource } from '../../../strategy/plan.js';
import { freePort } from '../../support/port.js';
import { attempt, KEY, makePlace, type Place, runIn } from '../support.js';
import { killedAt } from './killed.js';

const servers: Server[] = [];

async function serve(answer: string): Promise<number> {
  const server = createServer((_, response) => response.end(answer));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return portOf(server);
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server listens on no port.');
  return (address satisfies AddressInfo).port;
}

let stable = 0;
let candidate = 0;
beforeAll(async () => {
  stable = await serve('stable');
  candidate = await serve('candidate');
});
afterAll(() => {
  for (const server of servers) server.close();
});

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

/** A proxy that runs, in front of both versions; the new one gets nothing yet. */
interface Proxied {
  readonly at: Place;
  readonly url: string;
  readonly source: ProxySource;
  /** The file as it was. */
  readonly before: string;
}

const PROXIES: { readonly [K in ProxySource['kind']]: (at: Place, port: number) => Promise<ProxySource> } = {
  nginx: async (at, port) => {
    await writeFile(
      join(at.workspace, 'nginx.conf'),
      `worker_processes 1;
pid nginx.pid;
error_log stderr;
events {}
http {
  access_log off;
  include cart.conf;
  server { listen 127.0.0.1:${port}; location / { proxy_pass http://cart; } }
}
`,
    );
    await writeFile(
      join(at.workspace, 'cart.conf'),
      `# the cart\nupstream cart {\n  server 127.0.0.1:${stable} max_fails=0; # version 1\n  server 127.0.0.1:${candidate} down;\n}\n`,
    );
    const nginx = `nginx -p ${at.workspace}/ -c nginx.conf`;
    execFileSync('sh', ['-c', nginx], { stdio: 'ignore' });
    stops.push(() => void spawnSync('sh', ['-c', `${nginx} -s stop`]));
    return {
      kind: 'nginx',
      file: 'cart.conf',
      pool: 'cart',
      stable: [`127.0.0.1:${stable}`],
      candidate: [`127.0.0.1:${candidate}`],
      test: `${nginx} -t`,
      reload: `${nginx} -s reload`,
    };
  },
  haproxy: async (at, port) => {
    await writeFile(
      join(at.workspace, 'haproxy.cfg'),
      `global
  nbthread 1
defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
frontend shop
  bind 127.0.0.1:${port}
  default_backend cart
backend cart
  # the cart
  server v1 127.0.0.1:${stable} weight 1 # version 1
  server v2 127.0.0.1:${candidate} weight 0
`,
    );
    const pid = join(at.workspace, 'haproxy.pid');
    execFileSync('haproxy', ['-W', '-D', '-p', pid, '-f', join(at.workspace, 'haproxy.cfg')], {
      stdio: 'ignore',
    });
    stops.push(() => void spawnSync('sh', ['-c', `kill $(cat ${pid})`]));
    return {
      kind: 'haproxy',
      file: 'haproxy.cfg',
      pool: 'cart',
      stable: ['v1'],
      candidate: ['v2'],
      test: 'haproxy -c -q -f haproxy.cfg',
      reload: `kill -USR2 "$(cat ${pid})"`,
    };
  },
};

async function proxied(kind: ProxySource['kind']): Promise<Proxied> {
  const at = await makePlace({}, { PATH: `${process.env.PATH}:/usr/sbin:/usr/local/sbin` });
  const port = await freePort();
  const source = await PROXIES[kind](at, port);
  const before = await readFile(join(at.workspace, source.file), 'utf8');
  return { at, url: `http://127.0.0.1:${port}/`, source, before };
}

function jobOf(
  { at, source }: { readonly at: Place; readonly source: TrafficSource },
  percent: number,
  more: Partial<EffectJob['key']> = {},
): EffectJob<TrafficAction> {
  const action: TrafficAction = { kind: 'traffic', route: 'cart', source, change: { do: 'shift', percent } };
  return { context: at.context, key: { ...KEY, ...more }, action, timeoutMs: 60_000 };
}

function undoOf(place: { readonly at: Place; readonly source: TrafficSource }): EffectJob<TrafficAction> {
  const job = jobOf(place, 0, { purpose: 'undo' });
  return { ...job, action: { ...job.action, change: { do: 'restore' } } };
}

const run = (at: Place, job: EffectJob<TrafficAction>, number = 1): Promise<EffectOutcome> =>
  runIn(attempt(number), () => runEffect(at.clients, job));

const contentOf = ({ at, source }: Proxied): Promise<string> =>
  readFile(join(at.workspace, source.file), 'utf8');

/** Asks a hundred times, until so many answers come from the new version: a reload takes a moment. */
async function expectShare(url: string, wanted: number): Promise<void> {
  await expect
    .poll(
      async () => {
        let count = 0;
        for (let asked = 0; asked < 100; asked += 1) {
          const answer = await fetch(url, { headers: { connection: 'close' } });
          if ((await answer.text()) === 'candidate') count += 1;
        }
        return count;
      },
      { timeout: 60_000, interval: 50 },
    )
    .toBe(wanted);
}

const installed = (program: string): boolean =>
  ['/usr/sbin', '/usr/local/sbin', ...(process.env.PATH ?? '').split(':')].some(
    (folder) => spawnSync('test', ['-x', join(folder, program)]).status === 0,
  );

for (const kind of ['nginx', 'haproxy'] as const) {
  describe.skipIf(!installed(kind))(`${kind} (skipped where it is not installed)`, () => {
    test('requests are divided stage by stage, and the undo restores the file byte for byte', async () => {
      const place = await proxied(kind);
      await expectShare(place.url, 0);
      expect(await run(place.at, jobOf(place, 5))).toMatchObject({ outcome: 'done' });
      await expectShare(place.url, 5);
      expect(await run(place.at, jobOf(place, 100, { index: 2 }))).toMatchObject({ outcome: 'done' });
      await expectShare(place.url, 100);
      expect(await contentOf(place)).toContain('# version 1');
      expect(await run(place.at, undoOf(place))).toMatchObject({ outcome: 'done' });
      await expectShare(place.url, 0);
      expect(await contentOf(place)).toBe(place.before);
    });

    test('a configuration that the proxy refuses is put back, and the traffic stays where it was', async () => {
      const place = await proxied(kind);
      const source = {
        ...place.source,
        test: `${place.source.test} && echo "line 7: no such thing" && exit 3`,
      };
      expect(await run(place.at, jobOf({ ...place, source }, 50))).toMatchObject({
        outcome: 'failed',
        cause: expect.stringMatching(/refused by its test.*no such thing.*is as it was.*not switched/s),
      });
      expect(await contentOf(place)).toBe(place.before);
      await expectShare(place.url, 0);
    });

    test('a failed reload puts the file back', async () => {
      const place = await proxied(kind);
      const source = { ...place.source, reload: 'false' };
      expect(await run(place.at, jobOf({ ...place, source }, 50))).toMatchObject({ outcome: 'failed' });
      expect(await contentOf(place)).toBe(place.before);
    });
  });
}

const POINTS: readonly FaultPoint[] = [
  'before-job-folder',
  'before-journal-row',
  'after-journal-row',
  'before-commit',
  'after-commit',
  'before-return',
];

/** A file and a "proxy" that counts its reloads, where no server needs to run. */
async function files(place?: Place): Promise<Proxied> {
  const at = place ?? (await makePlace());
  const before = 'upstream cart {\n  server a;\n  server b down;\n}\n';
  await writeFile(join(at.workspace, 'cart.conf'), before);
  const source: ProxySource = {
    kind: 'nginx',
    file: 'cart.conf',
    pool: 'cart',
    stable: ['a'],
    candidate: ['b'],
    test: 'true',
    reload: 'cp cart.conf taken-over.conf',
  };
  return { at, url: '', source, before };
}

test.each(POINTS)(
  'a worker that dies %s leaves a whole file, and the next one ends the switch',
  async (fault) => {
    const place = await files();
    await killedAt(place.at, jobOf(place, 25), fault);
    const after = 'upstream cart {\n  server a weight=3;\n  server b weight=1;\n}\n';
    expect([place.before, after]).toContain(await contentOf(place));
    expect(await run(place.at, jobOf(place, 25), 2)).toMatchObject({ outcome: 'done' });
    expect(await contentOf(place)).toBe(after);
    expect(await readFile(join(place.at.workspace, 'taken-over.conf'), 'utf8')).toBe(after);
    expect(await run(place.at, undoOf(place))).toMatchObject({ outcome: 'done' });
    expect(await contentOf(place)).toBe(place.before);
    expect((await readdir(place.at.workspace)).sort()).toEqual(['cart.conf', 'taken-over.conf']);
  },
);

test('file and servers may be references; messages name them as they are written', async () => {
  const at = await makePlace({}, { CART_CONF: 'cart.conf', OLD: 'a', NEW: 'b', OTHER: 'c' });
  const place = await files(at);
  const source: ProxySource = {
    ...place.source,
    file: '${env:CART_CONF}',
    stable: ['${env:OLD}'],
    candidate: ['${env:NEW}'],
  };
  expect(await run(at, jobOf({ at, source }, 50))).toMatchObject({ outcome: 'done' });
  expect(await contentOf(place)).toContain('server b weight=1;');
  const wrong = { ...source, candidate: ['${env:OTHER}'] };
  expect(await run(at, jobOf({ at, source: wrong }, 50, { index: 1 }))).toMatchObject({
    outcome: 'failed',
    cause: expect.stringContaining(
      'In ${env:CART_CONF}, the upstream "cart" has no line for the server "${env:OTHER}"',
    ),
  });
});

test('a server that the file does not have is an error that changes nothing', async () => {
  const place = await files();
  const source = { ...place.source, candidate: ['c'] };
  expect(await run(place.at, jobOf({ ...place, source }, 5))).toMatchObject({
    outcome: 'failed',
    cause: expect.stringContaining('no line for the server "c", so no weight was changed'),
  });
  expect(await contentOf(place)).toBe(place.before);
});

test('an undo without a switch before it leaves the traffic alone', async () => {
  const place = await files();
  expect(await run(place.at, undoOf(place))).toMatchObject({ outcome: 'done' });
  expect(await contentOf(place)).toBe(place.before);
});

test('commands set and print the percentage; one that does not take is set back', async () => {
  const at = await makePlace();
  await writeFile(join(at.workspace, 'weight'), '0');
  const source: TrafficSource = { kind: 'command', set: 'echo "$1%" > weight', get: 'cat weight' };
  expect(await run(at, jobOf({ at, source }, 5))).toMatchObject({ outcome: 'done' });
  const stuck: TrafficSource = { ...source, set: 'test "$1" = 5 && echo 5 > weight || echo 7 > weight' };
  expect(await run(at, jobOf({ at, source: stuck }, 25, { index: 1 }))).toMatchObject({
    outcome: 'failed',
    cause: expect.stringContaining('did not take 25%: it was set to 25 and reads 7. It was set back.'),
  });
  expect(await run(at, undoOf({ at, source }))).toMatchObject({ outcome: 'done' });
  expect(await readFile(join(at.workspace, 'weight'), 'utf8')).toBe('0%\n');
});

test('an HTTP API is read, changed at the pointer and read back; a failure says what it answered', async () => {
  const at = await makePlace({}, { TOKEN: 'secret-of-the-api' });
  let document = { name: 'cart', weights: { candidate: 0 } };
  let status = 200;
  const server = createServer((request, response) => {
    if (request.method === 'PUT') {
      let body = '';
      request.on('data', (chunk: Buffer) => {
        body += chunk.toString();
      });
      request.on('end', () => {
        if (status === 200) document = JSON.parse(body);
        response.writeHead(status).end();
      });
      return;
    }
    response.end(JSON.stringify(document));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const source: TrafficSource = {
    kind: 'http',
    url: `http://127.0.0.1:${portOf(server)}/routes/cart?token=\${env:TOKEN}`,
    pointer: '/weights/candidate',
  };
  expect(await run(at, jobOf({ at, source }, 5))).toMatchObject({ outcome: 'done' });
  expect(document).toEqual({ name: 'cart', weights: { candidate: 5 } });
  status = 503;
  const refused = await run(at, jobOf({ at, source }, 25, { index: 1 }));
  expect(refused).toMatchObject({ outcome: 'failed', cause: expect.stringContaining('answers 503') });
  expect(JSON.stringify(refused)).not.toContain('secret-of-the-api');
  expect(document.weights.candidate).toBe(5);
  status = 200;
  expect(await run(at, undoOf({ at, source }))).toMatchObject({ outcome: 'done' });
  expect(document.weights.candidate).toBe(0);
});

describe('a flag', () => {
  const FLAGS = `{
  "flags": {
    // off for everybody
    "cart": { "state": "DISABLED", "variants": { "on": true, "off": false }, "defaultVariant": "off" }
  }
}
`;
  const source: TrafficSource = { kind: 'flagd', file: 'flags.json', flag: 'cart' };

  async function withFlags(): Promise<{ readonly at: Place; readonly text: () => Promise<string> }> {
    const at = await makePlace();
    const file = join(at.workspace, 'flags.json');
    await writeFile(file, FLAGS);
    return { at, text: () => readFile(file, 'utf8') };
  }

  test.each(POINTS)(
    'in a file of flagd is raised once and restored, although a worker dies %s',
    async (fault) => {
      const { at, text } = await withFlags();
      await killedAt(at, jobOf({ at, source }, 25), fault);
      expect(await run(at, jobOf({ at, source }, 25), 2)).toMatchObject({ outcome: 'done' });
      expect(await text()).toContain('"fractional"');
      expect(await run(at, jobOf({ at, source }, 100, { index: 1 }))).toMatchObject({ outcome: 'done' });
      expect(await text()).toMatch(/"ENABLED".*"defaultVariant": "on"/s);
      expect(await run(at, undoOf({ at, source }))).toMatchObject({ outcome: 'done' });
      expect(JSON.parse((await text()).replace(/ +\/\/.*/, ''))).toEqual(
        JSON.parse(FLAGS.replace(/ +\/\/.*/, '')),
      );
      expect(await text()).toContain('// off for everybody');
    },
  );

  test('that the file does not have is an error that changes nothing', async () => {
    const { at, text } = await withFlags();
    const other: TrafficSource = { ...source, flag: 'basket' };
    expect(await run(at, jobOf({ at, source: other }, 25))).toMatchObject({
      outcome: 'failed',
      cause: expect.stringContaining('In flags.json, it has no flag "basket". Nothing was changed.'),
    });
    expect(await text()).toBe(FLAGS);
  });

  test('of a command keeps its form; one that knows only all or nobody is not given to a share', async () => {
    const at = await makePlace();
    const flag = join(at.workspace, 'flag');
    const target = { store: 'command', flag: 'cart', get: 'cat flag', set: 'printf %s "$1" > flag' } as const;
    const commands: TrafficSource = { kind: 'flag', target };
    await writeFile(flag, '0%');
    expect(await run(at, jobOf({ at, source: commands }, 5))).toMatchObject({ outcome: 'done' });
    expect(await readFile(flag, 'utf8')).toBe('5%');
    await writeFile(flag, 'off');
    expect(await run(at, jobOf({ at, source: commands }, 5, { subject: 'other' }))).toMatchObject({
      outcome: 'failed',
      cause: expect.stringContaining('cannot be given to 5%'),
    });
    expect(await run(at, jobOf({ at, source: commands }, 100, { subject: 'third' }))).toMatchObject({
      outcome: 'done',
    });
    expect(await readFile(flag, 'utf8')).toBe('on');
  });
});
