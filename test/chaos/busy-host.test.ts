/**
 * A host whose hands are full looks like a lost one in its queue. It is told apart by its answer on the queue that work
 * never fills: the command waits for it, although another host is free.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, it } from 'vitest';
import { startHost } from '../support/host.js';
import { phase, step, strategy } from '../support/strategies.js';
import { openWorld } from '../support/world.js';

/** A minute for the host to take the command in, and some more for a busy machine. */
const PATIENCE_MS = 240_000;

it(
  'a command waits for a host that is busy, and is not asked about or run elsewhere',
  async ({ onTestFinished }) => {
    const world = await openWorld(inject('engine'), { worker: false });
    onTestFinished(() => world.close());
    const other = await openWorld(inject('engine'), { worker: false, taskQueue: world.taskQueue });
    onTestFinished(() => other.close());
    await other.startWorker(); // The first worker of a process sets its runtime up.
    await other.stopWorker();
    onTestFinished(await startHost(inject('engine'), world, { name: 'busy', hands: 1 }));
    const waiting = step('S', 2, { more: { preconditions: ['The lead agrees'] } });
    const run = await world.start(strategy([phase('P', 1, [step('FIRST', 1), waiting])]));
    await run.asked('confirm:S');
    const long = await world.start(
      strategy([
        phase('P', 1, [
          step('LONG', 1, { commands: ['touch begun; while ! test -e go; do sleep 0.1; done'] }),
        ]),
      ]),
    );
    await expect.poll(() => existsSync(join(long.workspace, 'begun')), { timeout: PATIENCE_MS }).toBe(true);
    await other.startWorker();
    await run.answer('confirm:S', 'confirm');
    const types = async () => (await run.events()).map(({ type }) => type);
    await expect.poll(types, { timeout: PATIENCE_MS }).toContain('host-busy');
    writeFileSync(join(long.workspace, 'go'), '');
    expect(await run.end()).toMatchObject({ status: 'completed', host: 'busy' });
    expect(run.ledger()).toEqual(['do FIRST', 'do S']);
    expect((await types()).filter((type) => type === 'decision-opened')).toHaveLength(1);
    expect((await types()).filter((type) => type === 'host-chosen')).toHaveLength(1);
    await long.end();
  },
  2 * PATIENCE_MS,
);
