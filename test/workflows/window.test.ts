import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { WindowState } from '../../strategy/calendar/state.js';
import { type StubWorker, startStubWorker } from '../client/stub-worker.js';
import { phase, step, strategy } from '../support/strategies.js';
import { openWorld, type World } from '../support/world.js';

const CLOSED: WindowState = {
  open: false,
  why: 'outside the window "By day"',
  opensAt: '2999-01-01T10:00:00.000Z',
  shut: ['By day'],
};
/** Whatever is asked about is closed. */
const ALL_SHUT: WindowState = { ...CLOSED };
const OPEN: WindowState = { open: true, closesAt: null };
/** Open now, and to be checked again before the next action. */
const ABOUT_TO_CLOSE: WindowState = { open: true, closesAt: '2000-01-01T16:00:00.000Z' };

const BY_DAY = {
  migration_overview: { name: 'Test', constraints: { migration_window: 'By day' } },
};
const BINDINGS = {
  windows: { 'By day': { days: ['mon'], from: '10:00', to: '16:00', zone: 'UTC' } },
};

describe('a window', () => {
  let world: World;
  let worker: StubWorker;
  let clock: WindowState;
  let checks = 0;
  const acted: string[] = [];

  beforeAll(async () => {
    const address = inject('engine');
    world = await openWorld(address, { worker: false, taskQueue: `window-${randomUUID()}` });
    worker = await startStubWorker(address, world.taskQueue, world.home, {
      checkWindow: async ({ windows }) => {
        checks += 1;
        if (clock !== ALL_SHUT) return clock;
        const shut = windows.map(({ text }) => text);
        return { ...ALL_SHUT, why: `outside ${shut.join(' and ')}`, shut };
      },
      runEffect: async ({ key }) => {
        acted.push(`${key.purpose} ${key.subject} ${key.index}`);
        const failed = acted.at(-1) === 'apply BAD 0';
        return failed
          ? { outcome: 'failed', cause: 'It broke.', exitCode: 1, durationMs: 1, output: '' }
          : { outcome: 'done', exitCode: 0, durationMs: 1, output: '' };
      },
    });
  });
  afterAll(async () => {
    await worker.stop();
    await world.close();
  });

  it('that closes between two actions of a step holds up the second, and an override stays possible after "wait"', async () => {
    clock = ABOUT_TO_CLOSE;
    acted.length = 0;
    const careful = step('A', 1, {
      commands: ['true', 'true'],
      more: { preconditions: ['Somebody has looked'] },
    });
    const run = await world.start(strategy([phase('P', 1, [careful])], BY_DAY), { bindings: BINDINGS });
    await run.asked('confirm:A');
    clock = CLOSED;
    await run.answer('confirm:A', 'confirm');
    await run.asked('window:window');
    expect(acted).toEqual([]);
    await run.answer('window:window', 'wait');
    const view = await run.asked('window:window#2');
    expect(view.decisions).toMatchObject([{ options: ['override'] }]);
    expect(acted).toEqual([]);
    await run.answer('window:window#2', 'override', 'tester', 'the board agreed');
    expect(await run.end()).toMatchObject({ status: 'completed' });
    expect(acted).toEqual(['apply A 0', 'apply A 1']);
  });

  it('is checked again after a pause, and never holds up an undo', async () => {
    clock = ABOUT_TO_CLOSE;
    acted.length = 0;
    const confirmed = step('A', 1, { more: { validation: { validation_checks: ['Somebody has looked'] } } });
    const steps = [confirmed, step('BAD', 2)];
    const run = await world.start(strategy([phase('P', 1, steps)], BY_DAY), { bindings: BINDINGS });
    await run.asked('confirm:A');
    await run.command({ command: 'pause', by: 'tester' });
    await run.answer('confirm:A', 'confirm');
    await run.until('it is paused', ({ status }) => status === 'paused');
    clock = CLOSED;
    await run.command({ command: 'resume', by: 'tester' });
    await run.asked('window:window');
    expect(acted).toEqual(['apply A 0']);
    await run.command({ command: 'rollback', by: 'tester', to: 'start' });
    expect(await run.end()).toMatchObject({ status: 'rolled_back', landing: 'start' });
    expect(acted).toEqual(['apply A 0', 'undo A 0']);
  });

  it('of an item holds up the actions of its step, and of no other', async () => {
    clock = CLOSED;
    acted.length = 0;
    const night = step('NIGHT', 2, { more: { 'x-uses': 'DATA-1' } });
    const item = {
      migration_id: 'DATA-1',
      name: 'At night',
      execution_plan: { execution_script: 'migrate.sh' },
      rollback: { rollback_script: 'back.sh' },
      downtime: { maintenance_window: 'By day' },
    };
    const run = await world.start(
      strategy([phase('P', 1, [step('A', 1), night])], { data_migration: { migrations: [item] } }),
      { bindings: BINDINGS, files: { 'migrate.sh': '#!/bin/sh', 'back.sh': '#!/bin/sh' } },
    );
    await run.asked('window:window');
    expect(acted).toEqual(['apply A 0']);
    await run.answer('window:window', 'override', 'tester', 'agreed by telephone');
    expect(await run.end()).toMatchObject({ status: 'completed' });
    expect(acted).toEqual(['apply A 0', 'apply NIGHT 0', 'apply NIGHT 1']);
  });

  it('that is overridden says nothing of another one, which asks on its own', async () => {
    clock = ALL_SHUT;
    acted.length = 0;
    const night = step('NIGHT', 2, { more: { 'x-uses': 'DATA-1' } });
    const item = {
      migration_id: 'DATA-1',
      name: 'At night',
      execution_plan: { execution_script: 'migrate.sh' },
      rollback: { rollback_script: 'back.sh' },
      downtime: { maintenance_window: 'By night' },
    };
    const run = await world.start(
      strategy([phase('P', 1, [step('A', 1), step('B', 3), night])], {
        ...BY_DAY,
        data_migration: { migrations: [item] },
      }),
      {
        bindings: {
          windows: {
            ...BINDINGS.windows,
            'By night': { days: ['mon'], from: '22:00', to: '04:00', zone: 'UTC' },
          },
        },
        files: { 'migrate.sh': '#!/bin/sh', 'back.sh': '#!/bin/sh' },
      },
    );
    await run.answer('window:window', 'override', 'tester', 'the board agreed');
    const { decisions } = await run.asked('window:window#2');
    expect(decisions[0]?.question).toContain('outside By night.');
    expect(acted).toEqual(['apply A 0']);
    await run.answer('window:window#2', 'override', 'tester', 'agreed by telephone');
    expect(await run.end()).toMatchObject({ status: 'completed' });
    expect(acted).toEqual(['apply A 0', 'apply NIGHT 0', 'apply NIGHT 1', 'apply B 0']);
  });

  it('that stays open is asked about once, however many actions follow', async () => {
    clock = OPEN;
    acted.length = 0;
    checks = 0;
    const run = await world.start(
      strategy([phase('P', 1, [step('A', 1, { commands: ['true', 'true'] }), step('B', 2)])], BY_DAY),
      { bindings: BINDINGS },
    );
    expect(await run.end()).toMatchObject({ status: 'completed' });
    expect(acted).toHaveLength(3);
    expect(checks).toBe(1);
  });
});
