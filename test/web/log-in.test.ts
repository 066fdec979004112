/** The log-in by an identity provider, against a real one (oidc-provider) with real redirects and a real run. */
import { createServer, type Server } from 'node:http';
import Provider from 'oidc-provider';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { type ServedDashboard, serveDashboard } from '../../web/serve.js';
import { oidcSettings } from '../../web/session/oidc-settings.js';
import { Sessions } from '../../web/session/sessions.js';
import { freePort } from '../support/port.js';
import { gate, phase, step, strategy } from '../support/strategies.js';
import { openWorld, type TestRun, type World } from '../support/world.js';

/** What the provider says of each person. */
const PEOPLE: Readonly<Record<string, readonly string[]>> = {
  lena: ['engineers', 'dba-leads'],
  otto: ['engineers'],
  vera: ['auditors'],
};
const SECRET = 'secret of the dashboard, at the provider';

let world: World;
let provider: Server;
let issuer: string;
let dashboard: ServedDashboard;
let origin: string;
let run: TestRun;

beforeAll(async () => {
  world = await openWorld(inject('engine'));
  const port = await freePort();
  origin = `http://127.0.0.1:${port}`;
  [provider, issuer] = await serveProvider(`${origin}/callback`);
  const oidc = oidcSettings(
    {
      SLUICE_OIDC_ISSUER: issuer,
      SLUICE_OIDC_CLIENT_ID: 'sluice',
      SLUICE_OIDC_CLIENT_SECRET: SECRET,
      SLUICE_OIDC_ACTORS: 'engineers',
    },
    origin,
  );
  dashboard = await serveDashboard({ client: world.sluice, port, exact: true, oidc });
  run = await waiting();
});
afterAll(async () => {
  await dashboard?.close();
  provider?.closeAllConnections();
  provider?.close();
  await world?.close();
});

const decisionPath = (): string => `/runs/${run.id}/decisions/approval%3AG1`;

describe('without a log-in', () => {
  test('every page offers one, and leads back to where its reader wanted to go', async () => {
    const browser = new TestBrowser();
    const answer = await browser.get(`${origin}${decisionPath()}`);
    expect(answer.status).toBe(401);
    expect(await answer.text()).toContain(`/login?next=${encodeURIComponent(decisionPath())}`);
    const page = await logIn(browser, 'otto', decisionPath());
    expect(new URL(page.url).pathname).toBe(decisionPath());
  });

  test('the link of the local mode lets nobody in', async () => {
    expect((await new TestBrowser().get(`${origin}/open?token=x`)).status).toBe(401);
  });

  test('an answer of the provider that was not asked for here is refused', async () => {
    const browser = new TestBrowser();
    const answer = await browser.get(`${origin}/callback?code=stolen&state=made-up`);
    expect(answer.status).toBe(403);
    expect(await answer.text()).toContain('was not begun here');
    expect(browser.cookies(origin)).not.toMatch(/sluice-\d+=\w/);
  });

  test('an answer with another state than the one sent is refused', async () => {
    const browser = new TestBrowser();
    await browser.get(`${origin}/login`, 'stay');
    const answer = await browser.get(
      `${origin}/callback?code=x&state=other&iss=${encodeURIComponent(issuer)}`,
    );
    expect(answer.status).toBe(403);
    expect((await browser.get(origin)).status).toBe(401);
  });
});

describe('whoever logs in', () => {
  test('is known by issuer and subject, and shown by name; a member of a group holds its role', async () => {
    const browser = new TestBrowser();
    const page = await (await logIn(browser, 'lena', decisionPath())).text();
    expect(page).toContain('Lena');
    expect(page).toContain('Log out');
    expect(page).not.toContain('Act as');
    const answer = await browser.post(`${origin}${decisionPath()}`, {
      ...fieldsOf(page, 'class="vote"'),
      option: 'approve',
    });
    expect(await answer.text()).toContain('voted approve on approval:G1');
    const view = await run.until(
      'the gate has its vote',
      ({ phases }) => phases[0]?.gate?.votes.length === 1,
    );
    expect(view.phases[0]?.gate?.votes).toMatchObject([
      { by: `${issuer}|lena`, role: 'DBA Lead', option: 'approve' },
    ]);
  });

  test('cannot vote without the role, and is told so', async () => {
    const other = await waiting();
    const browser = new TestBrowser();
    const page = await (await logIn(browser, 'otto', `/runs/${other.id}/decisions/approval%3AG1`)).text();
    expect(page).toContain('does not hold a role that this decision needs');
    // By hand, with the token of a form that this session has.
    const refused = await world.sluice
      .decide(other.id, {
        decision: 'approval:G1',
        option: 'approve',
        by: `${issuer}|otto`,
        groups: ['engineers'],
      })
      .then(
        () => 'taken',
        (error: Error) => error.message,
      );
    expect(refused).toContain('does not hold a role that this decision needs');
  });

  test('may only read without the group that may act, and hears why', async () => {
    const other = await waiting();
    const browser = new TestBrowser();
    const page = await (await logIn(browser, 'vera', `/runs/${other.id}`)).text();
    expect(page).toContain('You may only read here');
    const fields = fieldsOf(page, 'id="form-usual"');
    const answer = await browser.post(`${origin}/runs/${other.id}/commands/pause`, fields);
    expect(await answer.text()).toContain('You may only read here');
    expect((await other.view()).status).toBe('waiting');
  });

  test('proves it once more before what cannot be undone, and finds there what they wrote', async () => {
    const other = await waiting();
    const path = `/runs/${other.id}`;
    const browser = new TestBrowser();
    const hourAgo = Math.floor(Date.now() / 1000) - 3600;
    browser.set(origin, `sluice-${new URL(origin).port}`, await sealed(hourAgo));
    const page = await (await browser.get(`${origin}${path}`)).text();
    const fields = { ...fieldsOf(page, 'id="form-abort"'), reason: 'wrong day' };
    const asked = await browser.post(`${origin}${path}/commands/abort`, fields);
    expect(asked.status).toBe(403);
    const text = await asked.text();
    expect(text).toContain('nothing was sent yet');
    const again = /href="([^"]*fresh=yes[^"]*)"/.exec(text)?.[1]?.replaceAll('&amp;', '&') ?? '';
    const back = await (await logInBy(browser, `${origin}${again}`, 'lena')).text();
    expect(back).toContain('Nothing was sent yet: repeat your answer.');
    expect((await other.view()).status).toBe('waiting');
    const sent = await browser.post(`${origin}${path}/commands/abort`, {
      ...fieldsOf(back, 'id="form-abort"'),
      reason: 'wrong day',
    });
    expect(await sent.text()).not.toContain('class="banner bad" role="alert"');
    expect(await other.end()).toMatchObject({ status: 'aborted' });
  });

  test('gets a session by nothing that was sealed for another purpose', async () => {
    const browser = new TestBrowser();
    const pending = await new Sessions(world.home).sealPending({ sub: 'otto', by: `${issuer}|otto` });
    browser.set(origin, `sluice-${new URL(origin).port}`, pending);
    expect((await browser.get(origin)).status).toBe(401);
  });

  test('logs out, here and on demand at the provider', async () => {
    const browser = new TestBrowser();
    const page = await (await logIn(browser, 'otto')).text();
    const before = browser.cookies(origin);
    const answer = await browser.post(`${origin}/logout`, fieldsOf(page, 'action="/logout"'));
    const text = await answer.text();
    expect(text).toContain('You are logged out of this dashboard.');
    expect(text).toContain(`${issuer}/session/end`);
    expect(before).not.toBe(browser.cookies(origin));
    expect((await browser.get(origin)).status).toBe(401);
  });
});

/** A run that waits for the DBA leads. */
async function waiting(): Promise<TestRun> {
  const approval = gate('G1', { approval_required: true, approvers: ['DBA Lead'] });
  const started = await world.start(strategy([phase('P1', 1, [step('S1', 1)], approval)]), {
    bindings: { roles: { 'DBA Lead': { members: ['group:dba-leads'], votes: 1 } } },
  });
  await started.asked('approval:G1');
  return started;
}

/** The session of a leader who logged in at this second since 1970. */
function sealed(authenticatedAt: number): Promise<string> {
  const sessions = new Sessions(world.home);
  const account = { label: 'Lena', groups: ['engineers', 'dba-leads'], readOnly: false, authenticatedAt };
  return sessions.seal({ ...sessions.create(), by: `${issuer}|lena`, account }, 3600);
}

/** Enough of a browser: cookies per origin, and redirects. */
class TestBrowser {
  readonly #jar = new Map<string, Map<string, string>>();

  cookies(url: string): string {
    return [...(this.#jar.get(new URL(url).origin) ?? [])]
      .map(([name, value]) => `${name}=${value}`)
      .join('; ');
  }

  set(url: string, name: string, value: string): void {
    this.#keep(url, [`${name}=${value}`]);
  }

  get(url: string, redirects: 'follow' | 'stay' = 'follow'): Promise<Response> {
    return this.#send(url, { method: 'GET' }, redirects);
  }

  post(url: string, fields: Readonly<Record<string, string>>): Promise<Response> {
    const headers = { origin: new URL(url).origin, 'content-type': 'application/x-www-form-urlencoded' };
    return this.#send(url, { method: 'POST', headers, body: `${new URLSearchParams(fields)}` }, 'follow');
  }

  async #send(url: string, init: RequestInit, redirects: 'follow' | 'stay'): Promise<Response> {
    const headers = { ...init.headers, cookie: this.cookies(url), accept: 'text/html' };
    const answer = await fetch(url, { ...init, headers, redirect: 'manual' });
    this.#keep(url, answer.headers.getSetCookie());
    const location = answer.headers.get('location');
    if (location === null || redirects === 'stay') return answer;
    return this.#send(new URL(location, url).href, { method: 'GET' }, redirects);
  }

  #keep(url: string, cookies: readonly string[]): void {
    const { origin: from } = new URL(url);
    const jar = this.#jar.get(from) ?? new Map<string, string>();
    this.#jar.set(from, jar);
    for (const cookie of cookies) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      if (value === '' || /max-age=0|expires=Thu, 01 Jan 1970/i.test(cookie)) jar.delete(name);
      else jar.set(name, value);
    }
  }
}

/** Goes to the provider, says who is there and agrees. @returns the page of the dashboard that follows */
function logIn(browser: TestBrowser, name: string, next = '/'): Promise<Response> {
  return logInBy(browser, `${origin}/login?next=${encodeURIComponent(next)}`, name);
}

async function logInBy(browser: TestBrowser, link: string, name: string): Promise<Response> {
  let page = await browser.get(link);
  // It asks twice at most: who is there, and whether they agree.
  for (let asked = 0; page.url.startsWith(issuer) && asked < 4; asked += 1) {
    const html = await page.text();
    const action = /<form[^>]* action="([^"]+)"/.exec(html)?.[1];
    if (action === undefined) throw new Error(`The provider answers ${page.status}: ${html.slice(0, 2_000)}`);
    const prompt = /name="prompt" value="(\w+)"/.exec(html)?.[1] ?? '';
    page = await browser.post(action, { prompt, login: name, password: 'any' });
  }
  return page;
}

/** The hidden fields of the form that has this in its tag. */
function fieldsOf(page: string, mark: string): Record<string, string> {
  const form = page.split('<form').find((part) => part.slice(0, part.indexOf('>')).includes(mark)) ?? '';
  const fields = [...form.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)"/g)];
  return Object.fromEntries(
    fields.map(([, name = '', value = '']) => [name, value.replaceAll('&quot;', '"')]),
  );
}

async function serveProvider(redirectUri: string): Promise<[Server, string]> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const instance = new Provider(url, {
    clients: [
      {
        client_id: 'sluice',
        client_secret: SECRET,
        redirect_uris: [redirectUri],
        post_logout_redirect_uris: [`${new URL(redirectUri).origin}/`],
      },
    ],
    claims: { openid: ['sub', 'groups'], profile: ['name'] },
    conformIdTokenClaims: false,
    findAccount: (_context, sub) => ({
      accountId: sub,
      claims: () => ({
        sub,
        name: sub.charAt(0).toUpperCase() + sub.slice(1),
        groups: [...(PEOPLE[sub] ?? [])],
      }),
    }),
    pkce: { required: () => true },
    cookies: { keys: ['a key of the test'] },
  });
  const server = createServer(instance.callback());
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return [server, url];
}

test.each([
  ['plain HTTP to another machine', { SLUICE_OIDC_ISSUER: 'http://id.example.com' }, 'must be an https: URL'],
  ['no client id', { SLUICE_OIDC_CLIENT_ID: '' }, 'SLUICE_OIDC_CLIENT_ID is not set'],
  ['no provider', { SLUICE_OIDC_ISSUER: undefined }, 'SLUICE_OIDC_ISSUER is not set'],
])('%s is refused before the dashboard listens', (_, env, why) => {
  const whole = { SLUICE_OIDC_ISSUER: 'https://id.example.com', SLUICE_OIDC_CLIENT_ID: 'sluice', ...env };
  expect(() => oidcSettings(whole, 'https://sluice.example.com')).toThrow(why);
});
