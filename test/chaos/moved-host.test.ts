/**
 * The watch of a step and its command wait for the same lost host. When the watch notices first, it moves the run to the
 * next host; the command, of which nobody knows whether it happened, must not begin there unasked.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ApplicationFailure } from '@temporalio/common';
import { expect, inject, it } from 'vitest';
import { withHeartbeat } from '../../activities/attempt.js';
import type { Activities } from '../../activities/contract.js';
import { startHost } from '../support/host.js';
import { phase, step, strategy } from '../support/strategies.js';
import { openWorld } from '../support/world.js';

/** How much later than the watch the command is left behind: the watch has then moved the run before the command asks. */
const LATER_MS = 15_000;
const PATIENCE_MS = 240_000;

/** Carries a command out, and is lost with its host before it can say so; it beats until then. */
function lostWith(lost: Promise<void>): (real: Activities) => Partial<Activities> {
  return (real) => ({
    runEffect: (job) =>
      withHeartbeat(
        async () => {
          await real.runEffect(job);
          await lost;
          await pause(LATER_MS);
          throw ApplicationFailure.retryable('The host is gone.');
        },
        () => ({ resume: null }),
      ),
  });
}

it(
  'a command is not begun on the next host because the watch beside it has moved the run there first',
  async ({ onTestFinished }) => {
    const world = await openWorld(inject('engine'), { worker: false });
    onTestFinished(() => world.close());
    const next = await openWorld(inject('engine'), { worker: false, taskQueue: world.taskQueue });
    onTestFinished(() => next.close());
    await next.startWorker(); // The first worker of a process sets its runtime up.
    await next.stopWorker();
    let lose = (): void => undefined;
    const lost = new Promise<void>((resolve) => {
      lose = resolve;
    });
    const stopHost = await startHost(inject('engine'), world, {
      name: 'first',
      hands: 10,
      otherwise: lostWith(lost),
    });
    onTestFinished(stopHost);
    const watched = step('S', 1, { more: { monitoring: { alert_conditions: ['load > 1000'] } } });
    const bindings = { metrics: { load: { command: 'touch sampled; echo 1' } }, watch: { interval: '1s' } };
    const run = await world.start(strategy([phase('P', 1, [watched])]), { bindings });
    await expect.poll(() => run.ledger(), { timeout: PATIENCE_MS }).toEqual(['do S']);
    const sampled = () => existsSync(join(run.workspace, 'sampled'));
    await expect.poll(sampled, { timeout: PATIENCE_MS }).toBe(true);
    lose();
    await stopHost();
    await next.startWorker();
    await run.answer('unknown-outcome:S', 'happened');
    const view = await run.end();
    expect(view).toMatchObject({ status: 'completed' });
    expect(view.host).not.toBe('first');
    expect(run.ledger()).toEqual(['do S']);
  },
  2 * PATIENCE_MS,
);
