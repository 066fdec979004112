/** Downtime against its limit, on a real engine: one worker, two runs. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { phase, step, strategy } from '../support/strategies.js';
import { openWorld, type TestRun, type World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  world = await openWorld(inject('engine'));
});
afterAll(() => world.close());

/** The script of the item moves the rows, which takes until a file says so. */
const MOVE = '#!/bin/sh\necho move >> "$LEDGER"\nwhile ! test -e moved; do sleep 0.1; done\n';
const BACK = '#!/bin/sh\necho back >> "$LEDGER"\n';

function start(constraints: object): Promise<TestRun> {
  const item = {
    migration_id: 'DATA-1',
    name: 'Orders',
    execution_plan: { execution_script: 'move.sh' },
    rollback: { rollback_script: 'back.sh' },
    downtime: { required: true },
  };
  const down = step('DOWN', 2, { commands: ['true'], more: { 'x-uses': 'DATA-1' } });
  return world.start(
    strategy([phase('P', 1, [step('A', 1), down])], {
      migration_overview: { name: 'Test', constraints },
      data_migration: { migrations: [item] },
      rollback_strategy: { rollback_levels: [{ level: 'step' }] },
    }),
    {
      files: { 'move.sh': MOVE, 'back.sh': BACK },
      bindings: { checks: { '{}nothing writes{}': { command: 'true' } } },
    },
  );
}

it('is told near its limit; past it the step is stopped and undone, and a new attempt is measured on', async () => {
  const run = await start({ max_downtime_duration: '2 seconds' });
  await run.until('the limit is passed', ({ downtime }) => downtime?.exceededAt != null);
  // Nobody waits for the script: it never ends by itself.
  await run.asked('after-rollback:A');
  const types = (await run.events()).map(({ type }) => type);
  expect(types.indexOf('downtime-warned')).toBeGreaterThan(types.indexOf('downtime-begun'));
  expect(types.indexOf('downtime-exceeded')).toBeGreaterThan(types.indexOf('downtime-warned'));
  const { downtime, phases } = await run.view();
  expect(downtime).toMatchObject({ limitMs: 2000, open: null });
  expect(downtime?.spentMs).toBeGreaterThanOrEqual(2000);
  expect(phases[0]?.steps[1]?.status).toBe('rolled_back');
  writeFileSync(join(run.workspace, 'moved'), '');
  await run.answer('after-rollback:A', 'retry');
  expect(await run.end()).toMatchObject({ status: 'completed', downtime: { open: null } });
  expect(run.ledger()).toEqual(['do A', 'move', 'back', 'undo DOWN', 'move']);
});

it('that is not allowed is never begun', async () => {
  const run = await start({ downtime_allowed: false });
  await run.asked('after-rollback:A');
  await run.answer('after-rollback:A', 'end');
  expect(await run.end()).toMatchObject({ status: 'rolled_back', applied: ['A'] });
  expect(run.ledger()).toEqual(['do A']);
});

it('also counts while a health check fails that only notifies, until the check recovers; past the limit the step is stopped', async () => {
  const serves = step('SERVES', 1, { commands: ['$ while [ ! -e released ]; do sleep 0.2; done'] });
  const check = {
    check_name: 'The shop answers',
    check_procedure: '$ test ! -e outage',
    frequency: '1 second',
    failure_response: 'Alert the on-call',
  };
  const run = await world.start(
    strategy([phase('P', 1, [serves])], {
      migration_overview: { name: 'Test', constraints: { max_downtime_duration: '10 seconds' } },
      monitoring_and_observability: { health_checks: [check] },
      rollback_strategy: { rollback_levels: [{ level: 'step' }] },
    }),
    { bindings: { watch: { interval: '200ms', failureLimit: 1 } } },
  );
  await run.until('the step works', ({ phases }) => phases[0]?.steps[0]?.status === 'running');
  writeFileSync(join(run.workspace, 'outage'), '');
  await run.until('the service is down', ({ downtime }) => downtime?.open != null);
  expect((await run.view()).downtime?.open).toMatchObject({ step: 'SERVES', plannedMs: null });
  rmSync(join(run.workspace, 'outage'));
  await run.until('the service is up', ({ downtime }) => downtime?.open === null);
  expect((await run.view()).downtime).toMatchObject({ limitMs: 10_000, exceededAt: null });
  writeFileSync(join(run.workspace, 'outage'), '');
  // Nobody releases the step: the limit stops it.
  const ended = await run.end();
  expect(ended).toMatchObject({ status: 'rolled_back', downtime: { open: null } });
  expect(ended.downtime?.spentMs).toBeGreaterThanOrEqual(10_000);
});
