/** A real Chromium for tests of pages, and the accessibility check that they share. */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, chromium, type Page } from 'playwright-core';

/** Debian's; `.ci/run` installs it. */
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** False where there is no Chromium: its tests are skipped, and the runner's count says so. */
export const hasChromium = existsSync(CHROMIUM);

export function launchBrowser(): Promise<Browser> {
  // As root, Chromium has no sandbox; the pages of these tests are our own.
  return chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/**
 * What axe finds on a page against WCAG 2.2 AA, one line each. A contrast that it cannot decide counts as a finding, except
 * of a sign that only repeats the word beside it: one character is too short for axe.
 */
export async function accessibilityFindings(page: Page): Promise<readonly string[]> {
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    interface Result {
      readonly id: string;
      readonly nodes: readonly { readonly html: string }[];
    }
    interface Axe {
      run(options: object): Promise<{ violations: readonly Result[]; incomplete: readonly Result[] }>;
    }
    const { axe } = globalThis as unknown as { readonly axe: Axe };
    const { violations, incomplete } = await axe.run({
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
    });
    return [...violations, ...incomplete.filter(({ id }) => id === 'color-contrast')].flatMap(
      ({ id, nodes }) =>
        nodes.filter(({ html }) => !html.includes('aria-hidden="true"')).map(({ html }) => `${id}: ${html}`),
    );
  });
}
