/** The plan for reviewers: a page and a flowchart, made of texts that anybody may have written. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { renderMermaid } from '../../../strategy/render/mermaid.js';
import { renderPlanPage } from '../../../strategy/render/plan-page.js';
import { accessibilityFindings, hasChromium, launchBrowser } from '../../support/browser.js';
import { planOf, stepOf, strategyOf } from '../support/compile-text.js';

const HOSTILE = '</style><script>alert(1)</script> " & `x`';
const plan = planOf({
  strategy: strategyOf(
    [
      stepOf(
        'A',
        1,
        `execution_details: { commands: [${JSON.stringify(`$ echo '${HOSTILE}'`)}] }
estimated_duration: 3 days observation
responsible_party: ${JSON.stringify(HOSTILE)}
validation: { validation_checks: [All is calm] }
rollback_procedure: { rollback_steps: ["$ echo undo"] }`,
      ),
      stepOf(
        'B "2"',
        2,
        'execution_details: { commands: ["$ true"] }\nrollback_procedure: { can_rollback: false }',
      ),
    ].join('\n'),
  ),
});

describe('the flowchart', () => {
  const chart = renderMermaid(plan);

  test('goes forward through every step, and back where a step can be undone', () => {
    expect(chart).toContain('start --> step_A');
    expect(chart).toMatch(/step_A -\. ".*echo undo.*" \.-> start/);
    expect(chart).not.toMatch(/step_B\S* -\./);
    expect(chart).toMatch(/class step_B\S* irreversible/);
  });

  test('no text of the strategy can end its label', () => {
    for (const label of chart.match(/"[^"]*"/g) ?? []) expect(label).not.toMatch(/[<>&`](?!br>)/);
    // Quotes come in pairs, so none of them is a text's own.
    for (const line of chart.split('\n')) expect((line.match(/"/g) ?? []).length % 2).toBe(0);
  });
});

describe.skipIf(!hasChromium)('the page', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser?.close());

  test.each([
    ['light', 1280],
    ['dark', 360],
  ] as const)(
    'passes axe in %s at %i px, asks for no network, and shows foreign text as text',
    async (colorScheme, width) => {
      const page = await browser.newPage({ colorScheme, viewport: { width, height: 800 } });
      const asked: string[] = [];
      page.on('request', (request) => asked.push(request.url()));
      await page.setContent(renderPlanPage(plan));
      expect(await accessibilityFindings(page)).toEqual([]);
      expect(asked).toEqual([]);
      expect(await page.locator('script').count()).toBe(0);
      expect(await page.getByText(HOSTILE).count()).toBeGreaterThan(0);
      expect(
        await page.getByText('Point of no return: this step cannot be undone.', { exact: true }).count(),
      ).toBe(1);
      const scrollWidth = await page.locator('html').evaluate((html) => html.scrollWidth);
      expect(scrollWidth).toBeLessThanOrEqual(width);
      await page.close();
    },
  );
});
