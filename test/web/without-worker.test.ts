/** What the dashboard shows and streams while no worker is there to answer for the runs. */
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createDashboard, type Dashboard } from '../../web/app.js';
import { Sessions } from '../../web/session/sessions.js';
import { phase, step, strategy } from '../support/strategies.js';
import { openWorld, type TestRun, type World } from '../support/world.js';

const HOST = '127.0.0.1:8420';

let world: World;
let dashboard: Dashboard;
let run: TestRun;
let cookie: string;

beforeAll(async () => {
  world = await openWorld(inject('engine'), { worker: false });
  const sessions = new Sessions(world.home);
  const options = {
    client: world.sluice,
    sessions,
    origins: [`http://${HOST}`],
    port: 8420,
    insecure: true,
    oidc: null,
  };
  dashboard = createDashboard(options);
  cookie = `sluice-8420=${await sessions.seal({ ...sessions.create(), by: 'alice' }, 3600)}`;
  run = await world.start(strategy([phase('P1', 1, [step('S1', 1)])]));
});
afterAll(async () => {
  dashboard.close();
  await world.close();
});

async function get(path: string): Promise<Response> {
  return dashboard.app.request(path, { headers: { host: HOST, cookie } });
}

test('every page says that no worker is there, and that the dashboard listens beyond its machine', async () => {
  const read = async () => (await get('/runs')).text();
  // The engine's list of runs follows a moment after the start.
  await expect.poll(read).toContain(run.id);
  const page = await read();
  expect(page).toContain('No worker polls the engine');
  expect(page).toContain('This dashboard listens beyond this machine');
});

test('a run that nobody can answer for says so, and its page tries again by itself', async () => {
  const answer = await get(`/runs/${run.id}`);
  expect(answer.status).toBe(503);
  const page = await answer.text();
  expect(page).toContain('data-retry');
  expect(page).toMatch(/No worker polls the task queue .* Start one: sluice up, or sluice worker/);
});

test('a stop tells open pages, and a session cannot open streams without end', async () => {
  const answers = await Promise.all(Array.from({ length: 30 }, () => get('/live')));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(24);
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(6);
  const texts = Promise.all(answers.filter(({ status }) => status === 200).map((answer) => answer.text()));
  await expect.poll(() => dashboard.listening).toBe(24);
  dashboard.close();
  for (const text of await texts) expect(text).toMatch(/event: gone\ndata: \n\n$/);
  expect(dashboard.listening).toBe(0);
});
