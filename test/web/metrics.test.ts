/** What a monitoring system reads of the dashboard: figures of the engine, in a form that Prometheus's own tool accepts. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Hono } from 'hono';
import { beforeEach, describe, expect, test } from 'vitest';
import { SluiceError } from '../../client/error.js';
import type { OpenDecision } from '../../client/inbox.js';
import type { RunSummary } from '../../client/list.js';
import { COUNTERS, STEP_SECONDS } from '../../strategy/run/measurements.js';
import { type FeedClient, Feeds } from '../../web/feeds.js';
import { Metrics } from '../../web/metrics.js';
import { addHealth } from '../../web/routes/health.js';
import { decision } from '../cli/fixtures.js';

const hasPromtool = spawnSync('promtool', ['--version']).status === 0;
const NOW = Date.parse('2026-01-01T01:00:00.000Z');

const electorate = {
  roles: {},
  authority: { pause: [], abort: [], rollback: [], override: [] },
  submittedBy: 'rob',
  forbidSelfApproval: false,
};
const overdue: OpenDecision = {
  run: 'r1',
  strategy: 's',
  electorate,
  decision: decision({ openedAt: '2026-01-01T00:00:00.000Z', deadline: '2026-01-01T00:30:00.000Z' }),
};
const summary: RunSummary = {
  ...{ run: 'r1', strategy: 's', submittedBy: 'rob', status: 'waiting', reason: '' },
  ...{ startedAt: '2026-01-01T00:00:00.000Z', endedAt: null, decisions: ['approval:G1'] },
};

let reachable: boolean;
let metrics: Metrics;

beforeEach(() => {
  reachable = true;
  const answer = async <T>(value: T): Promise<T> => {
    if (reachable) return value;
    throw new SluiceError('no-engine', 'No engine answers.', null);
  };
  const fail = (): never => {
    throw new Error('not asked here');
  };
  const client: FeedClient = {
    ...{ home: '/nowhere', view: fail, electorate: fail, watch: fail },
    overview: () =>
      answer({
        runs: [summary, { ...summary, run: 'r2', status: 'completed' }],
        decisions: [overdue],
        ended: { count: 1, latest: 'x', runs: [] },
      }),
    hasWorker: () => answer(true),
  };
  metrics = new Metrics(new Feeds(client));
});

describe('the metrics of the dashboard', () => {
  test('count runs and decisions as the engine lists them, and how long the oldest waits', async () => {
    const text = await metrics.text(3, NOW);
    for (const line of [
      'sluice_runs{status="waiting"} 1',
      'sluice_runs{status="failed"} 0',
      'sluice_open_decisions{kind="approval"} 1',
      'sluice_oldest_decision_age_seconds 3600',
      'sluice_overdue_decisions 1',
      'sluice_worker_polls 1',
      'sluice_engine_reachable 1',
      'sluice_dashboard_open_pages 3',
    ])
      expect(text.split('\n')).toContain(line);
    expect(text).not.toContain('r1');
  });

  test('say that the engine does not answer, and show no old figure as a new one', async () => {
    reachable = false;
    const text = await metrics.text(0, NOW);
    expect(text).toContain('sluice_engine_reachable 0');
    expect(text).toContain('sluice_worker_polls Nan');
    expect(text).not.toMatch(/sluice_runs\{/);
  });

  test('count what was refused', async () => {
    for (const status of [200, 403, 403, 404]) metrics.answered(status);
    expect(await metrics.text(0, NOW)).toContain('sluice_dashboard_refused_requests_total{status="403"} 2');
  });

  test.skipIf(!hasPromtool)('are what Prometheus expects', async () => {
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
      input: await metrics.text(0, NOW),
      encoding: 'utf8',
    });
    expect(stdout + stderr).toBe('');
    expect(status).toBe(0);
  });
});

test('a dashboard without its engine lives, and is not ready', async () => {
  const app = new Hono();
  addHealth(app, metrics, () => 0);
  expect((await app.request('/readyz')).status).toBe(200);
  reachable = false;
  const fresh = new Hono();
  addHealth(fresh, metrics, () => 0);
  expect((await fresh.request('/healthz')).status).toBe(200);
});

const file = (name: string): string =>
  fileURLToPath(new URL(`../../docs/monitoring/${name}`, import.meta.url));

/** As the exporter of a worker names them; activities/reconcile/metrics.ts makes them. */
const RECONCILIATION_METRICS = [
  'sluice_reconciliation_inconsistencies_total',
  'sluice_reconciliation_failures_total',
  'sluice_reconciliation_auto_corrections_total',
  'sluice_reconciliation_last_success_seconds',
  'sluice_data_drift_percentage',
];

describe('the alert rules and the Grafana dashboard', () => {
  test.skipIf(!hasPromtool).each([
    ['check', 'rules', 'alerts.yml'],
    ['test', 'rules', 'alerts.test.yml'],
  ])('promtool %s %s %s finds nothing', (verb, what, name) => {
    const { status, stdout, stderr } = spawnSync('promtool', [verb, what, file(name)], { encoding: 'utf8' });
    expect(status, stdout + stderr).toBe(0);
  });

  test('use no metric that is not there', async () => {
    const known = new Set([
      ...[...(await metrics.text(0, NOW)).matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name),
      ...Object.keys(COUNTERS).map((name) => `${name}_total`),
      ...RECONCILIATION_METRICS,
      ...['bucket', 'sum', 'count'].map((part) => `${STEP_SECONDS}_seconds_${part}`),
    ]);
    for (const name of ['alerts.yml', 'grafana.json']) {
      const used = readFileSync(file(name), 'utf8').match(/\bsluice_[a-z_]+/g) ?? [];
      expect(used.length).toBeGreaterThan(5);
      for (const metric of used) expect(known, `${name} uses ${metric}`).toContain(metric);
    }
  });
});
