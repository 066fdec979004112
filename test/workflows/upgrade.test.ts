/**
 * Upgrades: two builds are made here from the one under test. They differ in what they say when a phase begins, so that it
 * can be seen who said it; a third does other things than the history of a run, and must not get far with it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Connection } from '@temporalio/client';
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, it } from 'vitest';
import { gate, phase, step, strategy } from '../support/strategies.js';
import { openWorld, type TestRun, type World } from '../support/world.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const SAID = 'Running its steps.';

let builds: string;
let world: World;
let workers: ChildProcess[] = [];

beforeAll(() => {
  builds = mkdtempSync(join(tmpdir(), 'sluice-builds-'));
  build('A', SAID, 'Build A is at it.');
  build('B', SAID, 'Build B is at it.');
  build('other', '.runEffect(', '.runSomethingElse(');
});
afterAll(() => rmSync(builds, { recursive: true, force: true }));
beforeEach(async () => {
  world = await openWorld(inject('engine'), { worker: false });
});
afterEach(async () => {
  await Promise.all(workers.map(kill));
  workers = [];
  await world.close();
});

/** A build of its own, in which the workflows say or do something else. */
function build(name: string, from: string, to: string): void {
  const folder = join(builds, name);
  for (const part of ['bin', 'dist', 'package.json']) {
    cpSync(join(ROOT, part), join(folder, part), { recursive: true });
  }
  // Modules are found from here, as in an installation of its own.
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const bundle = join(folder, 'dist/workflow-bundle.js');
  const code = readFileSync(bundle, 'utf8');
  if (!code.includes(from)) throw new Error(`The bundle does not say: ${from}`);
  writeFileSync(bundle, code.replaceAll(from, to));
}

/** The worker of a build, as a user starts it. */
function start(name: string, env: Record<string, string> = {}): ChildProcess {
  const worker = spawn(process.execPath, [join(builds, name, 'bin/sluice'), 'worker'], {
    env: {
      ...process.env,
      SLUICE_HOME: world.home,
      SLUICE_TASK_QUEUE: world.taskQueue,
      TEMPORAL_ADDRESS: inject('engine'),
      ...env,
    },
    stdio: 'ignore',
  });
  workers.push(worker);
  return worker;
}

async function kill(worker: ChildProcess): Promise<void> {
  if (worker.exitCode !== null || worker.signalCode !== null) return;
  const gone = new Promise((done) => worker.once('exit', done));
  worker.kill('SIGKILL');
  await gone;
}

/** Who began each phase, in the words of the events. */
async function begunBy(run: TestRun): Promise<readonly string[]> {
  return (await run.events()).flatMap((event) =>
    event.type === 'phase-status' && event.status === 'running' ? [event.reason] : [],
  );
}

/** Answers once it is asked: a worker that was killed keeps questions waiting for a while. */
async function answer(run: TestRun, id: string, option: string, by = 'tester'): Promise<void> {
  const asked = () =>
    run.sluice.decisions(run.id).then(
      (open) => open.map((decision) => decision.id),
      () => [],
    );
  await expect.poll(asked).toContain(id);
  await run.sluice.decide(run.id, { decision: id, option, by });
}

const approval = (id: string) => gate(id, { approval_required: true, approvers: ['Lead'] });
const waiting = step('W', 2, { commands: ['echo do W >> $LEDGER; while ! test -e go; do sleep 0.05; done'] });
const long = strategy([
  phase('P', 1, [step('A', 1), waiting], approval('G')),
  phase('Q', 2, [step('B', 1), step('X', 2, { commands: ['test -e fixed'] })]),
]);

it('a run continues under the next build, with the command that is under way, and back', async () => {
  const first = start('A');
  const run = await world.start(long);
  await expect.poll(() => run.ledger()).toContain('do W');
  await kill(first);
  start('B');
  writeFileSync(`${run.workspace}/go`, '');
  await answer(run, 'approval:G', 'approve', 'Lead');
  await answer(run, 'after-rollback:P', 'rollback-further');
  expect(await run.end()).toMatchObject({ status: 'rolled_back', applied: [] });
  expect(run.ledger()).toEqual(['do A', 'do W', 'do B', 'undo X', 'undo B', 'undo W', 'undo A']);
  // The events are those of whoever tells them: all of the history is carried out again by the build at work.
  expect(await begunBy(run)).toContain('Build B is at it.');
});

it('a build that does other things gets nowhere with a run, and harms nothing', async () => {
  const first = start('A');
  const run = await world.start(long);
  await expect.poll(() => run.ledger()).toContain('do W');
  await kill(first);
  const other = start('other');
  const connection = await Connection.connect({ address: inject('engine') });
  const failures = async () => {
    const { history } = await connection.workflowService.getWorkflowExecutionHistory({
      namespace: 'default',
      execution: { workflowId: run.id },
    });
    return (history?.events ?? []).flatMap(({ workflowTaskFailedEventAttributes: failed }) =>
      failed?.failure?.message ? [failed.failure.message] : [],
    );
  };
  writeFileSync(`${run.workspace}/go`, '');
  await expect.poll(failures).toContainEqual(expect.stringMatching(/[Nn]ondeterminism/));
  await connection.close();
  await kill(other);
  start('B');
  await answer(run, 'approval:G', 'approve', 'Lead');
  await answer(run, 'after-rollback:P', 'end');
  expect(await run.end()).toMatchObject({ status: 'rolled_back', applied: ['A', 'W'] });
  expect(run.ledger()).toEqual(['do A', 'do W', 'do B', 'undo X', 'undo B']);
});

it('with worker versioning, a run changes over to the next build between two steps, and new ones begin on it', async () => {
  const deployment = `sluice-${world.taskQueue}`;
  const connection = await Connection.connect({ address: inject('engine') });
  const release = async (buildId: string): Promise<void> => {
    start(buildId, { SLUICE_DEPLOYMENT: deployment, SLUICE_BUILD: buildId });
    await expect
      .poll(() =>
        connection.workflowService
          .setWorkerDeploymentCurrentVersion({ namespace: 'default', deploymentName: deployment, buildId })
          .then(
            () => 'current',
            (error: unknown) => String(error),
          ),
      )
      .toBe('current');
  };
  await release('A');
  const old = await world.start(
    strategy([
      phase('P', 1, [step('A', 1), waiting], approval('G')),
      phase('Q', 2, [step('B', 1)]),
      phase('R', 3, [step('C', 1)], approval('H')),
    ]),
  );
  await expect.poll(() => old.ledger()).toContain('do W');
  await release('B');
  const next = await world.start(strategy([phase('P', 1, [step('A', 1)], approval('G'))]));
  await expect.poll(() => next.ledger()).toContain('do A');
  // Only the command that is under way keeps the old run on its build.
  writeFileSync(`${old.workspace}/go`, '');
  await answer(old, 'approval:G', 'approve', 'Lead');
  await old.until('the next build', ({ phases }) => phases[2]?.reason === 'Build B is at it.');
  // The old build is no longer needed, also not for what is asked of the run.
  const [first] = workers;
  if (first !== undefined) await kill(first);
  await answer(old, 'approval:H', 'approve', 'Lead');
  await answer(next, 'approval:G', 'approve', 'Lead');
  for (const run of [old, next]) expect(await run.end()).toMatchObject({ status: 'completed' });
  expect(old.ledger()).toEqual(['do A', 'do W', 'do B', 'do C']);
  expect(await begunBy(old)).toEqual(['Build A is at it.', 'Build A is at it.', 'Build B is at it.']);
  await connection.close();
});
