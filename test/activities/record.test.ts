import { appendFile, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import { loadSteps } from '../../activities/plan-store.js';
import { writeRecord } from '../../activities/record.js';
import { hashPlan } from '../../strategy/hash.js';
import { planFile } from '../../strategy/layout.js';
import type { RunEvent } from '../../strategy/run/event.js';
import { makePlace } from './support.js';

function event(seq: number): RunEvent {
  return { seq, at: '2026-01-01T00:00:00.000Z', type: 'continued' };
}

async function sequence(file: string): Promise<readonly number[]> {
  const text = await readFile(file, 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).seq);
}

test('each event is written once, however often it comes', async () => {
  const { clients } = await makePlace();
  const file = await writeRecord(clients, { run: 'r', events: [event(1), event(2)] });
  await writeRecord(clients, { run: 'r', events: [event(1), event(2), event(3)] });
  await writeRecord(clients, { run: 'r', events: [event(2)] });
  expect(await sequence(file)).toEqual([1, 2, 3]);
  expect((await stat(file)).mode & 0o077).toBe(0);
});

test('a line that was cut off is written anew', async () => {
  const { clients } = await makePlace();
  const file = await writeRecord(clients, { run: 'r', events: [event(1)] });
  await appendFile(file, '{"seq":2,"at":"20');
  await writeRecord(clients, { run: 'r', events: [event(2), event(3)] });
  expect(await sequence(file)).toEqual([1, 2, 3]);
});

test('a record that cannot be written says where and why', async () => {
  const { clients, home } = await makePlace();
  await writeFile(`${home}/runs`, 'in the way');
  await expect(writeRecord(clients, { run: 'r', events: [event(1)] })).rejects.toThrow(
    /record\.jsonl cannot be written \(E/,
  );
});

test('steps of a stored plan are given out when its content is what its name says', async () => {
  const { clients, home } = await makePlace();
  const steps = [{ id: 'A' }, { id: 'B' }, { id: 'C' }];
  const plan = { format: 1, phases: [{ id: 'P', steps }] };
  const hash = hashPlan(plan as never);
  await mkdir(dirname(planFile(home, hash)), { recursive: true });
  await expect(loadSteps(clients, { plan: hash, phase: 0, from: 0, count: 1 })).rejects.toThrow(
    'cannot be read (ENOENT)',
  );
  await writeFile(planFile(home, hash), JSON.stringify({ ...plan, hash }));
  expect(await loadSteps(clients, { plan: hash, phase: 0, from: 1, count: 5 })).toEqual([
    { id: 'B' },
    { id: 'C' },
  ]);
  await writeFile(planFile(home, 'other'), JSON.stringify({ ...plan, hash }));
  await expect(loadSteps(clients, { plan: 'other', phase: 0, from: 0, count: 1 })).rejects.toThrow(
    'is damaged',
  );
});
