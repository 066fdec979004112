/** A completed run that is still watched: one worker, two runs. A day takes a second. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import type { RunEvent } from '../../strategy/run/event.js';
import { isOver } from '../../strategy/run/view.js';
import { phase, step, strategy } from '../support/strategies.js';
import { openWorld, type TestRun, type World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  world = await openWorld(inject('engine'));
});
afterAll(() => world.close());

/** Nobody can take this back but a person. */
const byHand = step('HAND', 2, {
  commands: ['true'],
  undo: null,
  more: { rollback_procedure: { can_rollback: true, rollback_steps: ['Tell the shop'] } },
});

const plan = strategy([phase('P', 1, [step('A', 1), byHand])], {
  success_criteria: {
    business_success: [{ criterion: 'People like it', measurement_period: 'First 2 days' }],
  },
  rollback_strategy: {
    rollback_levels: [{ level: 'full', description: 'All', trigger_conditions: ['It burns'] }],
  },
  post_migration: {
    cleanup_tasks: [
      { task_id: 'C-1', name: 'Drop', timing: 'once legal agrees', steps: ['$ echo clean >> $LEDGER'] },
      { task_id: 'C-2', name: 'Broken', timing: '1 day after completion', steps: ['$ false'] },
    ],
    monitoring_period: { duration: '300 days', alert_sensitivity: 'high' },
  },
  communication_plan: { status_reporting: { frequency: 'daily', metrics_to_report: ['Progress'] } },
});

async function completed(): Promise<{ readonly run: TestRun; readonly events: readonly RunEvent[] }> {
  const run = await world.start(plan, {
    compress: 86_400,
    bindings: {
      locks: ['shop'],
      checks: { 'It burns': { command: 'test -e fire', expect: 'pass' } },
      watch: { interval: '6 hours', failureLimit: 3 },
    },
  });
  const events: RunEvent[] = [];
  for await (const event of world.sluice.follow(run.id)) events.push(event);
  return { run, events };
}

it('is completed for whoever follows it, gives its locks back, and stays watched over a killed worker until somebody ends it', async () => {
  const { run, events } = await completed();
  expect(events.at(-1)?.type).toBe('afterwards-begun');
  const view = await run.until(
    'it is watched',
    ({ afterwards }) => afterwards?.followUps[3]?.status === 'running',
  );
  expect(view).toMatchObject({ status: 'completed', afterwards: { status: 'open' } });
  expect(view.endedAt).not.toBeNull();
  // Only one run at a time holds the lock: another one completes while this one is watched.
  const { run: other } = await completed();
  await other.command({ command: 'abort', by: 'tester' });

  await world.stopWorker();
  await world.startWorker();
  await run.answer('confirm:C-1', 'confirm');
  await run.until('it is clean', () => run.ledger().includes('clean'));
  await run.answer('failure:C-2', 'skip', 'tester', 'Not worth it');
  await run.answer('confirm:business-success-1', 'confirm');
  const listed = async () => (await world.sluice.list()).find((each) => each.run === run.id);
  await expect.poll(async () => (await listed())?.reason, { timeout: 60_000 }).toContain('Still watched');
  expect(await listed()).toMatchObject({ status: 'completed', endedAt: null });

  await run.command({ command: 'abort', by: 'tester', reason: 'Enough' });
  const last = await run.until('it is over', isOver);
  expect(last).toMatchObject({ status: 'completed', endedAt: view.endedAt });
  expect(last.reason).toContain('Not settled: monitoring-period');
  expect(last.afterwards?.followUps.map(({ status }) => status)).toEqual([
    'completed',
    'completed',
    'skipped',
    'running',
  ]);
  expect(run.ledger()).toEqual(['do A', 'clean']);
});

it('asks what follows a critical condition, takes the migration back only with a word about what was cleaned up, and reports again', async () => {
  const { run } = await completed();
  await run.answer('confirm:C-1', 'confirm');
  await run.until('it is clean', () => run.ledger().includes('clean'));
  writeFileSync(join(run.workspace, 'fire'), '');
  const { decisions } = await run.asked('failure:monitoring-period');
  expect(decisions.find(({ id }) => id === 'failure:monitoring-period')?.question).toContain('It burns');
  await run.answer('failure:monitoring-period', 'rollback-full');
  const reports = async () => (await run.events()).filter(({ type }) => type === 'status-report').length;
  const before = await reports();
  await run.answer('confirm:reopening', 'confirm');
  await run.asked('manual:undo-HAND');
  await expect.poll(reports, { timeout: 60_000 }).toBeGreaterThan(before);
  await run.answer('manual:undo-HAND', 'done');
  const last = await run.until('it is over', isOver);
  expect(last).toMatchObject({ status: 'rolled_back', landing: 'start' });
  expect(run.ledger()).toEqual(['do A', 'clean', 'undo A']);
});
