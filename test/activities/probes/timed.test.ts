import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { probeContextOf } from '../../../activities/probes/index.js';
import { TimedProbes } from '../../../activities/probes/timed.js';
import { attempt, lines, makePlace, runIn } from '../support.js';

test('a validation that takes longer than a round goes on, is never started twice, and its result arrives', async () => {
  const place = await makePlace();
  const slow = {
    how: 'command',
    text: 'echo x >> started; until test -e over; do sleep 0.01; done',
    args: [],
  } as const;
  await runIn(attempt(), async () => {
    const settings = { probes: [slow], baselines: {}, timeoutMs: 1 };
    const context = await probeContextOf(place.clients, place.context, settings);
    const timed = new TimedProbes();
    expect(await timed.sample(0, slow, context)).toBeNull();
    expect(await timed.sample(0, slow, context)).toBeNull();
    expect(timed.busy).toBe(true);
    await writeFile(join(place.workspace, 'over'), '');
    expect(await timed.sample(0, slow, { ...context, timeoutMs: 60_000 })).toMatchObject({ verdict: 'pass' });
    expect(timed.busy).toBe(false);
  });
  expect(await lines(join(place.workspace, 'started'))).toHaveLength(1);
});
