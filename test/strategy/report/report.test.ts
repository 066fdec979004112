/** The report: what was done, decided and undone, from the record alone, in a page made of texts that anybody may have written. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { renderReportPage } from '../../../strategy/report/page.js';
import { reportOf } from '../../../strategy/report/report.js';
import type { EventBody, RunEvent, RunStarted } from '../../../strategy/run/event.js';
import { outlineOf } from '../../../strategy/run/outline.js';
import { decision } from '../../cli/fixtures.js';
import { accessibilityFindings, hasChromium, launchBrowser } from '../../support/browser.js';
import { headOf } from '../run/sample.js';

const HOSTILE = '</style><script>alert(1)</script> " & `x`';
const second = (seconds: number) => new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString();

const started: RunStarted = {
  seq: 0,
  at: second(0),
  type: 'run-started',
  by: 'alice',
  plan: 'f'.repeat(64),
  steps: 2,
  compress: 1,
  onFailure: 'strategy',
  outline: outlineOf(headOf({ P: ['A', 'B'] })),
};
const asked = decision({
  id: 'failure:B',
  kind: 'failure',
  subject: 'B',
  question: HOSTILE,
  options: ['retry', 'skip', 'rollback-full'],
  reasonFor: ['skip'],
  openedAt: second(20),
  evidence: [{ text: 'Rows match', how: 'sql', verdict: 'fail', evidence: '3 differ' }],
});
/** Step A works for 10 s; step B fails, waits 60 s for a person who skips it, and is then rolled back with A. */
const HAPPENINGS: readonly (readonly [number, EventBody])[] = [
  [0, { type: 'step-started', phase: 'P', step: 'A', attempt: 1 }],
  [0, { type: 'undo-registered', phase: 'P', step: 'A' }],
  [8, actionOf('A', 'done', HOSTILE)],
  [10, { type: 'step-status', phase: 'P', step: 'A', status: 'completed', reason: '' }],
  [10, { type: 'step-started', phase: 'P', step: 'B', attempt: 1 }],
  [10, { type: 'undo-registered', phase: 'P', step: 'B' }],
  [20, actionOf('B', 'failed', '')],
  [20, { type: 'decision-opened', decision: asked }],
  [20, { type: 'run-status', status: 'waiting', reason: 'B failed.' }],
  [30, { type: 'message-refused', message: 'decide', by: 'eve', why: 'eve holds no role that is needed.' }],
  [
    80,
    {
      type: 'vote-cast',
      decision: 'failure:B',
      vote: { by: 'bob', role: 'DBA Lead', option: 'skip', reason: HOSTILE, at: second(80) },
    },
  ],
  [80, { type: 'decision-closed', decision: 'failure:B', option: 'skip', reason: 'by bob' }],
  [80, { type: 'run-status', status: 'running', reason: '' }],
  [85, { type: 'step-status', phase: 'P', step: 'B', status: 'skipped', reason: 'as bob said' }],
  [90, { type: 'command-accepted', command: 'rollback', by: 'carol', to: null, reason: 'Orders fail.' }],
  [
    90,
    {
      type: 'rollback-started',
      number: 1,
      level: 'full',
      landing: 'start',
      cause: 'Orders fail.',
      by: 'carol',
    },
  ],
  [95, { type: 'undo-failed', phase: 'P', step: 'B', reason: 'exit 1' }],
  [96, { type: 'step-undone', phase: 'P', step: 'B', reason: 'the second time' }],
  [97, { type: 'step-undone', phase: 'P', step: 'A', reason: 'undone' }],
  [98, { type: 'rollback-finished', landing: 'start', reason: 'Everything is undone.' }],
  [99, { type: 'run-ended', status: 'rolled_back', landing: 'start', reason: 'Everything is undone.' }],
];

function actionOf(step: string, outcome: 'done' | 'failed', output: string): EventBody {
  const cause = outcome === 'failed' ? 'It exited with 1.' : null;
  return {
    type: 'action-finished',
    phase: 'P',
    step,
    purpose: 'apply',
    index: 0,
    what: `do ${step}`,
    outcome,
    cause,
    exitCode: outcome === 'failed' ? 1 : 0,
    durationMs: 8000,
    output,
  };
}

const later: readonly RunEvent[] = HAPPENINGS.map(([at, body], index) => ({
  seq: index + 1,
  at: second(at),
  ...body,
}));
const report = reportOf('run-1', [started, ...later], {
  record: { count: 22, head: 'a'.repeat(64) },
  rehearsals: [
    {
      rollback_scenario: `fail-B: B fails ${HOSTILE}`,
      tested: true,
      test_date: second(0),
      test_result: 'passed',
      evidence: 'Nothing differs.',
    },
  ],
});

test('says of each decision who voted what on which evidence, and what went against the machine', () => {
  expect(report.decisions).toMatchObject([
    {
      decision: { id: 'failure:B', votes: [{ by: 'bob', option: 'skip' }], evidence: [{ verdict: 'fail' }] },
      closedAt: second(80),
      option: 'skip',
      override: true,
    },
  ]);
});

test('tells the time in which a step worked from that in which it waited for a person', () => {
  expect(report.times).toEqual({
    A: { worked: 10_000, waited: 0 },
    B: { worked: 15_000, waited: 60_000 },
  });
});

test('says what was rolled back, why, by whom, and which undo failed first', () => {
  const [rollback] = report.rollbacks;
  expect(rollback).toMatchObject({
    cause: 'Orders fail.',
    by: 'carol',
    landing: 'start',
    finishedAt: second(98),
  });
  expect(rollback?.undos.map(({ step, done }) => [step, done])).toEqual([
    ['B', false],
    ['B', true],
    ['A', true],
  ]);
});

test('shows what rehearsals of the plan found', () => {
  expect(renderReportPage(report)).toContain('passed: fail-B: B fails');
});

test('keeps refused attempts', () => {
  expect(report.refused).toMatchObject([{ by: 'eve', why: 'eve holds no role that is needed.' }]);
});

test('a run that has not ended is reported as far as it is', () => {
  const open = reportOf('run-1', [started, ...later.slice(0, 10)]);
  expect(open.decisions).toMatchObject([{ closedAt: null, option: null }]);
  expect(renderReportPage(open)).toContain('Still open.');
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
      const requests: string[] = [];
      page.on('request', (request) => requests.push(request.url()));
      await page.setContent(renderReportPage(report));
      expect(await accessibilityFindings(page)).toEqual([]);
      expect(requests).toEqual([]);
      expect(await page.locator('script').count()).toBe(0);
      expect(await page.getByText(HOSTILE).count()).toBeGreaterThan(2);
      expect(await page.getByText('this goes against the automated result').count()).toBe(1);
      const scrollWidth = await page.locator('html').evaluate((html) => html.scrollWidth);
      expect(scrollWidth).toBeLessThanOrEqual(width);
      await page.close();
    },
  );
});
