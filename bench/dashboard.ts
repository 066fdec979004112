/** What a page of the dashboard costs at 1,000 runs and 10,000 steps: from the click to the first paint in Chromium, its size, its rows. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { gzipSync } from 'node:zlib';
import { type Browser, chromium } from 'playwright-core';
import { LARGE_PAGES } from './dashboard-pages.js';
import { type Benchmark, type Comparison, inTurn } from './measure.js';

const ROUNDS = 5;
const LIMIT_MS = 1_000;
/** "At most some hundred rows in the DOM". */
const LIMIT_ROWS = 500;
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const STATIC: Readonly<Record<string, string>> = {
  '/static/style.css': 'text/css',
  '/static/live.js': 'text/javascript',
  '/static/keys.js': 'text/javascript',
  '/static/icon.svg': 'image/svg+xml',
};

export const dashboard: Benchmark = {
  name: 'dashboard',
  about: 'the first paint of pages that show 1,000 runs, 1,000 open decisions and a run of 10,000 steps',
  async run(log) {
    const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
    const server = await serve();
    try {
      const names = Object.keys(LARGE_PAGES);
      const painted = await inTurn(
        ROUNDS,
        names.map((name) => ({
          label: name,
          measure: () => firstPaint(browser, `${server.url}/page/${name}`),
        })),
        log,
      );
      const times = painted.map((measured) =>
        atMost(`first paint, ${measured.label}`, 'ms', measured.values, LIMIT_MS),
      );
      return [...times, ...(await sizes(browser, server.url, names))];
    } finally {
      await browser.close();
      server.close();
    }
  },
};

function atMost(name: string, unit: string, values: readonly number[], limit: number): Comparison {
  return {
    ...{ name, unit, goal: { atMost: 1 } },
    measured: { label: 'the page', values },
    baseline: { label: 'the limit', values: [limit] },
  };
}

/** Milliseconds from the request to the first content on the screen; the page is rendered anew for each request. */
async function firstPaint(browser: Browser, url: string): Promise<number> {
  const page = await browser.newPage();
  try {
    await page.goto(url);
    await page.waitForFunction('performance.getEntriesByName("first-contentful-paint").length > 0');
    return await page.evaluate<number>('performance.getEntriesByName("first-contentful-paint")[0].startTime');
  } finally {
    await page.close();
  }
}

async function sizes(
  browser: Browser,
  url: string,
  names: readonly string[],
): Promise<readonly Comparison[]> {
  const page = await browser.newPage();
  const comparisons: Comparison[] = [];
  for (const name of names) {
    await page.goto(`${url}/page/${name}`);
    const rows = await page.evaluate<number>('document.querySelectorAll("main li, main tr").length');
    const elements = await page.evaluate<number>('document.querySelectorAll("*").length');
    const html = LARGE_PAGES[name]?.() ?? '';
    comparisons.push(atMost(`rows, ${name} (${elements} elements)`, 'rows', [rows], LIMIT_ROWS), {
      ...{ name: `size, ${name}`, unit: 'kB', goal: null },
      measured: { label: 'the page', values: [Buffer.byteLength(html) / 1000] },
      baseline: { label: 'the page, compressed', values: [gzipSync(html).length / 1000] },
    });
  }
  return comparisons;
}

async function serve(): Promise<{ readonly url: string; close(): void }> {
  const server = createServer(({ url = '' }, response) => {
    const render = LARGE_PAGES[decodeURIComponent(url.replace('/page/', ''))];
    if (render !== undefined) {
      response.setHeader('Content-Type', 'text/html; charset=utf-8').end(render());
      return;
    }
    const type = STATIC[url];
    response.statusCode = type === undefined ? 404 : 200;
    if (type === undefined) response.end();
    else response.setHeader('Content-Type', type).end(readFileSync(`web${url}`));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { url: `http://127.0.0.1:${port}`, close: () => server.close() };
}
