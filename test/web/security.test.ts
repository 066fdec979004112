/** Who gets into the dashboard, and what it refuses, without a browser: every rule is one request. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { connect, type Sluice } from '../../client/index.js';
import { createDashboard, type Dashboard } from '../../web/app.js';
import { Sessions } from '../../web/session/sessions.js';

const HOST = '127.0.0.1:8420';
const home = mkdtempSync(join(tmpdir(), 'sluice-web-'));
const sessions = new Sessions(home);
const alice = { ...sessions.create(), by: 'alice' };
const FORM = 'application/x-www-form-urlencoded';

let client: Sluice;
let dashboard: Dashboard;
let cookie: string;

beforeAll(async () => {
  // A queue of its own: what other tests run is not asked for.
  client = await connect({ address: inject('engine'), home, taskQueue: `test-${randomUUID()}`, env: {} });
  dashboard = createDashboard({
    client,
    sessions,
    origins: [`http://${HOST}`],
    port: 8420,
    insecure: false,
    oidc: null,
  });
  cookie = `sluice-8420=${await sessions.seal(alice, 3600)}`;
});
afterAll(async () => {
  dashboard.close();
  await client.close();
  rmSync(home, { recursive: true, force: true });
});

function get(path: string, headers: Record<string, string> = { cookie }): Promise<Response> {
  return send(path, { headers });
}

/** A form as the dashboard's own page sends it, except for what is said otherwise. */
function post(
  path: string,
  fields: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<Response> {
  return send(path, {
    method: 'POST',
    body: new URLSearchParams(fields).toString(),
    headers: {
      cookie,
      origin: `http://${HOST}`,
      'sec-fetch-site': 'same-origin',
      'content-type': FORM,
      ...headers,
    },
  });
}

async function send(path: string, init: RequestInit): Promise<Response> {
  const headers = new Headers(init.headers);
  if (!headers.has('host')) headers.set('host', HOST);
  return dashboard.app.request(path, { ...init, headers });
}

const me = { token: sessions.formToken(alice, 'me'), by: 'bob', next: '/runs' };

describe('the link', () => {
  test('lets its reader in, by a cookie that scripts and other sites do not get', async () => {
    const answer = await get(`/open?token=${sessions.accessToken}&next=/runs/r`, {});
    expect(answer.status).toBe(303);
    expect(answer.headers.get('location')).toBe('/runs/r');
    expect(answer.headers.get('set-cookie')).toMatch(/^sluice-8420=.*HttpOnly; SameSite=Lax/);
  });

  test.each(['', 'x', `${sessions.accessToken}x`])('with the token %j lets nobody in', async (token) => {
    const answer = await get(`/open?token=${token}`, {});
    expect(answer.status).toBe(401);
    expect(answer.headers.has('set-cookie')).toBe(false);
  });

  test.each(['//evil.example', '/\\evil.example', 'https://evil.example'])(
    'never leads to %s',
    async (next) => {
      const answer = await get(`/open?token=${sessions.accessToken}&next=${encodeURIComponent(next)}`, {});
      expect(answer.headers.get('location')).toBe('/');
    },
  );

  test('rests on a secret that only its owner can read', () => {
    expect(statSync(join(home, 'dashboard.key')).mode & 0o777).toBe(0o600);
  });
});

describe('without a session', () => {
  test.each([
    '/',
    '/runs',
    '/runs/r',
    '/runs/r/view.json',
    '/runs/r/live',
    '/runs/r/decisions/d',
    '/runs/r/steps/s/logs/j',
    '/runs/r/steps/s/logs/j/raw',
  ])('%s says how to get in', async (path) => {
    const answer = await get(path, {});
    expect(answer.status).toBe(401);
    expect(await answer.text()).toMatch(/Open the dashboard with the link/);
  });

  test('a cookie of another secret is none', async () => {
    const other = mkdtempSync(join(tmpdir(), 'sluice-web-'));
    const forged = await new Sessions(other).seal(alice, 3600);
    expect((await get('/', { cookie: `sluice-8420=${forged}` })).status).toBe(401);
    rmSync(other, { recursive: true });
  });

  test('a form changes nothing', async () => {
    const answer = await post('/me', me, { cookie: '' });
    expect(answer.status).toBe(401);
    expect(answer.headers.has('set-cookie')).toBe(false);
  });
});

describe('a request', () => {
  test('for another host name is refused before any route', async () => {
    for (const host of ['evil.example:8420', '127.0.0.1:8421', 'localhost.evil.example:8420']) {
      expect((await get('/healthz', { cookie, host })).status).toBe(403);
    }
  });

  test('gets a policy that runs no foreign script, and is framed and cached nowhere', async () => {
    const { headers } = await get('/runs');
    expect(headers.get('content-security-policy')).toMatch(
      /default-src 'none'.*script-src 'self'.*frame-ancestors 'none'.*require-trusted-types-for 'script'/,
    );
    expect(headers.get('content-security-policy')).not.toContain('unsafe');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.has('access-control-allow-origin')).toBe(false);
  });

  test('reaches no file beside the few that pages load', async () => {
    for (const path of [
      '/static/..%2Fapp.ts',
      '/static/%2e%2e%2fserve.ts',
      '/static/constructor',
      '/static/x',
    ]) {
      expect((await get(path)).status).toBe(404);
    }
  });
});

describe('a form', () => {
  test('of the dashboard itself counts, and answers with a page that can be loaded again', async () => {
    const answer = await post('/me', me);
    expect(answer.status).toBe(303);
    expect(answer.headers.get('location')).toBe('/runs');
    expect(answer.headers.get('set-cookie')).toMatch(/^sluice-8420=/);
  });

  test.each([
    ['another site', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
    ['another port of this machine', { origin: 'http://127.0.0.1:9000', 'sec-fetch-site': 'same-site' }],
    ['a page that hides where it is from', { origin: 'null' }],
    ['a browser that calls it foreign', { 'sec-fetch-site': 'same-site' }],
  ])('from %s is refused', async (_, headers) => {
    const answer = await post('/me', me, headers);
    expect(answer.status).toBe(403);
    expect(answer.headers.has('set-cookie')).toBe(false);
  });

  test('without an origin is refused', async () => {
    const body = new URLSearchParams(me).toString();
    const answer = await send('/me', { method: 'POST', body, headers: { cookie, 'content-type': FORM } });
    expect(answer.status).toBe(403);
  });

  test.each(['application/json', 'text/plain', 'multipart/form-data; boundary=x'])(
    'as %s is refused: other sites may send those',
    async (type) => {
      expect((await post('/me', me, { 'content-type': type })).status).toBe(415);
    },
  );

  test('of more than 64 kB is refused', async () => {
    expect((await post('/me', { ...me, by: 'x'.repeat(70_000) })).status).toBe(413);
  });

  test('with a token of another session, decision or evidence is refused', async () => {
    const vote = { option: 'approve', plan: 'p', evidence: 'e', reason: '' };
    const path = '/runs/r/decisions/approval%3AG';
    for (const token of [
      '',
      sessions.formToken(sessions.create(), 'r', 'approval:G', 'p', 'e'),
      sessions.formToken(alice, 'other', 'approval:G', 'p', 'e'),
      sessions.formToken(alice, 'r', 'approval:H', 'p', 'e'),
      sessions.formToken(alice, 'r', 'approval:G', 'p', 'another evidence'),
    ]) {
      const answer = await post(path, { ...vote, token });
      expect(answer.status).toBe(403);
      expect(await answer.text()).toContain('out of date');
    }
    const command = await post('/runs/r/commands/abort', { token: sessions.formToken(alice, 'r', 'pause') });
    expect(command.status).toBe(403);
  });

  test('other methods than GET and POST are refused', async () => {
    const put = await send('/me', { method: 'PUT', headers: { cookie, origin: `http://${HOST}` } });
    expect(put.status).toBe(405);
  });
});

test('what is refused is counted, by the status of the answer', async () => {
  const counted = async (): Promise<Record<string, number>> => {
    const text = await (await get('/metrics')).text();
    const lines = text.matchAll(/^sluice_dashboard_refused_requests_total\{status="(\d+)"\} (\d+)$/gm);
    return Object.fromEntries([...lines].map(([, status = '', count]) => [status, Number(count)]));
  };
  const before = await counted();
  const guest = { ...sessions.create(), by: 'guest' };
  const headers = { cookie: `sluice-8420=${await sessions.seal(guest, 3600)}` };
  await get('/', { cookie, host: 'evil.example' });
  await get('/', {});
  await post('/me', me, { ...headers, origin: 'http://127.0.0.1:9999' });
  await post('/me', me, { ...headers, 'content-type': 'application/json' });
  await post('/me', { ...me, by: 'x'.repeat(70_000) }, headers);
  const after = await counted();
  const more = Object.keys(after).filter((status) => (after[status] ?? 0) > (before[status] ?? 0));
  expect(more.sort()).toEqual(['401', '403', '413', '415']);
  expect((after['403'] ?? 0) - (before['403'] ?? 0)).toBe(2);
});

test('a GET never acts: votes and commands have none', async () => {
  const token = sessions.formToken(alice, 'r', 'abort');
  expect((await get(`/runs/r/commands/abort?token=${token}`)).status).toBe(404);
  expect((await get(`/me?token=${me.token}&by=mallory`)).headers.has('set-cookie')).toBe(false);
});

test('a run that does not exist is told in the words of the command line', async () => {
  const answer = await get('/runs/nowhere');
  expect(answer.status).toBe(404);
  expect(await answer.text()).toContain('There is no run &quot;nowhere&quot; on the engine');
});

test('too many forms, or guesses at the token, are refused, and another session is not held up', async () => {
  const hasty = { ...sessions.create(), by: 'hasty' };
  const headers = { cookie: `sluice-8420=${await sessions.seal(hasty, 3600)}` };
  const form = { token: sessions.formToken(hasty, 'me'), by: 'hasty', next: '/' };
  const statuses = await Promise.all(
    Array.from({ length: 60 }, async () => (await post('/me', form, headers)).status),
  );
  expect(statuses).toContain(303);
  expect(statuses).toContain(429);
  const guesses = await Promise.all(
    Array.from(
      { length: 60 },
      async (_, i) => (await get(`/open?token=${i}`, { cookie: `sluice-8420=${i}` })).status,
    ),
  );
  expect(guesses).toContain(429);
  expect((await post('/me', me)).status).toBe(303);
});
