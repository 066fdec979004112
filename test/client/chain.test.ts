import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { withWorkflows } from '../support/temporal.js';

const WORKFLOW = fileURLToPath(new URL('chain-workflow.ts', import.meta.url));

test('the record is read over every Temporal run of the chain, from any place in it', () =>
  withWorkflows(WORKFLOW, 'WARN', async ({ client, sluice, taskQueue, run }) => {
    const handle = await client.workflow.start('migration', { workflowId: run, taskQueue, args: [0] });
    await expect.poll(async () => (await sluice.events(run, 6)).length).toBe(3);
    expect((await sluice.events(run)).map(({ seq }) => seq)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect((await sluice.events(run, 2)).map(({ seq }) => seq)).toEqual([2, 3, 4, 5, 6, 7, 8]);
    expect((await sluice.events(run, 9)).map(({ seq }) => seq)).toEqual([]);
    const followed: number[] = [];
    const stop = new AbortController();
    for await (const { seq } of sluice.follow(run, { from: 1, signal: stop.signal })) {
      followed.push(seq);
      if (seq === 8) stop.abort();
    }
    expect(followed).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect((await sluice.list()).filter((found) => found.run === run)).toHaveLength(1);
    await handle.terminate('ended from outside');
    const over = (async () => {
      for await (const { seq } of sluice.follow(run, { from: 8 })) followed.push(seq);
    })();
    await expect(over).rejects.toMatchObject({ code: 'run-ended' });
    await expect(sluice.view(run)).rejects.toMatchObject({ code: 'run-ended' });
  }));
