import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { WatchEnd, WatchJob } from '../../../activities/contract.js';
import { watchMetrics } from '../../../activities/probes/watch.js';
import { readHeartbeat } from '../../../strategy/run/progress.js';
import { newWatchState, type WatchState } from '../../../strategy/watch/state.js';
import { attempt, lines, makePlace, type Place, runIn, shutDown, until } from '../support.js';

const WHILE_IT_WORKS: WatchEnd = { kind: 'cancelled' };

function soak(ms: number, samples = 1): WatchEnd {
  return { kind: 'soaked', ms, samples };
}

interface Sketch {
  readonly command: string;
  readonly intervalMs: number;
  readonly until: WatchEnd;
  readonly onFire?: 'notify' | 'fail';
  readonly state?: WatchState;
}

/** One condition, "it burns", which holds when the command exits with 0. */
function watchJob(place: Place, sketch: Sketch): WatchJob {
  const { command, intervalMs, until, onFire = 'fail', state } = sketch;
  const probe = { how: 'command', text: command, args: [] } as const;
  const conditions = [{ text: 'it burns', probe, level: null, onFire }];
  return {
    context: place.context,
    step: 'STEP-1',
    watch: { conditions, metrics: [] },
    baselines: {},
    intervalMs,
    failureLimit: 3,
    compress: 1,
    until,
    state: state ?? newWatchState(conditions, {}, Date.now()),
  };
}

const sampled = (place: Place) => lines(join(place.workspace, 'samples')).then(({ length }) => length);

test('a condition fires after as many samples in a row as the limit says', async () => {
  const place = await makePlace();
  const command = 'echo x >> samples; test "$(wc -l < samples)" -ne 2';
  const job = watchJob(place, { command, intervalMs: 5, until: WHILE_IT_WORKS });
  const report = await runIn(attempt(), () => watchMetrics(place.clients, job));
  expect(report).toMatchObject({
    ended: 'fired',
    fired: { index: 0 },
    results: [{ text: 'it burns', how: 'command', verdict: 'fail', alert: true }],
  });
  expect(await sampled(place)).toBe(5);
});

test('a watch that is cancelled reports at once, without waiting for its interval', async () => {
  const place = await makePlace();
  const environment = attempt();
  const job = watchJob(place, {
    command: 'echo x >> samples; exit 1',
    intervalMs: 3_600_000,
    until: WHILE_IT_WORKS,
  });
  const watching = runIn(environment, () => watchMetrics(place.clients, job));
  await until('it sampled', async () => (await sampled(place)) === 1);
  environment.cancel();
  expect(await watching).toMatchObject({ ended: 'cancelled', fired: null });
});

test('a condition that holds in the last sample of a soak is sampled on until the limit decides', async () => {
  const place = await makePlace();
  const job = watchJob(place, { command: 'echo x >> samples', intervalMs: 5, until: soak(0) });
  expect(await runIn(attempt(), () => watchMetrics(place.clients, job))).toMatchObject({ ended: 'fired' });
  expect(await sampled(place)).toBe(3);
  const calm = await makePlace();
  const twice = 'echo x >> samples; test "$(wc -l < samples)" -lt 3';
  const recovering = watchJob(calm, { command: twice, intervalMs: 5, until: soak(0) });
  expect(await runIn(attempt(), () => watchMetrics(calm.clients, recovering))).toMatchObject({
    ended: 'soaked',
    results: [{ verdict: 'pass' }],
  });
  expect(await sampled(calm)).toBe(3);
});

test('without data as often as the limit says, a watch is inconclusive', async () => {
  const place = await makePlace();
  const job = watchJob(place, {
    command: 'echo x >> samples; no-such-program-x',
    intervalMs: 5,
    until: soak(0),
  });
  expect(await runIn(attempt(), () => watchMetrics(place.clients, job))).toMatchObject({
    ended: 'soaked',
    results: [{ verdict: 'inconclusive' }],
  });
  expect(await sampled(place)).toBe(3);
});

test('a soak without data for a good part of it is inconclusive, although its last sample was quiet', async () => {
  const place = await makePlace();
  const mended = join(place.workspace, 'mended');
  const command = 'if test -e mended; then exit 1; else no-such-program-x; fi';
  const job = watchJob(place, { command, intervalMs: 100, until: soak(3_000) });
  const environment = attempt();
  environment.on('heartbeat', (details) => {
    const [, sampledMs = '0'] = /"sampledMs":(\d+)/.exec(JSON.stringify(details)) ?? [];
    if (Number(sampledMs) > 1_000) writeFileSync(mended, '');
  });
  expect(await runIn(environment, () => watchMetrics(place.clients, job))).toMatchObject({
    ended: 'soaked',
    results: [{ verdict: 'inconclusive', evidence: expect.stringContaining('no data for') }],
  });
  expect(existsSync(mended)).toBe(true);
});

test('a soak lasts as long as samples vouch for: what no worker sampled is added to it', async () => {
  const place = await makePlace();
  const first = watchJob(place, {
    command: 'echo x >> samples; exit 1',
    intervalMs: 200,
    until: soak(1_000),
  });
  const left = { ...first.state, soak: { ...first.state.soak, samples: 2, sampledMs: 200 } };
  const away = 60_000;
  const resume = { ...left, soak: { ...left.soak, lastAt: Date.now() - away } };
  const report = await runIn(attempt(2, { resume }), () => watchMetrics(place.clients, first));
  expect(report.ended).toBe('soaked');
  expect(report.state.soak.sampledMs).toBeGreaterThanOrEqual(1_000);
  expect(report.state.soak.missedMs).toBeGreaterThanOrEqual(away - 5_000);
  expect(report.results).toMatchObject([{ verdict: 'pass', evidence: expect.stringContaining('no worker') }]);
});

test('a watch whose worker shuts down is left to the next one, which continues counting', async () => {
  const place = await makePlace();
  const first = attempt();
  let beat: unknown = null;
  first.on('heartbeat', (details) => {
    beat = details;
  });
  const job = watchJob(place, { command: 'echo x >> samples', intervalMs: 1_200, until: WHILE_IT_WORKS });
  const watching = runIn(first, () => watchMetrics(place.clients, job));
  await until('it counted and told so', () => JSON.stringify(beat).includes('"held":1'));
  const told = beat;
  shutDown(first);
  await expect(watching).rejects.toThrow('leaves the activity');
  const before = await sampled(place);
  const again = { ...job, intervalMs: 5 };
  const report = await runIn(attempt(2, told), () => watchMetrics(place.clients, again));
  expect(report.ended).toBe('fired');
  expect((await sampled(place)) - before).toBe(2);
});

test('a condition that only notifies comes back once when it fires and once when it recovers', async () => {
  const place = await makePlace();
  const sketch = { intervalMs: 5, until: WHILE_IT_WORKS, onFire: 'notify' } as const;
  const command = 'echo x >> samples; test "$(wc -l < samples)" -lt 6';
  const first = await runIn(attempt(), () =>
    watchMetrics(place.clients, watchJob(place, { ...sketch, command })),
  );
  expect(first).toMatchObject({ ended: 'alerts', fired: null, alerts: [{ recovered: false }] });
  expect(await sampled(place)).toBe(3);
  const second = await runIn(attempt(), () =>
    watchMetrics(place.clients, watchJob(place, { ...sketch, command, state: first.state })),
  );
  expect(second).toMatchObject({ ended: 'alerts', alerts: [{ text: 'it burns', recovered: true }] });
  expect(await sampled(place)).toBe(6);
});

test('an alert that a worker saw just before it died is not lost', async () => {
  const place = await makePlace();
  const sketch = { command: 'true', intervalMs: 5, until: WHILE_IT_WORKS, onFire: 'notify' } as const;
  const job = watchJob(place, sketch);
  const seen = await runIn(attempt(), () => watchMetrics(place.clients, job));
  const again = await runIn(attempt(2, { resume: seen.state }), () => watchMetrics(place.clients, job));
  expect(again.alerts).toMatchObject([{ text: 'it burns', recovered: false }]);
});

test('a soak reports how much of it is done, and its samples', async () => {
  const place = await makePlace({
    metrics: { errors: { kind: 'command', command: 'echo 3', unit: null } },
  });
  const job = watchJob(place, { command: 'exit 1', intervalMs: 100, until: soak(2_500) });
  const environment = attempt();
  const reports: unknown[] = [];
  environment.on('heartbeat', (details) => reports.push(details));
  await runIn(environment, () =>
    watchMetrics(place.clients, { ...job, watch: { ...job.watch, metrics: ['errors'] } }),
  );
  const report = readHeartbeat(reports.at(-1));
  expect(report).toMatchObject({ step: 'STEP-1', progress: { total: 3, unit: 'seconds' } });
  expect(report?.samples).toContainEqual(
    expect.objectContaining({ text: 'it burns', value: null, verdict: 'pass' }),
  );
  expect(report?.samples).toContainEqual(
    expect.objectContaining({ text: 'errors', value: 3, verdict: null }),
  );
  expect(report?.samples.length).toBeLessThanOrEqual(120);
});

test('a condition with a frequency of its own is sampled when it is due, and the rounds between keep its result', async () => {
  const place = await makePlace();
  const fast = 'echo x >> rounds; exit 1';
  const job = watchJob(place, { command: fast, intervalMs: 5, until: soak(0, 4) });
  const timed = {
    text: 'CV-1 failed: rows match',
    probe: { how: 'command', text: 'echo x >> samples', args: [], inverted: true },
    level: null,
    onFire: 'fail',
    everyMs: 3_600_000,
  } as const;
  const conditions = [...job.watch.conditions, timed];
  const state = newWatchState(conditions, {}, Date.now());
  const report = await runIn(attempt(), () =>
    watchMetrics(place.clients, { ...job, watch: { conditions, metrics: [] }, state }),
  );
  expect(report).toMatchObject({ ended: 'soaked', results: [{ verdict: 'pass' }, { verdict: 'pass' }] });
  expect(await sampled(place)).toBe(1);
  expect((await lines(join(place.workspace, 'rounds'))).length).toBeGreaterThanOrEqual(4);
});

test('a validation that fails is repeated in the next rounds, and fires after as many as the limit says', async () => {
  const place = await makePlace();
  const job = watchJob(place, { command: 'echo x >> samples; exit 1', intervalMs: 5, until: soak(0) });
  const conditions = job.watch.conditions.map((condition) => ({
    ...condition,
    probe: { ...condition.probe, inverted: true as const },
    everyMs: 3_600_000,
  }));
  const report = await runIn(attempt(), () =>
    watchMetrics(place.clients, { ...job, watch: { conditions, metrics: [] } }),
  );
  expect(report).toMatchObject({ ended: 'fired', fired: { index: 0 } });
  expect(await sampled(place)).toBe(3);
});
