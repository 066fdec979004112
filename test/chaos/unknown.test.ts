/**
 * The outcome of a command is unknown: its supervisor died with it, or its job folder was lost with the host. A person says
 * what the ledger says, and nothing is lost or done twice; only `x-idempotent` repeats without asking.
 */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, inject, it } from 'vitest';
import { jobsFolder } from '../../strategy/layout.js';
import { gate, phase, step, strategy } from '../support/strategies.js';
import { openWorld, type TestRun, type World } from '../support/world.js';
import { type RunningJob, runningJobs } from './jobs.js';
import { send } from './processes.js';

/** The first time it waits to be killed, before or after its effect; when it is run again it does not wait. */
const WAIT = 'if ! test -e waits; then touch waits; sleep 60; fi';
const before = (effect: string) => `${WAIT}; echo ${effect} >> $LEDGER`;
const after = (effect: string) => `echo ${effect} >> $LEDGER; ${WAIT}`;

let world: World;
beforeEach(async () => {
  world = await openWorld(inject('engine'));
});
afterEach(() => world.close());

interface Sketch {
  readonly commands?: readonly string[];
  readonly undo?: readonly string[];
  readonly more?: object;
}

/** Three steps; the middle one is attacked, and with `fails` the last one brings the rollback about. */
function start(sketch: Sketch, fails = false): Promise<TestRun> {
  const last = fails ? { commands: ['exit 1'], undo: ['true'] } : {};
  const steps = [step('FIRST', 1), step('S', 2, sketch), step('LAST', 3, last)];
  return world.start(strategy([phase('P', 1, steps, gate('G'))]));
}

/** Kills the supervisor and the whole command. With `host` the worker is away, and the job folder is gone when it comes back. */
async function lose(run: TestRun, host: boolean): Promise<void> {
  await expect.poll(() => existsSync(join(run.workspace, 'waits'))).toBe(true);
  // Its beat has told the engine that it began; only a lost host needs to be told from a job that never was.
  if (host) await new Promise((resolve) => setTimeout(resolve, 2_500));
  if (host) await world.stopWorker();
  const { supervisor, command } = jobOf(run);
  if (supervisor !== null) send(supervisor, 'SIGKILL');
  if (command !== null) send(-command, 'SIGKILL');
  if (!host) return;
  rmSync(jobsFolder(world.home, run.id, 'S'), { recursive: true });
  await world.startWorker();
}

function jobOf(run: TestRun): RunningJob {
  const folder = jobsFolder(world.home, run.id, 'S');
  const job = runningJobs(world.home).find((candidate) => candidate.folder.startsWith(`${folder}/`));
  if (job === undefined) throw new Error('The command does not run.');
  return job;
}

const PLACES = [
  ['its supervisor and it were killed', false],
  ['its host was lost', true],
] as const;

it.each(PLACES)(
  'a command that happened is not repeated when %s',
  async (_what, host) => {
    const run = await start({ commands: [after('do S')] });
    await lose(run, host);
    await run.answer('unknown-outcome:S', 'happened');
    expect(await run.end()).toMatchObject({ status: 'completed' });
    expect(run.ledger()).toEqual(['do FIRST', 'do S', 'do LAST']);
  },
  120_000,
);

it.each(PLACES)(
  'a command that did not happen is run again when %s',
  async (_what, host) => {
    const run = await start({ commands: [before('do S')] });
    await lose(run, host);
    await run.answer('unknown-outcome:S', 'did-not-happen');
    expect(await run.end()).toMatchObject({ status: 'completed' });
    expect(run.ledger()).toEqual(['do FIRST', 'do S', 'do LAST']);
  },
  120_000,
);

it.each(PLACES)(
  'a command of unknown outcome is taken back when %s and somebody says so',
  async (_what, host) => {
    const run = await start({ commands: [after('do S')] });
    await lose(run, host);
    await run.answer('unknown-outcome:S', 'rollback');
    expect(await run.end()).toMatchObject({ status: 'rolled_back', applied: [] });
    expect(run.ledger()).toEqual(['do FIRST', 'do S', 'undo S', 'undo FIRST']);
  },
  120_000,
);

it.each(PLACES)(
  'an idempotent step is repeated without a question when %s',
  async (_what, host) => {
    const run = await start({ commands: [before('do S')], more: { 'x-idempotent': true } });
    await lose(run, host);
    expect(await run.end()).toMatchObject({ status: 'completed' });
    expect(run.ledger()).toEqual(['do FIRST', 'do S', 'do LAST']);
    expect((await run.events()).filter(({ type }) => type === 'decision-opened')).toEqual([]);
  },
  120_000,
);

it.each([
  ['happened', after('undo S')],
  ['did-not-happen', before('undo S')],
])(
  'an undo of unknown outcome is answered as well: it %s',
  async (option, command) => {
    const run = await start({ undo: [command] }, true);
    await lose(run, false);
    await run.answer('unknown-outcome:S', option);
    expect(await run.end()).toMatchObject({ status: 'rolled_back', applied: [] });
    expect(run.ledger()).toEqual(['do FIRST', 'do S', 'undo S', 'undo FIRST']);
  },
  120_000,
);
