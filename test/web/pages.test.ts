/** What every page promises: the same words as everywhere, nothing hidden that needs a person, text that stays text, and access for all. */
import { readFileSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeWayBack } from '../../strategy/run/way-back.js';
import { Tree } from '../../web/pages/tree.js';
import { phase, step, view } from '../cli/fixtures.js';
import { accessibilityFindings, hasChromium, launchBrowser } from '../support/browser.js';
import { SHOP_PAGES } from './shop-pages.js';
import { atGate } from './shop-run.js';
import { busy, HOSTILE, PAGES } from './states.js';

const CSP =
  "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; require-trusted-types-for 'script'; trusted-types sluice";
const style = readFileSync(new URL('../../web/static/style.css', import.meta.url), 'utf8');
const page = (name: string): string => PAGES[name] ?? '';

describe('a page', () => {
  test.each(Object.keys(PAGES))('%s: shows foreign text as text', (name) => {
    const html = page(name);
    expect(html).not.toContain('<b>bold</b>');
    expect(html).not.toContain('<script>alert');
    expect(html).not.toMatch(/(href|src|action)="javascript:/i);
    expect(html).not.toMatch(/ style=| on[a-z]+=/i);
  });

  test('puts what needs a person before everything else, and never inside something folded', () => {
    const html = page('run');
    const needs = html.indexOf('id="needs-you"');
    expect(needs).toBeGreaterThan(0);
    expect(needs).toBeLessThan(html.indexOf('id="plan"'));
    expect(html.lastIndexOf('<details', needs)).toBeLessThanOrEqual(html.lastIndexOf('</details>', needs));
    expect(html).toContain('<title>(2) ');
  });

  test('opens a failed step by itself, with the end of its own output', () => {
    const html = page('run');
    expect(html).toMatch(/id="step-S2"><details open/);
    expect(html).toMatch(/id="step-S1"><details><summary/);
    expect(html).toContain('line 39');
    expect(html).not.toContain('line 19 ');
  });

  test('shows the whole plan from the first second on, and the way back in the words of the command line', () => {
    for (const id of ['step-S4', 'gate-GATE-1', 'completion', 'back-S1'])
      expect(page('run')).toContain(`id="${id}"`);
    const [, how = ''] = describeWayBack(busy);
    expect(page('run')).toContain(how);
    expect(page('decision')).toContain(how);
    expect(page('run')).toContain('point of no return');
  });

  test('shows who is asked about an incident until when, who did not answer, the latest report, and the channels that fail', () => {
    expect(page('run')).toMatch(
      /is asked until <time datetime="2026-01-01T00:20:00.000Z">.*?<\/time>; did not answer in time: On-call/,
    );
    expect(page('run')).toContain('Status report 3');
    expect(page('run')).toContain('did not take 2 notices');
  });

  test('shows how much of a soak is done, and a line of its samples with the last value as text', () => {
    expect(page('run')).toContain('soaked 1 day of 3 days: quiet');
    expect(page('run')).toMatch(/<progress max="259200" value="86400"/);
    expect(page('run')).toMatch(/<polyline points=/);
  });

  test('shows the limit of what is watched beside its line, the risks of what is under way, and what limits the rows of a copy', () => {
    expect(page('run')).toMatch(/<line class="limit"/);
    expect(page('run')).toContain('the last 2, limit 5');
    const risks = page('run').split('id="risks"')[1] ?? '';
    expect(risks.indexOf('R-2')).toBeGreaterThan(risks.indexOf('1 of what is still ahead'));
    const copying = page('run that copies rows');
    expect(copying).toMatch(/action="\/runs\/shop-1\/commands\/throttle"/);
    expect(copying).toContain('Limited to 500 rows/s by');
    expect(copying).toContain('sluice throttle shop-1 S3 RATE');
    expect(page('run')).not.toContain('commands/throttle');
  });

  test('offers an answer with what it does, and asks once more before what nobody can take back', () => {
    const html = page('failure');
    expect(html).toContain('The applied steps of this phase are undone');
    for (const form of html
      .split('<form')
      .filter((part) => /value="(abort|rollback-phase|skip)"/.test(part))) {
      expect(form).toContain('name="sure" required');
    }
    expect(html).toContain('required: it goes against what the machine saw');
  });

  test('shows on a decision what has changed since it was asked before, and the commands that follow', () => {
    const html = SHOP_PAGES.decision;
    expect(html).toMatch(
      /id="changes".*?fails \(14 differ of 2,805\) → <strong>holds \(0 differ of 3,310\)/s,
    );
    expect(html).toMatch(/id="ahead".*?STEP-3-2.*?point of no return.*?DROP TABLE coupon_v1/s);
    expect(html).toMatch(/due in <span class="left" data-left="14220000">3h 57m/);
  });

  test('binds a vote to the plan and the evidence that it shows', () => {
    expect(page('decision')).toContain(`name="plan" value="${'f'.repeat(64)}"`);
    expect(page('decision')).toContain(`name="evidence" value="${'e'.repeat(64)}"`);
  });

  test('says why a button does not work, and keeps what was typed when a vote is refused', () => {
    expect(page('run')).toContain('dora may not abort this run.');
    expect(page('decision of others')).toContain('dora does not hold a role that this decision needs.');
    expect(page('decision of others')).not.toContain('name="option"');
    expect(page('decision by signature')).toContain('counts only signed answers');
    expect(page('decision by signature')).toMatch(/<button[^>]*value="approve"[^>]*disabled/);
    expect(page('refused vote')).toMatch(/<textarea[^>]*>&lt;script&gt;/);
  });

  test('draws a rollback as the plan backwards, with its cause and where it stops, and keeps the plan below', () => {
    const html = SHOP_PAGES['rolling back'];
    const places = ['undo-STEP-2-3', 'undo-STEP-2-2', 'undo-STEP-2-1', 'id="plan"'].map((id) =>
      html.indexOf(id),
    );
    expect(places).toEqual([...places].sort((one, other) => one - other));
    expect(places[0]).toBeGreaterThan(0);
    expect(html).not.toContain('undo-STEP-1-2');
    expect(html).toContain('1 of 3 undone, the latest');
    expect(html).toContain('&quot;Error rate &gt; 0.5%&quot; fired (2.31%)');
    expect(html).toMatch(/Then the run is at\s*<code>PHASE-1<\/code>/);
    expect(html).toMatch(/id="phase-PHASE-3"[^>]*><details open/);
  });

  test('folds a phase that is done, and none in which something happens or somebody is asked', () => {
    const html = SHOP_PAGES['run at a gate'];
    expect(html).toMatch(/id="phase-PHASE-1"[^>]*><details><summary/);
    expect(html).toMatch(/id="phase-PHASE-2"[^>]*><details open/);
    expect(html).toMatch(/id="gate-GATE-2"[^>]*><details open/);
  });

  test('hides what is done on demand, and still counts it; what waits stays', () => {
    const html = String(Tree({ view: atGate, now: 0, hideDone: true }));
    for (const id of ['step-STEP-1-1', 'step-STEP-2-1', 'phase-PHASE-1', 'prerequisites'])
      expect(html).not.toContain(`id="${id}"`);
    for (const id of ['gate-GATE-2', 'step-STEP-3-1', 'completion']) expect(html).toContain(`id="${id}"`);
    expect(html).toContain('3 of 3 steps');
    expect(html).toContain('Show what is done');
  });

  test('marks what people decided against the machine where it happened, and lists it with the reason', () => {
    const html = page('run');
    expect(html).toMatch(/id="step-S1".*?class="mark">skip by &lt;script&gt;.*?dora<\/span>/s);
    expect(html).toMatch(/id="overrides".*?<code>S1<\/code>.*?skip.*?dora/s);
    expect(SHOP_PAGES['run at a gate']).not.toContain('id="overrides"');
  });

  test('shows each line of an output under its number, with its colours as classes and an address of its own', () => {
    const html = page('log');
    expect(html).toContain('href="/runs/shop-1/steps/S2/logs/0-apply-0-1.1?line=500#L500"');
    expect(html).toContain('<span class="bad">red </span><span class="good bold">green</span> plain');
    expect(html).toMatch(/<span>100%/);
    expect(html).toContain('500 to 502 of 1200 lines');
    expect(page('step')).toContain('From the beginning');
  });

  test('gives each event of the record an address of its own', () => {
    expect(page('record')).toContain('href="/runs/shop-1/events?from=0#event-0"');
  });

  test('says where a rollback lands between the phases, and the command beside each button', () => {
    const html = SHOP_PAGES['run at a gate'];
    expect(html).toMatch(/back-STEP-2-1.*then the run is at\s*<code>PHASE-1.*back-STEP-1-1.*<code>start/s);
    expect(html).toContain('data-copy="sluice pause shop-discounts"');
    expect(html).toContain('5 steps to the start');
  });

  test('tells working from waiting for each step too, beside the estimate, which a step that waits its turn shows as well', () => {
    const row = page('run').split('id="step-S3"')[1] ?? '';
    expect(row).toContain('worked 7m 00s, waited 1m 00s for people; estimated 30 minutes, then 3 days');
    expect(page('run')).toMatch(/id="step-S4".*?estimated &lt;script&gt;/s);
  });

  test('says what comes next, and what waits elsewhere', () => {
    expect(page('run')).toMatch(/Next<\/dt><dd><a href="#step-S4">/);
    expect(page('record')).toMatch(/id="elsewhere"><p class="elsewhere">.*3 more/s);
  });

  test('tells working from waiting, and says in words how long a soak still takes', () => {
    expect(SHOP_PAGES['run at a gate']).toMatch(/Worked<\/dt><dd>1h 49m.*Waited for people<\/dt><dd>3m 00s/s);
    expect(SHOP_PAGES['soaking run']).toContain('data-left="2160000">36m 00s</span> left, until');
  });

  test('shows on a decision what does not hold first, how each was found, and who voted', () => {
    const html = SHOP_PAGES.decision;
    expect(html.indexOf('Cache hit rate')).toBeLessThan(html.indexOf('Error rate &lt; 0.5%'));
    expect(html).toContain('by SQL');
    expect(html).toContain('Support has no tickets about codes.');
    expect(html).toContain('Needs <strong>&quot;DBA Lead&quot; (alice, dora)</strong>');
  });

  test.each([
    ['one phase', 1],
    ['100 phases', 100],
  ] as const)('stays small with 10,000 steps in %s', (_, count) => {
    const phases = Array.from({ length: count }, (_, number) =>
      phase(
        `P${number}`,
        Array.from({ length: 10_000 / count }, (_, index) =>
          step(`S${number}-${index}`, { status: 'running' }),
        ),
      ),
    );
    const html = String(Tree({ view: view({ phases }), now: 0, hideDone: false }));
    expect(html.match(/id="step-/g)?.length).toBeLessThanOrEqual(500);
    expect(html).toContain('All 10');
  });

  test('stays small with 1,001 open decisions and runs, and leads to the others', () => {
    expect(page('long inbox').match(/class="card"/g)).toHaveLength(50);
    expect(page('long inbox')).toContain('51 to 100 of 1001');
    expect(page('long inbox')).toContain('<a href="/">Earlier</a>');
    expect(page('long inbox')).toContain('<a href="/?from=100">Later</a>');
    expect(page('many runs').match(/id="run-/g)).toHaveLength(50);
    expect(page('many runs')).toContain('href="/runs?q=%3Cscript%3E&amp;show=open&amp;from=1000">Later');
  });

  test('is honest about a lost engine and about listening to others', () => {
    expect(page('run without connection')).toContain('No engine answers.');
    expect(page('run without connection')).toContain('listens beyond this machine');
  });
});

describe.skipIf(!hasChromium)('in Chromium', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser?.close());

  // Colours depend on the scheme and places on the width: two of the four pairs show all of both.
  test.each([
    ['light', 1280],
    ['dark', 360],
  ] as const)('every page passes axe and fits in %s at %i px', async (colorScheme, width) => {
    const context = await browser.newContext({ colorScheme, viewport: { width, height: 900 } });
    const tab = await context.newPage();
    const errors: string[] = [];
    // The static scripts are not served here, so that a page cannot change under the check.
    tab.on('console', (message) => {
      if (message.type() === 'error' && !message.text().includes('404')) errors.push(message.text());
    });
    let shown = '';
    await context.route('**/*', (route) => {
      const { pathname } = new URL(route.request().url());
      if (pathname === '/page') {
        return route.fulfill({
          body: shown,
          contentType: 'text/html; charset=utf-8',
          headers: { 'Content-Security-Policy': CSP },
        });
      }
      if (pathname === '/static/style.css') return route.fulfill({ body: style, contentType: 'text/css' });
      return route.fulfill({ status: 404, body: '' });
    });
    for (const [name, html] of Object.entries(PAGES)) {
      shown = html;
      await tab.goto('http://dashboard.test/page');
      await tab.locator('details').evaluateAll((all) => {
        for (const details of all) details.setAttribute('open', '');
      });
      expect(await accessibilityFindings(tab), name).toEqual([]);
      expect(await tab.locator('html').evaluate((root) => root.scrollWidth), name).toBeLessThanOrEqual(width);
      if (html.includes('bold'))
        expect(await tab.getByText(HOSTILE.slice(0, 20)).count(), name).toBeGreaterThan(0);
    }
    if (width === 360) {
      shown = SHOP_PAGES.decision;
      await tab.goto('http://dashboard.test/page');
      const heights = await tab
        .locator('button:visible')
        .evaluateAll((all) => all.map((each) => each.clientHeight + 2));
      expect(Math.min(...heights)).toBeGreaterThanOrEqual(44);
    }
    expect(errors).toEqual([]);
    await context.close();
  });
});
