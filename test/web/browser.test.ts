/**
 * The dashboard in a real browser, on a real engine with a real worker: what people do there happens, and an open page
 * survives whatever dies behind it. Any console error and any violation of the content policy fails a test.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { embeddedEngine } from '../../client/engine.js';
import { type ServedDashboard, serveDashboard } from '../../web/serve.js';
import { type Engine, ensureEngine } from '../../worker/engine.js';
import { hasChromium, launchBrowser } from '../support/browser.js';
import { gate, phase, step, strategy } from '../support/strategies.js';
import { openWorld, type TestRun, type World } from '../support/world.js';

const LIMIT_MS = 120_000;
const BIN = fileURLToPath(new URL('../../bin/sluice', import.meta.url));
/** Headless tabs are never hidden. */
const HIDEABLE = `
  let state = 'visible';
  Object.defineProperty(document, 'visibilityState', { get: () => state });
  globalThis.hideTab = () => {
    state = 'hidden';
    document.dispatchEvent(new Event('visibilitychange'));
  };`;
const REPORT_VIOLATIONS = `
  document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
    console.error('policy violated: ' + violatedDirective + ' ' + blockedURI));`;

const approval = { approval_required: true, approvers: ['Lead'] };
const gated = strategy([
  phase('P1', 1, [step('S1', 1), step('S2', 2)], gate('G1', approval)),
  phase('P2', 2, [step('S3', 1)]),
]);
const twoRoles = strategy([
  phase('P1', 1, [step('S1', 1)], gate('G1', { ...approval, approvers: ['Lead', 'Owner'] })),
]);

let engineHome: string;
let engine: Engine;
let world: World;
let served: ServedDashboard;
let browser: Browser;
let contexts: BrowserContext[] = [];
let complaints: string[] = [];

describe.skipIf(!hasChromium)('the dashboard', () => {
  beforeAll(async () => {
    engineHome = mkdtempSync(join(tmpdir(), 'sluice-engine-'));
    engine = await ensureEngine({ home: engineHome, env: process.env, log: () => undefined });
    [world, browser] = await Promise.all([openWorld(engine.address), launchBrowser()]);
    served = await serveDashboard({ client: world.sluice, port: 0 });
  });
  afterEach(async () => {
    await Promise.all(contexts.map((context) => context.close()));
    contexts = [];
    const heard = complaints;
    complaints = [];
    expect(heard).toEqual([]);
  });
  afterAll(async () => {
    await browser.close();
    await served.close();
    await world.close();
    await engine.stop();
    rmSync(engineHome, { recursive: true, force: true });
  });

  test('a person approves on the page, and the run goes on while they watch', async () => {
    const run = await asked(gated);
    const page = await enter('Lead');
    await page.getByRole('link', { name: /G1/ }).first().click();
    await page
      .getByLabel(/Reason/)
      .first()
      .fill('figures look good');
    await page.getByRole('button', { name: 'approve' }).click();
    await page.getByText(`Lead voted approve on approval:G1 of ${run.id}.`).waitFor();
    await page.locator('#headline').getByText('completed').waitFor();
    expect(run.ledger()).toEqual(['do S1', 'do S2', 'do S3']);
    const download = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Report' }).click();
    expect(readFileSync(await (await download).path(), 'utf8')).toContain('figures look good');
    const { phases } = await run.view();
    expect(phases[0]?.gate?.votes).toMatchObject([
      { by: 'Lead', option: 'approve', reason: 'figures look good' },
    ]);
  });

  test('a rollback from the page stops at the landing that was chosen', async () => {
    const run = await asked(gated);
    const page = await enter('Lead', `/runs/${run.id}`);
    await page.getByText('Roll back or abort').click();
    const form = page.locator('#form-rollback');
    await form.getByLabel('Roll back to').selectOption('S1');
    await form.getByLabel('Reason').fill('wrong day');
    await form.getByRole('checkbox').check();
    await form.getByRole('button', { name: 'Roll back' }).click();
    await page.getByText(`${run.id} rolls back to S1.`).waitFor();
    await run.until('the rollback has landed', ({ landing }) => landing === 'S1');
    expect(run.ledger()).toEqual(['do S1', 'do S2', 'undo S2']);
    expect(await run.events()).toContainEqual(
      expect.objectContaining({
        type: 'command-accepted',
        command: 'rollback',
        by: 'Lead',
        reason: 'wrong day',
      }),
    );
  });

  test('a key that never leaves the browser signs commands and votes, and one that the run does not know is told so', async () => {
    const page = await enter('Lead', '/key');
    await page.getByRole('button', { name: 'Make a key' }).click();
    const line = await page.getByText(/^"Lead": \[\{ kty: OKP/).textContent();
    const x = /x: "([\w-]{43})"/.exec(line ?? '')?.[1];
    const thumbprint = (await page.locator('[data-key-print]').textContent()) ?? '';
    const started = (keys: object) =>
      asked(gated, { bindings: { identity: { mode: 'signed', installation: 'shop', keys } } });
    const other = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' };
    const [run, foreign] = await Promise.all([
      started({ Lead: [{ kty: 'OKP', crv: 'Ed25519', x }] }),
      started({ Lead: [other] }),
    ]);

    await page.goto(new URL(`/runs/${foreign.id}/decisions/approval%3AG1`, served.url).href);
    await page.locator('#answer').getByText('This run does not know the key of this browser').waitFor();
    expect(await page.getByRole('button', { name: 'approve', exact: true }).isDisabled()).toBe(true);

    await page.goto(new URL(`/runs/${run.id}`, served.url).href);
    await page.getByRole('button', { name: 'Pause before the next action' }).click();
    await page.getByText(`${run.id} pauses before its next action.`).first().waitFor();
    await page.getByRole('button', { name: 'Resume', exact: true }).click();
    await page.getByText(`${run.id} continues.`).waitFor();
    await page.goto(new URL(`/runs/${run.id}/decisions/approval%3AG1`, served.url).href);
    await page.getByLabel(/Reason/).fill('figures\nlook "good" – ✔');
    await page.getByRole('button', { name: 'approve', exact: true }).click();
    await page.locator('#headline').getByText('completed').waitFor();
    expect(await run.events()).toContainEqual(
      expect.objectContaining({
        type: 'vote-cast',
        signed: expect.any(String),
        vote: expect.objectContaining({ reason: 'figures\nlook "good" – ✔', key: thumbprint }),
      }),
    );
  });

  test('what was typed and opened survives an update, and the end of the decision', async () => {
    const run = await asked(twoRoles);
    const page = await enter('Lead', `/runs/${run.id}/decisions/approval%3AG1`);
    await page
      .getByLabel(/Reason/)
      .first()
      .fill('half a thou');
    await page.getByText('The same on the command line').click();
    await run.answer('approval:G1', 'approve', 'Owner');
    await page.locator('#evidence').getByText('Owner', { exact: false }).first().waitFor();
    expect(
      await page
        .getByLabel(/Reason/)
        .first()
        .inputValue(),
    ).toBe('half a thou');
    expect(await page.locator('#answer details').getAttribute('open')).not.toBeNull();
    // Once more, since the first update must not forget what the second has to keep.
    await run.command({ command: 'claim', decision: 'approval:G1', by: 'Lead' });
    await page.getByText('Lead is on it').first().waitFor();
    expect(await page.locator('#answer details').getAttribute('open')).not.toBeNull();
    await run.answer('approval:G1', 'reject', 'Lead');
    await page.getByText('This is not open any more').first().waitFor();
    expect(
      await page
        .getByLabel(/Reason/)
        .first()
        .inputValue(),
    ).toBe('half a thou');
    expect(await page.getByRole('button', { name: 'approve', exact: true }).isDisabled()).toBe(true);
  });

  test('without script a person approves as well, and a refused vote gives back what was typed', async () => {
    const run = await asked(twoRoles);
    const page = await enter('Lead', `/runs/${run.id}/decisions/approval%3AG1`, { javaScriptEnabled: false });
    await run.answer('approval:G1', 'approve', 'Lead');
    await page
      .getByLabel(/Reason/)
      .first()
      .fill('me too');
    await page.getByRole('button', { name: 'approve' }).click();
    await page.getByText(/Lead has already voted "approve".* You wrote: me too/).waitFor();
    await actAs(page, 'Owner');
    await page.getByRole('button', { name: 'approve' }).click();
    await page.getByText(`Owner voted approve on approval:G1 of ${run.id}.`).waitFor();
    expect((await run.end()).status).toBe('completed');
  });

  test('what a strategy, a log or a person says is text, everywhere', async () => {
    const hostile = `"><img src=x onerror=alert(1)><script>alert(2)</script>`;
    const link = 'javascript:alert(3)';
    const run = await asked(
      strategy(
        [
          phase(
            'P1',
            1,
            [step('S1', 1, { commands: [`printf '%s\\n' '${hostile}' '${link}'`], more: { name: hostile } })],
            {
              ...gate('G1', { ...approval, name: hostile, approvers: [hostile] }),
              name: link,
            },
          ),
        ],
        { migration_overview: { name: hostile } },
      ),
      { by: hostile },
      'approval:G1',
    );
    const page = await enter(hostile, `/runs/${run.id}/decisions/approval%3AG1`);
    await page
      .getByLabel(/Reason/)
      .first()
      .fill(hostile);
    await page.getByRole('button', { name: 'approve' }).click();
    await page.locator('#headline').getByText('completed').waitFor();
    const base = `/runs/${run.id}`;
    for (const path of ['/', '/runs', base, `${base}/events`, `${base}/phases/P1`, `${base}/steps/S1`]) {
      await page.goto(new URL(path, served.url).href);
      expect(await page.locator('a[href^="javascript"], main img, main script').count()).toBe(0);
    }
    expect(await page.getByText(link).count()).toBeGreaterThan(0);
    await page.goto(new URL(`${base}/steps/S1?q=onerror`, served.url).href);
    expect(await page.locator('.log .line > span').allTextContents()).toEqual([hostile]);
    await page.locator('.log .line > a').click();
    await page.locator('#L1:target').getByText(hostile).waitFor();
  });

  test('the output of a running step appears by itself', async () => {
    const loop =
      'echo first; while [ ! -e go ]; do sleep 0.1; done; echo second; while [ ! -e end ]; do sleep 0.1; done';
    const run = await world.start(strategy([phase('P1', 1, [step('S1', 1, { commands: [loop] })])]));
    await run.until('the step runs', ({ phases }) => phases[0]?.steps[0]?.status === 'running');
    const page = await enter('Lead', `/runs/${run.id}/steps/S1`);
    await page.locator('.log pre').getByText('first').waitFor();
    touch(run, 'go');
    await page.locator('.log pre').getByText('second').waitFor();
    touch(run, 'end');
    await page.locator('#step').getByText('completed').waitFor();
  });

  test('hidden tabs give their connection back, so that the next one loads', async () => {
    const run = await asked(gated);
    const context = await newContext();
    await context.addInitScript({ content: HIDEABLE });
    const first = await openPage(context);
    await first.goto(served.url);
    for (let tab = 1; tab <= 6; tab += 1) {
      const page = await openPage(context);
      await page.clock.install();
      await page.goto(new URL(`/runs/${run.id}`, served.url).href);
      await page.evaluate('hideTab()');
      await page.clock.fastForward(10_000);
    }
    const last = await openPage(context);
    await last.goto(new URL(`/runs/${run.id}`, served.url).href);
    await run.answer('approval:G1', 'approve', 'Lead');
    await last.locator('#headline').getByText('completed').waitFor();
  });

  test('a page says that its server was killed, and catches up with the next one', async () => {
    const run = await asked(gated);
    let server = await startServer(0);
    const context = await newContext(
      {},
      /ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET/,
    );
    const page = await openPage(context);
    await page.goto(server.url);
    await page.goto(new URL(`/runs/${run.id}`, server.url).href);
    await page.locator('#headline').getByText('waiting').waitFor();
    server.process.kill('SIGKILL');
    await page.getByText(/The connection to the dashboard is lost\. What you see is from/).waitFor();
    await run.answer('approval:G1', 'approve', 'Lead');
    await run.end();
    server = await startServer(Number(new URL(server.url).port));
    await page.locator('#headline').getByText('completed').waitFor();
    await page.getByText('The connection to the dashboard is lost.').waitFor({ state: 'hidden' });
    server.process.kill('SIGTERM');
  });

  test('a page catches up by itself after its engine was killed and its worker was away', async () => {
    const run = await asked(gated);
    const page = await enter('Lead', `/runs/${run.id}`);
    await page.locator('#headline').getByText('waiting').waitFor();
    await world.stopWorker();
    const killed = embeddedEngine(engineHome);
    if (killed !== null) process.kill(killed.pid, 'SIGKILL');
    await expect
      .poll(() =>
        world.startWorker().then(
          () => true,
          () => false,
        ),
      )
      .toBe(true);
    await run.answer('approval:G1', 'approve', 'Lead');
    await page.locator('#headline').getByText('completed').waitFor();
  });
});

/** A run of this strategy that waits at its gate. */
async function asked(
  of: object,
  options: { by?: string; bindings?: object } = {},
  decision = 'approval:G1',
): Promise<TestRun> {
  const run = await world.start(of, options);
  await run.asked(decision);
  return run;
}

/** A page of the in-process dashboard, entered by its link, under a name. */
async function enter(name: string, path = '/', options: { javaScriptEnabled?: boolean } = {}): Promise<Page> {
  const page = await openPage(await newContext(options));
  await page.goto(`${served.url}&next=${encodeURIComponent(path)}`);
  await actAs(page, name);
  return page;
}

async function actAs(page: Page, name: string): Promise<void> {
  await page.getByLabel('Act as').fill(name);
  await page.locator('form.me button').click();
  await page.waitForLoadState();
}

async function newContext(
  options: { javaScriptEnabled?: boolean } = {},
  expected: RegExp | null = null,
): Promise<BrowserContext> {
  const context = await browser.newContext(options);
  contexts.push(context);
  const complain = (text: string): void => {
    if (expected === null || !expected.test(text)) complaints.push(text);
  };
  context.on('console', (message) => message.type() === 'error' && complain(message.text()));
  context.on('weberror', (error) => complain(String(error.error())));
  context.on('dialog', (dialog) => complain(`a dialog: ${dialog.message()}`));
  await context.addInitScript({ content: REPORT_VIOLATIONS });
  return context;
}

async function openPage(context: BrowserContext): Promise<Page> {
  const page = await context.newPage();
  page.setDefaultTimeout(LIMIT_MS);
  return page;
}

interface Server {
  readonly process: ChildProcess;
  readonly url: string;
}

/** `sluice web` in a process of its own. */
async function startServer(port: number): Promise<Server> {
  const child = spawn(process.execPath, [BIN, 'web', '--port', String(port)], {
    env: {
      PATH: process.env.PATH,
      SLUICE_HOME: world.home,
      SLUICE_TASK_QUEUE: world.taskQueue,
      TEMPORAL_ADDRESS: engine.address,
    },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const url = await new Promise<string>((resolve, reject) => {
    let said = '';
    child.stdout.on('data', (piece: Buffer) => {
      said += String(piece);
      const found = /^Dashboard: (\S+)\n/m.exec(said)?.[1];
      if (found !== undefined) resolve(found);
    });
    child.once('exit', (code) => reject(new Error(`sluice web ended with ${code}: ${said}`)));
  });
  return { process: child, url };
}

/** A file beside the strategy, for which its command waits. */
function touch(run: TestRun, name: string): void {
  writeFileSync(join(run.workspace, name), '');
}
