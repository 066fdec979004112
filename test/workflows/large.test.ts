/**
 * Long and large. SLUICE_LONG=1 takes the full sizes (10,000 steps, a plan of 5 MB, 1 GB of output, 10,000 signals) and prints
 * what they cost; without it the sizes are small ones that cross most of the same limits.
 */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { startIdleWorker } from '../support/idle-worker.js';
import { patiently } from '../support/patience.js';
import { gate, phase, step, strategy } from '../support/strategies.js';
import { openClient } from '../support/temporal.js';
import { openWorld, type TestRun, type World } from '../support/world.js';

const LONG = process.env.SLUICE_LONG === '1';
const MINUTES = 60_000;
/** Temporal's limit for one payload. */
const PAYLOAD = 2 * 1024 * 1024;

let world: World;
let connection: Connection;
let client: Client;
beforeAll(async () => {
  world = await openWorld(inject('engine'));
  ({ client, connection } = await openClient());
});
afterAll(async () => {
  await world.close();
  await connection.close();
});

function told(what: string): void {
  if (LONG) process.stderr.write(`${what}\n`);
}

async function timed(what: string, work: () => Promise<unknown>): Promise<void> {
  const begin = performance.now();
  await work();
  told(`${what}: ${(performance.now() - begin).toFixed(0)} ms`);
}

/** Runs steps whose effects do nothing but print, and answers with the world, which is to be closed. */
async function idleWorld(output: string): Promise<World> {
  const idle = await openWorld(inject('engine'), { worker: false });
  const stop = await startIdleWorker(inject('engine'), idle, output);
  return {
    ...idle,
    close: async () => {
      await stop();
      await idle.close();
    },
  };
}

const asking = gate('G', { approval_required: true, approvers: ['Lead'] });

const SIZES = LONG
  ? [
      { steps: 100, output: 'x'.repeat(100) },
      { steps: 10_000, output: 'x'.repeat(100) },
      { steps: 1_000, output: 'x'.repeat(4_096) },
    ]
  : [{ steps: 150, output: 'x'.repeat(4_096) }];

it.each(SIZES)(
  'a run of $steps steps tells its view, and takes it all back',
  async ({ steps, output }) => {
    const idle = await idleWorld(output);
    try {
      const ids = Array.from({ length: steps }, (_, index) => `STEP-${index}`);
      const run = await idle.start(
        strategy([
          phase(
            'P',
            1,
            ids.map((id, index) => step(id, index + 1)),
            asking,
          ),
        ]),
      );
      const handle = client.workflow.getHandle(run.id);
      const begin = performance.now();
      await until(
        20 * MINUTES,
        async () => (await patiently(() => idle.sluice.decisions(run.id))).length > 0,
      );
      const ms = performance.now() - begin;
      told(`${steps} steps with ${output.length} bytes of output: ${(ms / steps).toFixed(1)} ms each`);
      await timeQueries(run);
      const view = await run.view();
      expect(view.applied).toEqual(ids);
      expect(view.phases[0]?.steps.map(({ status }) => status)).toEqual(ids.map(() => 'completed'));
      expect((await handle.describe()).historyLength).toBeLessThan(20_000);
      await run.command({ command: 'rollback', by: 'Lead', to: 'start' });
      const result = await handle.result();
      expect(result.view).toMatchObject({ status: 'rolled_back', applied: [] });
      const events = await run.events();
      expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index));
      const undone = events.flatMap((event) => (event.type === 'step-undone' ? [event.step] : []));
      expect(undone).toEqual(ids.toReversed());
      expect(events.some(({ type }) => type === 'continued')).toBe(steps >= 1_000);
    } finally {
      await idle.close();
    }
  },
  40 * MINUTES,
);

async function timeQueries(run: TestRun): Promise<void> {
  await timed('view with all its steps', () => run.view());
  await timed('open decisions', () => patiently(() => run.sluice.decisions(run.id)));
  await timed('events', () => run.events());
}

async function until(ms: number, met: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + ms;
  while (!(await met())) {
    if (Date.now() > deadline) throw new Error('Waited in vain.');
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

it(
  'a plan of megabytes is carried out, and back, by what it holds',
  async () => {
    const padding = '#'.repeat(60_000);
    const count = LONG ? 84 : 24;
    const steps = Array.from({ length: count }, (_, index) =>
      step(`S${index}`, index + 1, { commands: [`echo do S${index} >> $LEDGER ${padding}`] }),
    );
    const run = await world.start(
      strategy([phase('P', 1, [...steps, step('X', 999, { commands: ['exit 1'] })])]),
    );
    const result = await client.workflow.getHandle(run.id).result();
    expect(result.view).toMatchObject({ status: 'rolled_back', applied: [] });
    const ids = steps.map((_, index) => `S${index}`);
    expect(run.ledger()).toEqual([
      ...ids.map((id) => `do ${id}`),
      'undo X',
      ...ids.toReversed().map((id) => `undo ${id}`),
    ]);
    // What is told of a command is an excerpt.
    expect(JSON.stringify(await run.events()).length).toBeLessThan(count * 10_000);
  },
  10 * MINUTES,
);

it('what cannot travel in one piece is refused before anything begins', async () => {
  const huge = (id: string) => step(id, 1, { commands: [`true ${'#'.repeat(PAYLOAD)}`] });
  await expect(world.start(strategy([phase('P', 1, [huge('HUGE')])]))).rejects.toThrow(/HUGE is larger/);
  const named = Array.from({ length: 40 }, (_, index) =>
    step(`S${index}`, index + 1, { more: { name: 'n'.repeat(60_000) } }),
  );
  await expect(world.start(strategy([phase('P', 1, named)]))).rejects.toThrow(
    /without the contents of its 40 steps/,
  );
});

it(
  'of a great deal of output the end is told',
  async () => {
    const bytes = LONG ? 1024 ** 3 : 32 * 1024 ** 2;
    const print = `head -c ${bytes} /dev/zero | tr '\\0' x; echo the end`;
    const run = await world.start(strategy([phase('P', 1, [step('A', 1, { commands: [print] })])]));
    const begin = performance.now();
    const result = await client.workflow.getHandle(run.id).result();
    told(`${bytes} bytes of output: ${Math.round(performance.now() - begin)} ms`);
    expect(result.view).toMatchObject({ status: 'completed' });
    const { output } = await run.step('A');
    expect(output).toMatch(/xxxthe end\n$/);
    expect(output?.length).toBeLessThan(5_000);
    const kept = filesIn(world.home).reduce((sum, file) => sum + statSync(file).size, 0);
    told(`${kept} bytes kept on disk`);
  },
  10 * MINUTES,
);

function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

it(
  '500 votes and thousands of signals that do not count leave a run that answers and completes',
  async () => {
    const votes = LONG ? 500 : 60;
    const signals = LONG ? 10_000 : 300;
    const members = Array.from({ length: votes }, (_, index) => `member-${index}`);
    const run = await world.start(
      strategy([
        phase('P', 1, [step('A', 1)], gate('G', { approval_required: true, approvers: ['Board'] })),
        phase('Q', 2, [step('B', 1)]),
      ]),
      { bindings: { roles: { Board: { members, votes } } } },
    );
    await run.asked('approval:G');
    const handle = client.workflow.getHandle(run.id);
    await timed(`${signals} signals`, () =>
      eachOf(signals, 20, (index) => handle.signal('approve', { gate: 'G', by: `stranger-${index}` })),
    );
    const [last, ...others] = members;
    const vote = (by: string) => run.sluice.decide(run.id, { decision: 'approval:G', option: 'approve', by });
    await timed('until it answers again', () => patiently(() => run.sluice.decisions(run.id)));
    await timed(`${votes} votes`, () =>
      eachOf(others.length, 8, (index) => patiently(() => vote(others[index] ?? ''))),
    );
    await timeQueries(run);
    expect((await run.view()).decisions[0]?.votes).toHaveLength(votes - 1);
    await patiently(() => vote(last ?? ''));
    const result = await handle.result();
    expect(result.view).toMatchObject({ status: 'completed' });
    expect(run.ledger()).toEqual(['do A', 'do B']);
    const types = (await run.events()).map(({ type }) => type);
    expect(types.filter((type) => type === 'vote-cast')).toHaveLength(votes);
    // The record keeps the first hundred, and must not grow with what a program sends again and again.
    expect(types.filter((type) => type === 'message-refused')).toHaveLength(100);
  },
  20 * MINUTES,
);

/** Again while the worker is busy with a history of tens of thousands of events. */
/** Does it for 0 to `count` - 1, at most `atOnce` at a time. */
async function eachOf(
  count: number,
  atOnce: number,
  work: (index: number) => Promise<unknown>,
): Promise<void> {
  const places = Array.from({ length: count }, (_, index) => index).values();
  const hand = async (): Promise<void> => {
    for (const index of places) await work(index);
  };
  await Promise.all(Array.from({ length: atOnce }, hand));
}

it('messages of megabytes, and such as are no text, are refused in few words, and the run continues', async () => {
  const run = await world.start(strategy([phase('P', 1, [step('A', 1)], asking)]));
  await run.asked('approval:G');
  const handle = client.workflow.getHandle(run.id);
  const long = 'y'.repeat(1_500_000);
  await handle.signal('approve', { gate: 'G', by: 'Lead', reason: long });
  await handle.signal('approve', { gate: long, by: 'Lead' });
  await handle.signal('approve', { gate: 'G', by: long });
  await handle.signal('decide', { decision: 'approval:G', option: long, by: 'Lead' });
  await handle.signal('approve', { gate: 'G', by: 7, reason: {} });
  await handle.signal('pause', { by: ['Lead'] });
  await handle.signal('rollback', { by: 'Lead', to: { phase: 'P' } });
  await handle.signal('decide', null);
  const refused = async () =>
    (await run.events())
      .filter(({ type }) => type === 'message-refused')
      .map((event) => JSON.stringify(event));
  await expect.poll(async () => (await refused()).length).toBe(8);
  for (const event of await refused()) expect(event.length).toBeLessThan(2_000);
  await expect(
    run.sluice.decide(run.id, { decision: 'approval:G', option: 'approve', by: 'Lead', reason: long }),
  ).rejects.toThrow('limited to 4000 characters, and this one has 1500000');
  // Text where none belongs is left out; the vote itself is good.
  await handle.signal('approve', { gate: 'G', by: 'Lead', reason: 7, role: {}, planHash: 3 });
  expect(await run.end()).toMatchObject({ status: 'completed' });
});

it('a step of days is watched all the time when its time is compressed', async () => {
  const long = step('A', 1, {
    more: { 'x-soak': '5d', monitoring: { alert_conditions: ['load > 1000'] } },
  });
  const run = await world.start(strategy([phase('P', 1, [long])]), {
    compress: 100_000,
    bindings: {
      metrics: { load: { command: 'echo sample >> $LEDGER; echo 1' } },
      watch: { interval: '6h' },
    },
  });
  expect(await run.end()).toMatchObject({ status: 'completed' });
  expect(run.ledger()).toContain('do A');
  expect(run.ledger().filter((line) => line === 'sample').length).toBeGreaterThan(2);
});
