import { expect, test } from 'vitest';
import { evaluate } from '../../../activities/probes/evaluate.js';
import type { Comparison, MetricSource } from '../../../strategy/plan.js';
import { attempt, lines, makePlace, type Place, runIn, shutDown, until } from '../support.js';

const ERRORS: MetricSource = { kind: 'command', command: 'echo x >> samples; cat errors', unit: null };
const BELOW: Comparison = { operator: '<', threshold: { kind: 'value', value: 5, unit: null }, overMs: 1 };

/** `errors`: the shell that prints the metric; it may look at how many samples were taken. */
async function place(errors: string): Promise<Place> {
  const metrics = { errors: { ...ERRORS, command: `echo x >> samples; ${errors}` } };
  return makePlace({ metrics });
}

function jobOf({ context }: Place, windowMs: number, intervalMs: number) {
  const probe = { how: 'metric', metric: 'errors', comparison: BELOW } as const;
  const requirements = [{ text: 'errors < 5 for a while', probe, windowMs }];
  return { context, requirements, baselines: {}, intervalMs, timeoutMs: 10_000 };
}

async function sampled({ workspace }: Place): Promise<number> {
  return (await lines(`${workspace}/samples`)).length;
}

test('what must hold over a time is sampled until it has held that long', async () => {
  const here = await place('echo 0');
  const [result] = await runIn(attempt(), () => evaluate(here.clients, jobOf(here, 100, 20)));
  expect(result).toMatchObject({ verdict: 'pass', evidence: expect.stringContaining('it held for 100 ms') });
  expect(await sampled(here)).toBeGreaterThan(2);
});

test('one sample that does not hold decides at once', async () => {
  const here = await place('if test "$(wc -l < samples)" -lt 3; then echo 0; else echo 9; fi');
  const [result] = await runIn(attempt(), () => evaluate(here.clients, jobOf(here, 3_600_000, 5)));
  expect(result).toMatchObject({ verdict: 'fail', evidence: expect.stringContaining('errors is 9') });
  expect(await sampled(here)).toBe(3);
});

test('a sample without data is no sample that holds', async () => {
  const here = await place('if test "$(wc -l < samples)" -lt 2; then echo 0; fi');
  const [result] = await runIn(attempt(), () => evaluate(here.clients, jobOf(here, 3_600_000, 5)));
  expect(result).toMatchObject({ verdict: 'inconclusive', evidence: expect.stringContaining('no data') });
});

test('another worker continues from the time that was sampled, and the time between counts for nothing', async () => {
  const here = await place('echo 0');
  const first = attempt();
  let beat: unknown = null;
  first.on('heartbeat', (details) => {
    beat = details;
  });
  const watching = runIn(first, () => evaluate(here.clients, jobOf(here, 3_600_000, 50)));
  await until('it has held for a while', () => heldIn(beat) > 0);
  shutDown(first);
  await expect(watching).rejects.toThrow('leaves the activity');
  const next = attempt(2, { resume: { held: [3_600_000] } });
  const [result] = await runIn(next, () => evaluate(here.clients, jobOf(here, 3_600_000, 50)));
  expect(result).toMatchObject({ verdict: 'pass' });
});

function heldIn(beat: unknown): number {
  return Number(/"held":\[([\d.]+)\]/.exec(JSON.stringify(beat) ?? '')?.[1] ?? 0);
}
