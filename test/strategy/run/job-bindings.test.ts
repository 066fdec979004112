/** A job is in the history: it carries what it needs of the bindings, and no more. */
import { expect, test } from 'vitest';
import { NEEDS_NOTHING } from '../../../strategy/kinds/needs.js';
import type { MetricSource, PlannedBindings } from '../../../strategy/plan.js';
import { jobBindings } from '../../../strategy/run/job-bindings.js';

const METRICS = Object.fromEntries(
  Array.from({ length: 60 }, (_, index): [string, MetricSource] => [
    `metric_${index}`,
    {
      unit: null,
      kind: 'prometheus',
      url: 'https://prometheus.internal',
      query: `sum(rate(http_requests_total{job="shop",shard="${index}",code=~"5.."}[5m])) / sum(rate(http_requests_total[5m])) # ${'${env:PROM_TOKEN}'}`,
    },
  ]),
);

const BINDINGS: PlannedBindings = {
  connections: { shop: { postgres: '${env:SHOP_URL}' }, audit: { postgres: '${file:audit-url}' } },
  metrics: {
    ...METRICS,
    rows: { unit: null, kind: 'sql', sql: 'select count(*) from cart', connection: 'audit' },
    load: { unit: null, kind: 'command', command: 'uptime' },
    status: { unit: null, kind: 'http', url: 'https://bob:hunter22@status.internal/', pointer: '/up' },
  },
  roles: { Lead: { members: ['alice'], votes: 1 } },
  environment: { TARGET: 'shop', TOKEN: '${env:TOKEN}' },
  forbidSelfApproval: false,
  watch: { intervalMs: 1_000, failureLimit: 3 },
  channels: { pager: { kind: 'slack', url: '${env:SLACK_URL}' } },
};

test('sixty bound metrics cost the job of a step next to nothing', () => {
  expect(JSON.stringify(BINDINGS).length).toBeGreaterThan(10_000);
  const sql = jobBindings(BINDINGS, { ...NEEDS_NOTHING, connections: ['shop'] });
  expect(JSON.stringify(sql).length).toBeLessThan(400);
  const command = jobBindings(BINDINGS, { ...NEEDS_NOTHING, environment: true });
  expect(JSON.stringify(command).length).toBeLessThan(400);
});

test('a job has its connection, its metrics, and what these are measured with', () => {
  const { connections, metrics, environment } = jobBindings(BINDINGS, {
    ...NEEDS_NOTHING,
    metrics: ['rows', 'metric_1'],
  });
  expect(connections).toEqual({ audit: BINDINGS.connections.audit });
  expect(Object.keys(metrics).sort()).toEqual(['metric_1', 'rows']);
  expect(environment).toEqual({});
  expect(jobBindings(BINDINGS, { ...NEEDS_NOTHING, metrics: ['load'] }).environment).toEqual(
    BINDINGS.environment,
  );
});

test('whatever a job prints, every secret of the bindings is known to it, each once', () => {
  expect(jobBindings(BINDINGS, NEEDS_NOTHING).secrets).toEqual([
    '${env:SHOP_URL}',
    '${file:audit-url}',
    '${env:PROM_TOKEN}',
    'https://bob:hunter22@status.internal/',
    '${env:TOKEN}',
    '${env:SLACK_URL}',
  ]);
});
