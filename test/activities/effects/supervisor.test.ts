/** One supervisor per host runs every command, outlives the process that started it, and leaves when nobody needs it. */
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { EffectJob, EffectOutcome } from '../../../activities/contract.js';
import { runCommand } from '../../../activities/effects/command/command.js';
import {
  claimPlace,
  latestPlace,
  livingSupervisor,
  placesFolder,
} from '../../../activities/effects/command/place.js';
import { dismissSupervisor } from '../../../activities/effects/command/supervisor-client.js';
import { identify, isAlive, type ProcessIdentity } from '../../../activities/processes.js';
import { jobFolder } from '../../../strategy/layout.js';
import type { CommandAction } from '../../../strategy/plan.js';
import { endSupervisor } from '../../support/supervisors.js';
import { attempt, commandJob, KEY, lines, makePlace, type Place, runIn, until } from '../support.js';

const CHILD = fileURLToPath(new URL('./child.mjs', import.meta.url));

function job(place: Place, text: string, index = 0): EffectJob<CommandAction> {
  return commandJob(place, text, { key: { ...KEY, index } });
}

function run(place: Place, text: string, index = 0): Promise<EffectOutcome> {
  return runIn(attempt(), () => runCommand(place.clients, job(place, text, index)));
}

function supervisorOf(home: string): ProcessIdentity {
  const supervisor = livingSupervisor(home);
  if (supervisor === null) throw new Error('No supervisor serves this home.');
  return supervisor;
}

/** The pid of the supervisor that claimed a command. */
function claimantOf(place: Place, index: number): number {
  const folder = jobFolder(place.home, 'run-1', 'execution-1', { ...KEY, index });
  return Number(readlinkSync(join(folder, 'claim-1')).split('.')[0]);
}

test('one process supervises every command of a host, however many run at once', async () => {
  const place = await makePlace();
  const outcomes = await Promise.all(
    Array.from({ length: 40 }, (_, index) => run(place, `echo ${index} >> ledger; sleep 0.05`, index)),
  );
  expect(new Set(outcomes.map(({ outcome }) => outcome))).toEqual(new Set(['done']));
  expect(await lines(join(place.workspace, 'ledger'))).toHaveLength(40);
  const { pid } = supervisorOf(place.home);
  expect(outcomes.map((_, index) => claimantOf(place, index))).toEqual(outcomes.map(() => pid));
});

test('workers of one host that begin at the same moment share one supervisor', async () => {
  const place = await makePlace();
  const { home, clients } = place;
  const attempts = Array.from({ length: 3 }, (_, index) => {
    const order = {
      home,
      env: clients.env,
      job: job(place, 'true', index),
      number: 1,
    };
    const child = spawn(process.execPath, [CHILD, JSON.stringify(order)], { stdio: 'ignore' });
    return new Promise((resolve) => child.once('exit', resolve));
  });
  expect(await Promise.all(attempts)).toEqual([0, 0, 0]);
  const claimants = [0, 1, 2].map((index) => claimantOf(place, index));
  expect(new Set(claimants)).toEqual(new Set([supervisorOf(home).pid]));
});

test('commands that run when the supervisor is killed are asked about; the next one gets a new supervisor', async () => {
  const place = await makePlace();
  const first = run(place, 'touch begun; while ! test -e go; do sleep 0.02; done');
  await until('it has begun', async () => readdirSync(place.workspace).includes('begun'));
  const before = supervisorOf(place.home);
  process.kill(before.pid, 'SIGKILL');
  expect(await run(place, 'true', 1)).toMatchObject({ outcome: 'done' });
  expect(supervisorOf(place.home).pid).not.toBe(before.pid);
  writeFileSync(join(place.workspace, 'go'), '');
  expect(await first).toMatchObject({ outcome: 'unknown' });
});

test('a supervisor that does not answer is replaced, runs nothing twice when it wakes, and leaves', async () => {
  const place = await makePlace();
  await run(place, 'true');
  const frozen = supervisorOf(place.home);
  process.kill(frozen.pid, 'SIGSTOP');
  expect(await run(place, 'echo once >> ledger', 1)).toMatchObject({ outcome: 'done' });
  process.kill(frozen.pid, 'SIGCONT');
  await until('it has left', () => !isAlive(frozen));
  expect(await lines(join(place.workspace, 'ledger'))).toEqual(['once']);
});

test('a claim of a dead supervisor and its socket are in nobody’s way', async () => {
  const place = await makePlace();
  const gone = spawn('true');
  const identity = identify(gone.pid ?? 0) ?? { pid: 1, start: '0', boot: 'gone' };
  await new Promise((resolve) => gone.once('exit', resolve));
  claimPlace(place.home, 7, identity);
  writeFileSync(join(placesFolder(place.home), '7.sock'), '');
  expect(await run(place, 'true')).toMatchObject({ outcome: 'done' });
  expect(latestPlace(place.home)?.number).toBe(8);
  expect(readdirSync(placesFolder(place.home)).filter((name) => name.includes('7'))).toEqual([]);
});

test('a supervisor that is dismissed finishes its commands and then leaves', async () => {
  const place = await makePlace();
  const running = run(place, 'touch begun; while ! test -e go; do sleep 0.02; done; echo end');
  await until('it has begun', () => readdirSync(place.workspace).includes('begun'));
  const supervisor = supervisorOf(place.home);
  dismissSupervisor(place.home);
  writeFileSync(join(place.workspace, 'go'), '');
  expect(await running).toMatchObject({ outcome: 'done', output: 'end\n' });
  await until('it has left', () => !isAlive(supervisor));
});

test('a supervisor leaves when its home is gone', async () => {
  const place = await makePlace();
  await run(place, 'true');
  const supervisor = supervisorOf(place.home);
  rmSync(place.home, { recursive: true });
  await until('it has left', () => !isAlive(supervisor));
});

test('the supervisor is told no secret that others could read: not its environment, its command line, or a file', async () => {
  const place = await makePlace({ environment: { TOKEN: '${env:TOKEN}' } }, { TOKEN: 'a-long-secret' });
  expect(await run(place, 'test "$TOKEN" = a-long-secret')).toMatchObject({ outcome: 'done' });
  const { pid } = supervisorOf(place.home);
  const environment = readFileSync(`/proc/${pid}/environ`, 'utf8')
    .split('\0')
    .filter((entry) => entry !== '');
  expect(environment.map((entry) => entry.split('=')[0])).toEqual(['PATH']);
  expect(readFileSync(`/proc/${pid}/cmdline`, 'utf8')).not.toContain('a-long-secret');
  const socket = latestPlace(place.home)?.socket ?? '';
  expect(statSync(socket).mode & 0o777).toBe(0o600);
  expect(statSync(placesFolder(place.home)).mode & 0o777).toBe(0o700);
});

test('a command holds no pipe of another one, and the umask that the worker had', async () => {
  const place = await makePlace();
  const other = run(place, 'touch begun; while ! test -e go; do sleep 0.02; done');
  await until('another command runs', () => readdirSync(place.workspace).includes('begun'));
  const { output } = await run(place, 'umask; ls -l /proc/self/fd', 1);
  writeFileSync(join(place.workspace, 'go'), '');
  await other;
  expect(Number.parseInt(output, 8)).toBe(process.umask());
  // Its own, as stdout and as stderr.
  expect(output.match(/\.pipes\//g)).toHaveLength(2);
});

test('a home whose path is too long for a socket is served as well', async () => {
  const place = await makePlace();
  const home = join(place.home, 'long'.repeat(30));
  mkdirSync(home, { recursive: true });
  const clients = { ...place.clients, home };
  const outcome = await runIn(attempt(), () => runCommand(clients, job(place, 'echo hello')));
  expect(outcome).toMatchObject({ outcome: 'done', output: 'hello\n' });
  await endSupervisor(home);
});

test('memory stays flat however much a command prints', async () => {
  const place = await makePlace();
  await run(place, 'true');
  const { pid } = supervisorOf(place.home);
  const peakKb = (): number =>
    Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  const before = peakKb();
  expect(await run(place, 'head -c 400000000 /dev/zero', 1)).toMatchObject({ outcome: 'done' });
  // A busy machine frees what was read later, but not in proportion to what is printed.
  expect(peakKb() - before).toBeLessThan(150_000);
});
