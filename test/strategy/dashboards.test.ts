import { expect, test } from 'vitest';
import { describeStatus } from '../../cli/show/status.js';
import { plain } from '../../cli/terminal.js';
import { renderPlan } from '../../strategy/render/plan.js';
import { Dashboards } from '../../web/pages/dashboards.js';
import { view } from '../cli/fixtures.js';
import { compileText, stepOf, strategyOf, troubles } from './support/compile-text.js';

const STEPS = stepOf('STEP-1', 1, 'execution_details: { commands: [date] }', 'validation');
const { plan, problems } = compileText({
  strategy: strategyOf(
    STEPS,
    `monitoring_and_observability:
  dashboards:
    - { dashboard_name: Shop, url: "https://monitoring.example.com/shop?a=1&b=2", metrics_displayed: [Orders], audience: [Engineers] }
    - { dashboard_name: Wall, url: "javascript:alert(1)" }
    - { url: "http://10.0.0.1:3000/d/1" }
    - { dashboard_name: On the second floor }`,
  ),
});
const shown = view({ dashboards: plan?.dashboards ?? [] });

test('dashboards are in the plan and in status, with what they show and for whom', () => {
  const lines = [
    'dashboard Shop: https://monitoring.example.com/shop?a=1&b=2 (shows Orders; for Engineers)',
    'dashboard Wall: javascript:alert(1)',
    'dashboard http://10.0.0.1:3000/d/1',
    'dashboard On the second floor',
  ];
  for (const line of lines) {
    expect(plan === null ? '' : renderPlan(plan)).toContain(line);
    expect(describeStatus(shown, { paint: plain, now: () => new Date(0) })).toContain(line);
  }
});

test('only http and https addresses become links; check points the others out', () => {
  const html = String(Dashboards({ view: shown }));
  expect([...html.matchAll(/href="([^"]*)"/g)].map(([, href]) => href)).toEqual([
    'https://monitoring.example.com/shop?a=1&amp;b=2',
    'http://10.0.0.1:3000/d/1',
  ]);
  expect(html).toContain('Wall: javascript:alert(1)');
  expect(troubles(problems)).toEqual(['not-linked /monitoring_and_observability/dashboards/1/url']);
});
