/** A migration step judged by a real Prometheus. */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { hasPrometheus, PrometheusWithExporter } from '../support/prometheus.js';
import { phase, step, strategy } from '../support/strategies.js';
import { openWorld, type World } from '../support/world.js';

describe.skipIf(!hasPrometheus)('a step judged by Prometheus', () => {
  const prometheus = new PrometheusWithExporter();
  let world: World;
  beforeAll(async () => {
    prometheus.gauges.set('shop_latency', 100).set('shop_errors', 0);
    await prometheus.open();
    world = await openWorld(inject('engine'));
  });
  afterAll(async () => {
    await world.close();
    await prometheus.close();
  });

  const bindings = (watch: object = {}) => ({
    metrics: {
      latency: { prometheus: { url: prometheus.url, query: 'shop_latency' } },
      errors: { unit: 'percent', prometheus: { url: prometheus.url, query: 'sum(shop_errors)' } },
    },
    watch: { interval: '500ms', failureLimit: 2, ...watch },
  });

  test('is taken back when it makes latency worse than twice its baseline, and an alert before that only notifies', async () => {
    const slow = step('A', 1, {
      commands: [prometheus.setting('shop_errors', 2), prometheus.setting('shop_latency', 300)],
      undo: ['echo undo A >> $LEDGER', prometheus.setting('shop_latency', 100)],
      more: { monitoring: { alert_conditions: ['latency > 2x baseline'] }, 'x-soak': '1 hour' },
    });
    const monitored = {
      monitoring_and_observability: {
        migration_monitoring: [
          { metric_name: 'errors', normal_range: '0-1%', alert_threshold: '1%', critical_threshold: '5%' },
        ],
      },
    };
    const run = await world.start(strategy([phase('P', 1, [slow])], monitored), {
      bindings: bindings(),
      onFailure: 'full',
    });
    expect((await run.end()).status).toBe('rolled_back');
    expect(run.ledger()).toEqual(['undo A']);
    const events = await run.events();
    expect(events.find(({ type }) => type === 'baselines-measured')).toMatchObject({
      values: { latency: 100 },
    });
    const alerts = events.flatMap((event) =>
      event.type === 'alert' ? [`${event.text}: ${event.evidence}`] : [],
    );
    expect(alerts).toContainEqual(
      expect.stringMatching(/^latency > 2x baseline: latency is 300 \(asked: .*baseline.*which is 100\)/),
    );
    expect(alerts).toContainEqual(expect.stringMatching(/^errors > 1% \(alert threshold.*: errors is 2/));
    await prometheus.until('shop_latency', 100);
  });

  test('asks a person when Prometheus dies during the soak, and soaks on when it is back', async () => {
    prometheus.gauges.set('shop_errors', 0);
    await prometheus.until('shop_errors', 0);
    const soaking = step('B', 1, {
      more: { monitoring: { alert_conditions: ['errors > 5%'] }, 'x-soak': '6 seconds' },
    });
    const run = await world.start(strategy([phase('P', 1, [soaking])]), {
      bindings: bindings({ errorLimit: 2 }),
    });
    await run.until('B soaks', ({ phases }) => phases[0]?.steps[0]?.status === 'soaking');
    await prometheus.stop();
    const asked = await run.asked('inconclusive:B');
    expect(asked.decisions[0]?.question).toContain('Watch on, or answer whether it did?');
    await prometheus.start();
    await run.answer('inconclusive:B', 'retry', 'anyone');
    expect((await run.end()).status).toBe('completed');
    const told = (await run.events()).filter(({ type }) => type === 'alert' || type === 'alert-recovered');
    expect(told[0]).toMatchObject({
      text: 'no verdict: errors > 5%',
      evidence: expect.stringMatching(/^its probe broke 2 times in a row: no data: connection refused/),
    });
  });
});
