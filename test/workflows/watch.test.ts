import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { phase, step, strategy } from '../support/strategies.js';
import { openClient } from '../support/temporal.js';
import { openWorld, type World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  world = await openWorld(inject('engine'));
});
afterAll(() => world.close());

const bindings = (command: string) => ({
  metrics: { errors: { command } },
  watch: { interval: '1s', failureLimit: 1 },
});
const watched = { monitoring: { alert_conditions: ['errors > 5'] } };

/** How many activities sampled a soak of the run; one more samples beside an action that takes long. */
async function soaksOf(run: string): Promise<number> {
  const { client, connection } = await openClient();
  try {
    const { events } = await client.workflow.getHandle(run).fetchHistory();
    return (events ?? []).filter(({ activityTaskScheduledEventAttributes: scheduled }) => {
      if (scheduled?.activityType?.name !== 'watchMetrics') return false;
      const [job] = scheduled.input?.payloads ?? [];
      return Buffer.from(job?.data ?? []).includes('"kind":"soaked"');
    }).length;
  } finally {
    await connection.close();
  }
}

describe('a watch', () => {
  it('looks once also when the step was over at once, and asks nobody what it can see', async () => {
    const quick = step('A', 1, {
      commands: [],
      undo: null,
      more: { ...watched, validation: { validation_checks: [] } },
    });
    const run = await world.start(strategy([phase('P', 1, [quick])]), { bindings: bindings('echo 0') });
    expect(await run.end()).toMatchObject({ status: 'completed' });
    const { requirements } = await run.step('A');
    expect(requirements).toMatchObject([{ text: 'errors > 5', verdict: 'pass' }]);
  });

  it('without data is looked at again when somebody says so', async () => {
    const run = await world.start(strategy([phase('P', 1, [step('A', 1, { more: watched })])]), {
      bindings: bindings('cat errors'),
    });
    await run.asked('inconclusive:A');
    writeFileSync(`${run.workspace}/errors`, '0');
    await run.answer('inconclusive:A', 'retry', 'anyone');
    expect(await run.end()).toMatchObject({ status: 'completed' });
  });

  it('that only notifies records an alert once, over several steps, and the steps continue', async () => {
    const monitored = {
      monitoring_and_observability: {
        migration_monitoring: [{ metric_name: 'errors', alert_threshold: '> 5', critical_threshold: '> 50' }],
      },
    };
    const run = await world.start(
      strategy([phase('P', 1, [step('A', 1), step('B', 2), step('C', 3)])], monitored),
      { bindings: bindings('test $(wc -l < $LEDGER) -ge 1 && echo 10 || echo 0') },
    );
    expect(await run.end()).toMatchObject({ status: 'completed', applied: ['A', 'B', 'C'] });
    const alerts = (await run.events()).filter(({ type }) => type === 'alert');
    expect(alerts).toMatchObject([{ step: 'A', text: expect.stringContaining('errors > 5') }]);
    // What still fires is never recorded as quiet.
    expect((await run.step('C')).requirements).toContainEqual(
      expect.objectContaining({ text: expect.stringContaining('> 5'), verdict: 'fail', alert: true }),
    );
    expect((await run.step('C')).requirements).toContainEqual(
      expect.objectContaining({ text: expect.stringContaining('> 50'), verdict: 'pass', alert: true }),
    );
  });

  it('that fires in the last sample of a step is sampled on, and fails the step', async () => {
    const run = await world.start(strategy([phase('P', 1, [step('A', 1, { more: watched })])]), {
      bindings: {
        metrics: { errors: { command: 'test -e ledger && echo 9 || echo 0' } },
        watch: { interval: '200ms', failureLimit: 3 },
      },
    });
    expect(await run.end()).toMatchObject({ status: 'rolled_back', landing: 'start' });
    expect((await run.events()).some(({ type }) => type === 'alert')).toBe(true);
  });

  it('stops an action that takes long, when its condition fires meanwhile', async () => {
    const long = step('A', 1, { commands: ['echo do A >> $LEDGER; sleep 3600'], more: watched });
    const run = await world.start(strategy([phase('P', 1, [long])]), {
      bindings: bindings('test -e ledger && echo 9 || echo 0'),
    });
    expect(await run.end()).toMatchObject({ status: 'rolled_back' });
    expect(run.ledger()).toEqual(['do A', 'undo A']);
  });

  it('is stopped by an abort in the middle of a soak', async () => {
    const soaking = step('A', 1, { more: { ...watched, 'x-soak': '1h' } });
    const run = await world.start(strategy([phase('P', 1, [soaking])]), { bindings: bindings('echo 0') });
    await run.until('it soaks', (view) => view.phases[0]?.steps[0]?.status === 'soaking');
    await run.command({ command: 'abort', by: 'tester' });
    expect(await run.end()).toMatchObject({ status: 'aborted', applied: ['A'] });
  });

  it('shows how much of a soak is done and its samples while it lasts, and its history does not grow with it', async () => {
    const soaked = async (soak: string) => {
      const soaking = step('A', 1, { more: { ...watched, 'x-soak': soak } });
      const run = await world.start(strategy([phase('P', 1, [soaking])]), {
        bindings: {
          metrics: { errors: { command: 'echo 3' } },
          watch: { interval: '100ms', failureLimit: 1 },
        },
      });
      return run;
    };
    const [short, long] = await Promise.all([soaked('2s'), soaked('15s')]);
    const view = await long.until('progress', ({ progress }) => progress.some(({ done }) => done >= 1));
    expect(view.progress).toMatchObject([{ step: 'A', total: 15, unit: 'seconds' }]);
    expect(view.samples).toContainEqual(
      expect.objectContaining({ step: 'A', text: 'errors > 5', value: 3, verdict: 'pass' }),
    );
    await Promise.all([short.end(), long.end()]);
    expect([await soaksOf(short.id), await soaksOf(long.id)]).toEqual([1, 1]);
  });
});
