/**
 * A host is gone for good, and another one with its own disk works on the same queue: it takes the run over once the first
 * neither takes a command for a minute nor answers, asks what became of the command that nobody can tell of, and carries on, forward as well as on the way back.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, it, type TestContext } from 'vitest';
import { phase, step, strategy } from '../support/strategies.js';
import { openWorld, type TestRun, type World } from '../support/world.js';
import { runningJobs } from './jobs.js';
import { send } from './processes.js';

/** A minute and a half for the host to answer in, and some more for a busy machine. */
const PATIENCE_MS = 240_000;

/** Says once that it is under way, and waits to be killed, before its effect; run again it does not wait. */
const before = (effect: string) =>
  `if ! test -e waits; then touch waits; sleep 600; fi; echo ${effect} >> $LEDGER`;
const after = (effect: string) =>
  `echo ${effect} >> $LEDGER; if ! test -e waits; then touch waits; sleep 600; fi`;

interface Sketch {
  readonly commands?: readonly string[];
  readonly undo?: readonly string[];
  readonly more?: object;
}

interface Hosts {
  readonly one: World;
  readonly two: World;
  readonly run: TestRun;
}

/** Two hosts, of which one works, and three steps; with `fails` the last one brings the rollback about. */
async function begin({ onTestFinished }: TestContext, sketch: Sketch, fails: boolean): Promise<Hosts> {
  const one = await openWorld(inject('engine'));
  onTestFinished(() => one.close());
  const two = await openWorld(inject('engine'), { worker: false, taskQueue: one.taskQueue });
  onTestFinished(() => two.close());
  const last = fails ? { commands: ['exit 1'], undo: ['true'] } : {};
  const steps = [step('FIRST', 1), step('S', 2, sketch), step('LAST', 3, last)];
  const bindings = { metrics: { load: { command: 'echo 1' } }, watch: { interval: '1s' } };
  return { one, two, run: await one.start(strategy([phase('P', 1, steps)]), { bindings }) };
}

/** The power of host one fails: its worker, the supervisor and the command are no more, and its disk is not seen again. */
async function lose({ one, two, run }: Hosts): Promise<void> {
  await expect.poll(() => existsSync(join(run.workspace, 'waits')), { timeout: PATIENCE_MS }).toBe(true);
  await one.stopWorker();
  for (const { supervisor, command } of runningJobs(one.home)) {
    if (supervisor !== null) send(supervisor, 'SIGKILL');
    if (command !== null) send(-command, 'SIGKILL');
  }
  await two.startWorker();
}

/** Waits for the question, and answers it. */
async function say({ run }: Hosts, option: string): Promise<string> {
  const asked = async () => (await run.view()).decisions.find(({ id }) => id === 'unknown-outcome:S');
  await expect.poll(async () => (await asked())?.id, { timeout: PATIENCE_MS }).toBeDefined();
  const question = (await asked())?.question ?? '';
  await run.answer('unknown-outcome:S', option);
  return question;
}

/** How often a host was chosen: once at the start, and again when it was lost. */
async function hostsOf(run: TestRun): Promise<readonly string[]> {
  return (await run.events()).flatMap((event) => (event.type === 'host-chosen' ? [event.host] : []));
}

it.concurrent(
  'the run continues elsewhere, and a person says what became of the command',
  async (test) => {
    const hosts = await begin(test, { commands: [after('do S')] }, true);
    const { run } = hosts;
    await lose(hosts);
    const question = await say(hosts, 'happened');
    const [lost, other] = await hostsOf(run);
    expect(other).not.toBe(lost);
    expect(question).toContain(`${lost} started no command for a minute and does not answer`);
    expect(await run.end()).toMatchObject({ status: 'rolled_back', applied: [], host: other });
    expect(run.ledger()).toEqual(['do FIRST', 'do S', 'undo S', 'undo FIRST']);
  },
  2 * PATIENCE_MS,
);

it.concurrent(
  'a rollback continues elsewhere, and the undo that did not happen is run there',
  async (test) => {
    const hosts = await begin(test, { undo: [before('undo S')] }, true);
    await lose(hosts);
    await say(hosts, 'did-not-happen');
    expect(await hosts.run.end()).toMatchObject({ status: 'rolled_back', applied: [] });
    expect(hosts.run.ledger()).toEqual(['do FIRST', 'do S', 'undo S', 'undo FIRST']);
    expect(await hostsOf(hosts.run)).toHaveLength(2);
  },
  2 * PATIENCE_MS,
);

it.concurrent(
  'an idempotent step is run again elsewhere without a question',
  async (test) => {
    const hosts = await begin(test, { commands: [before('do S')], more: { 'x-idempotent': true } }, false);
    const { run } = hosts;
    await lose(hosts);
    await expect.poll(async () => (await run.view()).status, { timeout: PATIENCE_MS }).toBe('completed');
    expect(run.ledger()).toEqual(['do FIRST', 'do S', 'do LAST']);
    expect((await run.events()).filter(({ type }) => type === 'decision-opened')).toEqual([]);
    expect(await hostsOf(run)).toHaveLength(2);
  },
  2 * PATIENCE_MS,
);
