/**
 * The pictures of docs/dashboard.md: `npm run screenshots`. Skipped otherwise: fonts differ from machine to machine, so
 * pictures are for people to look at and not for a test to compare. SLUICE_SCREENSHOTS may name a folder for every page.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { test } from 'vitest';
import { launchBrowser } from '../support/browser.js';
import { SHOP_PAGES } from './shop-pages.js';

type Name = keyof typeof SHOP_PAGES;

const IMAGES = fileURLToPath(new URL('../../docs/images/', import.meta.url));
const STYLE = readFileSync(new URL('../../web/static/style.css', import.meta.url), 'utf8');
const asked = process.env.SLUICE_SCREENSHOTS;

const PICTURES: readonly (readonly [string, Name, number, number | null])[] = [
  ['run', 'run at a gate', 1280, 800],
  ['run-phone', 'soaking run', 360, 1500],
  ['decision', 'decision', 1280, 800],
  ['rollback', 'rolling back', 1280, 780],
];

test.skipIf(asked === undefined)('takes the pictures of the documentation', async () => {
  const browser = await launchBrowser();
  for (const [file, name, width, height] of PICTURES)
    await picture(browser, name, { width, height, dark: false, path: join(IMAGES, `${file}.png`) });
  if (asked !== undefined && asked !== '1') {
    for (const name of Object.keys(SHOP_PAGES) as Name[])
      for (const width of [1280, 360])
        for (const dark of [false, true]) {
          const file = `${name.replaceAll(' ', '-')}-${width}-${dark ? 'dark' : 'light'}.png`;
          await picture(browser, name, { width, height: null, dark, path: join(asked, file) });
        }
  }
  await browser.close();
});

interface Shot {
  readonly width: number;
  /** Null: as high as the page. */
  readonly height: number | null;
  readonly dark: boolean;
  readonly path: string;
}

async function picture(browser: Browser, name: Name, { width, height, dark, path }: Shot): Promise<void> {
  const context = await browser.newContext({
    colorScheme: dark ? 'dark' : 'light',
    viewport: { width, height: height ?? 900 },
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  await context.route('**/*', (route) => {
    const { pathname } = new URL(route.request().url());
    if (pathname === '/') return route.fulfill({ body: SHOP_PAGES[name], contentType: 'text/html' });
    if (pathname === '/static/style.css') return route.fulfill({ body: STYLE, contentType: 'text/css' });
    return route.fulfill({ status: 404, body: '' });
  });
  await page.goto('http://dashboard.test/');
  await page.screenshot({ path, fullPage: height === null });
  await context.close();
}
