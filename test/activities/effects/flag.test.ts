/** Feature flags are set, read back by whoever reads them, and restored: in a flagd file, behind an HTTP API, by commands. */
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { FlagdProvider } from '@openfeature/flagd-provider';
import { OpenFeature } from '@openfeature/server-sdk';
import { afterEach, describe, expect, test } from 'vitest';
import type { EffectJob } from '../../../activities/contract.js';
import { runEffect } from '../../../activities/effects/index.js';
import type { ConfigFileAction, SettingAction, SettingTarget } from '../../../strategy/plan.js';
import { attempt, KEY, makePlace, type Place, runIn } from '../support.js';
import { killedAt } from './killed.js';

type FlagAction = ConfigFileAction | SettingAction;

const run = (at: Place, job: EffectJob<FlagAction>, number = 1) =>
  runIn(attempt(number), () =>
    job.action.kind === 'setting'
      ? runEffect(at.clients, { ...job, action: job.action })
      : runEffect(at.clients, { ...job, action: job.action }),
  );

function jobOf(at: Place, action: FlagAction, more: Partial<EffectJob['key']> = {}): EffectJob<FlagAction> {
  return { context: at.context, key: { ...KEY, ...more }, action, timeoutMs: 60_000 };
}

describe('in a flagd file', () => {
  const FILE = `{
  "$schema": "https://flagd.dev/schema/v0/flags.json", // for editors
  "flags": {
    "discount-enabled": {
      "state": "ENABLED",
      "variants": { "on": true, "off": false },
      "defaultVariant": "off"
    },
    "other": { "state": "ENABLED", "variants": { "a": "A" }, "defaultVariant": "a", "targeting": { "if": [true, "a"] } }
  }
}
`;

  async function place(text = FILE): Promise<Place> {
    const at = await makePlace();
    await writeFile(join(at.workspace, 'flags.json'), text);
    return at;
  }

  const set = (value: string, expected: string, flag = 'discount-enabled'): ConfigFileAction => ({
    kind: 'config-file',
    item: 'CONF-1',
    file: 'flags.json',
    format: 'flagd',
    path: [flag],
    change: { do: 'set', value, expected },
  });
  const undo = (at: Place) => jobOf(at, { ...set('', ''), change: { do: 'restore' } }, { purpose: 'undo' });
  const content = (at: Place) => readFile(join(at.workspace, 'flags.json'), 'utf8');

  afterEach(() => OpenFeature.close());

  /** The users for whom an application that reads the file by OpenFeature sees the flag on. */
  async function usersWith(at: Place, users: number): Promise<ReadonlySet<number>> {
    const provider = new FlagdProvider({
      resolverType: 'in-process',
      offlineFlagSourcePath: join(at.workspace, 'flags.json'),
    });
    await OpenFeature.setProviderAndWait(provider);
    const client = OpenFeature.getClient();
    const on = new Set<number>();
    for (let user = 0; user < users; user += 1) {
      const context = { targetingKey: `user-${user}` };
      if (await client.getBooleanValue('discount-enabled', false, context)) on.add(user);
    }
    return on;
  }

  test('a flag is on for everybody, and the undo restores the bytes', async () => {
    const at = await place(FILE.replace(' // for editors', ''));
    expect((await usersWith(at, 20)).size).toBe(0);
    expect(await run(at, jobOf(at, set('true', 'false')))).toMatchObject({ outcome: 'done' });
    expect((await usersWith(at, 20)).size).toBe(20);
    expect(await run(at, undo(at))).toMatchObject({ outcome: 'done' });
    expect(await content(at)).toBe(FILE.replace(' // for editors', ''));
  });

  test('a share is about that share of the users, and who is in stays in when it grows', async () => {
    const at = await place(FILE.replace(' // for editors', ''));
    const shares = ['10%', '25%', '50%', 'true'];
    let before = 'false';
    let inside: ReadonlySet<number> = new Set();
    for (const [index, share] of shares.entries()) {
      await run(at, jobOf(at, set(share, before), { index }));
      const now = await usersWith(at, 1_000);
      const wanted = share === 'true' ? 1_000 : Number.parseInt(share, 10) * 10;
      expect(Math.abs(now.size - wanted)).toBeLessThanOrEqual(50);
      expect([...inside].filter((user) => !now.has(user))).toEqual([]);
      [before, inside] = [share, now];
    }
  });

  test('comments and the other flags stay as they are', async () => {
    const at = await place();
    await run(at, jobOf(at, set('true', 'false')));
    const expected = FILE.replace('"defaultVariant": "off"', '"defaultVariant": "on"');
    expect(await content(at)).toBe(expected);
  });

  test.each([
    ['a flag that is not there', set('true', 'false', 'nothing'), 'nothing is not set'],
    ['another value than expected', set('true', '25%'), 'discount-enabled is false; CONF-1 expects 25%'],
    ['a value that no variant has', set('"blue"', 'false'), 'no variant with the value "blue"'],
    [
      'targeting rules of its own',
      set('"A"', '{"targeting":{"if":[true,"a"]}}', 'other'),
      'rules of its own',
    ],
  ])('%s changes nothing, and says so', async (_, action, words) => {
    const at = await place();
    expect(await run(at, jobOf(at, action))).toMatchObject({
      outcome: 'failed',
      cause: expect.stringContaining(words),
    });
    expect(await content(at)).toBe(FILE);
  });
});

describe('behind an HTTP API', () => {
  let server: Server | null = null;
  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
    server = null;
  });

  /** A flag service that keeps one document; `status`: what it answers instead. */
  async function serve(document: { flag: unknown }, status = 200): Promise<{ url: string; seen: string[] }> {
    const seen: string[] = [];
    const listening = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => {
        body += chunk.toString();
      });
      request.on('end', () => {
        seen.push(
          `${request.method} ${request.headers.authorization ?? ''} ${request.headers['content-type'] ?? ''}`,
        );
        if (request.method !== 'GET' && status === 200) Object.assign(document, JSON.parse(body));
        response.writeHead(status, { 'content-type': 'application/json', etag: '"1"' });
        response.end(JSON.stringify(document));
      });
    });
    server = listening;
    await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
    const address = listening.address() as AddressInfo;
    return { url: `http://127.0.0.1:${address.port}/flags/discount`, seen };
  }

  const target = (url: string, method: 'PATCH' | 'PUT' = 'PATCH'): SettingTarget => ({
    store: 'http',
    flag: 'discount',
    url,
    pointer: '/flag/enabled',
    method,
    headers: { Authorization: 'Bearer ${env:FLAG_TOKEN}' },
  });
  const ON = { do: 'set', value: 'true', expected: 'false' } as const;
  const action = (url: string, method?: 'PATCH' | 'PUT'): SettingAction => ({
    kind: 'setting',
    item: 'CONF-1',
    target: target(url, method),
    change: ON,
  });
  const place = () => makePlace({}, { FLAG_TOKEN: 'very secret token' });

  test.each(['PATCH', 'PUT'] as const)('a flag is set with %s, read back, and restored', async (method) => {
    const at = await place();
    const document = { flag: { enabled: false as unknown } };
    const { url, seen } = await serve(document);
    const outcome = await run(at, jobOf(at, action(url, method)));
    expect(outcome).toMatchObject({ outcome: 'done' });
    expect(document.flag.enabled).toBe(true);
    const back: SettingAction = { ...action(url, method), change: { do: 'restore' } };
    expect(await run(at, jobOf(at, back, { purpose: 'undo' }))).toMatchObject({ outcome: 'done' });
    expect(document.flag.enabled).toBe(false);
    expect(seen.every((line) => line.includes('Bearer very secret token'))).toBe(true);
    expect(JSON.stringify(outcome)).not.toContain('very secret');
  });

  test('a flag server that is down fails with a clear message, and nothing is changed', async () => {
    const at = await place();
    expect(await run(at, jobOf(at, action('http://127.0.0.1:1/flags/discount')))).toMatchObject({
      outcome: 'failed',
      cause: expect.stringMatching(
        /^CONF-1 could not be changed: the flag server at http:\/\/127\.0\.0\.1:1\/flags\/discount does not answer .*Nothing was changed\. Start it again/,
      ),
    });
  });

  test('a flag server that refuses fails at once, and its answer is shown without the token', async () => {
    const at = await makePlace({}, { FLAG_TOKEN: 'tok3n-of-the-shop' });
    const { url } = await serve({ flag: 'not with tok3n-of-the-shop' }, 403);
    expect(await run(at, jobOf(at, action(url)))).toMatchObject({
      outcome: 'failed',
      cause: expect.stringMatching(/status 403: .*not with \[redacted\].*Nothing was changed/),
    });
  });

  test('the worker dies when the request was sent: the flag is found set, and is restored later', async () => {
    const at = await place();
    const document = { flag: { enabled: false as unknown } };
    const { url } = await serve(document);
    const job = jobOf(at, action(url));
    await killedAt(at, job, 'after-commit');
    expect(document.flag.enabled).toBe(true);
    expect(await run(at, job, 2)).toMatchObject({ outcome: 'done' });
    const back: SettingAction = { ...action(url), change: { do: 'restore' } };
    await run(at, jobOf(at, back, { purpose: 'undo' }));
    expect(document.flag.enabled).toBe(false);
  });
});

describe('by commands', () => {
  const action: SettingAction = {
    kind: 'setting',
    item: 'CONF-1',
    target: { store: 'command', flag: 'discount', get: 'cat flag', set: 'printf %s "$1" > flag' },
    change: { do: 'set', value: '25% & "more"; $(date)', expected: 'off' },
  };

  test('a flag is set to exactly the value, read back, and restored', async () => {
    const at = await makePlace();
    await writeFile(join(at.workspace, 'flag'), 'off\n');
    expect(await run(at, jobOf(at, action))).toMatchObject({ outcome: 'done' });
    expect(await readFile(join(at.workspace, 'flag'), 'utf8')).toBe('25% & "more"; $(date)');
    const back: SettingAction = { ...action, change: { do: 'restore' } };
    expect(await run(at, jobOf(at, back, { purpose: 'undo' }))).toMatchObject({ outcome: 'done' });
    expect(await readFile(join(at.workspace, 'flag'), 'utf8')).toBe('off');
  });

  test('a command that fails is shown with what it said', async () => {
    const at = await makePlace();
    expect(await run(at, jobOf(at, action))).toMatchObject({
      outcome: 'failed',
      cause: expect.stringMatching(/^The command for the flag discount exited with 1: cat flag said ".*flag/),
    });
  });

  test('a flag that does not take its value fails, and is restored', async () => {
    const at = await makePlace();
    await writeFile(join(at.workspace, 'flag'), 'off\n');
    const deaf: SettingAction = {
      ...action,
      target: { store: 'command', flag: 'discount', get: 'cat flag', set: 'true' },
    };
    expect(await run(at, jobOf(at, deaf))).toMatchObject({
      outcome: 'failed',
      cause: expect.stringContaining('reads back as "off"'),
    });
  });
});
