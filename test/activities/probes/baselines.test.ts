import { expect, test } from 'vitest';
import { measureBaselines } from '../../../activities/probes/baselines.js';
import { evaluate } from '../../../activities/probes/evaluate.js';
import type { MachineProbe } from '../../../strategy/plan.js';
import { attempt, makePlace, runIn } from '../support.js';

const metrics = {
  latency: { kind: 'command', command: 'cat latency || echo 100', unit: 'milliseconds' },
  dead: { kind: 'command', command: 'exit 1', unit: null },
} as const;

test('a baseline is the value of the metric, and null where it has no data', async () => {
  const place = await makePlace({ metrics });
  const job = { context: place.context, metrics: ['latency', 'dead', 'unbound'], timeoutMs: 10_000 };
  const values = await runIn(attempt(), () => measureBaselines(place.clients, job));
  expect(values).toEqual({ latency: 100, dead: null, unbound: null });
});

test.each([
  [{ latency: 60 }, 'pass', 'latency is 100 ms (asked: < 2 x baseline, which is 60 ms)'],
  [{ latency: 50 }, 'fail', 'latency is 100 ms (asked: < 2 x baseline, which is 50 ms)'],
  [{ latency: null }, 'inconclusive', 'latency had no data when its baseline was measured'],
  [{}, 'inconclusive', 'no baseline of latency was measured'],
])('with the baselines %j, "latency < 2x baseline" is a %s', async (baselines, verdict, evidence) => {
  const place = await makePlace({ metrics });
  const probe: MachineProbe = {
    how: 'metric',
    metric: 'latency',
    comparison: { operator: '<', threshold: { kind: 'baseline', factor: 2 }, overMs: null },
  };
  const requirements = [{ text: 'it is fast', probe, windowMs: null }];
  const job = { context: place.context, requirements, baselines, intervalMs: 10, timeoutMs: 10_000 };
  const [result] = await runIn(attempt(), () => evaluate(place.clients, job));
  expect(result).toMatchObject({ verdict, evidence: expect.stringContaining(evidence) });
});
