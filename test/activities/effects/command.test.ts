import { readFileSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, readlink, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { EffectOutcome } from '../../../activities/contract.js';
import { runCommand } from '../../../activities/effects/command/command.js';
import { createJob, readJob, voidJob } from '../../../activities/effects/command/job.js';
import { groupIsAlive } from '../../../activities/processes.js';
import { jobFolder } from '../../../strategy/layout.js';
import { scriptFile } from '../../support/script-file.js';
import {
  attempt,
  commandJob,
  disown,
  KEY,
  lines,
  makePlace,
  type Place,
  reportedBy,
  runIn,
  shutDown,
  until,
} from '../support.js';

async function run(
  place: Place,
  action: Parameters<typeof commandJob>[1],
  more = {},
): Promise<EffectOutcome> {
  const job = commandJob(place, action, more);
  return runIn(attempt(), () => runCommand(place.clients, job));
}

function folderOf(place: Place): string {
  return jobFolder(place.home, 'run-1', 'execution-1', KEY);
}

/** The command of the job once it runs. */
async function runningCommand(place: Place): Promise<{ pid: number }> {
  return until('the command runs', () => {
    const state = readJob(folderOf(place));
    return state.state === 'running' ? state.command : null;
  });
}

test('a command runs in the workspace and its output comes back', async () => {
  const place = await makePlace();
  const outcome = await run(
    place,
    'pwd; echo oops >/dev/stderr; echo "$SLUICE_RUN $SLUICE_STEP $SLUICE_PURPOSE $SLUICE_ATTEMPT"',
  );
  expect(outcome).toMatchObject({ outcome: 'done', exitCode: 0 });
  expect(outcome.output).toBe(`${place.workspace}\noops\nrun-1 STEP-1 apply 1\n`);
});

test('a command sees the allow-list and the bindings, and nothing else', async () => {
  const place = await makePlace(
    { environment: { GREETING: 'hello ${env:WHO}' } },
    { WHO: 'world', OTHER: 'x', LC_ALL: 'C' },
  );
  const outcome = await run(place, 'echo "[$GREETING] [$OTHER] [$WHO] [$LC_ALL]"');
  expect(outcome.output).toBe('[hello [redacted]] [] [] [C]\n');
});

test('a command is run once, and repeats read its result', async () => {
  const place = await makePlace();
  const first = await run(place, 'echo once >> ledger; echo done');
  const second = await run(place, 'echo once >> ledger; echo done');
  expect(second).toEqual(first);
  expect(await lines(join(place.workspace, 'ledger'))).toEqual(['once']);
});

test('a failure tells the exit status and keeps the end of the output as valid text', async () => {
  const place = await makePlace();
  const outcome = await run(place, `node -e "process.stdout.write('é'.repeat(9000) + 'x')"; exit 3`);
  expect(outcome).toMatchObject({ outcome: 'failed', exitCode: 3 });
  expect(outcome.output).toMatch(/^é+x$/);
  expect(Buffer.byteLength(outcome.output)).toBeLessThanOrEqual(4_096);
});

test.each([
  ['a program that is not installed', 'no-such-program-x', /127.*PATH/s],
  ['a program that may not be executed', './plain', /126.*chmod \+x/s],
])('%s gets advice', async (_name, text, cause) => {
  const place = await makePlace();
  await writeFile(join(place.workspace, 'plain'), 'x', { mode: 0o600 });
  expect(await run(place, text)).toMatchObject({ outcome: 'failed', cause: expect.stringMatching(cause) });
});

test('scripts run by their first line or their extension', async () => {
  const place = await makePlace();
  await writeFile(join(place.workspace, 'a.sh'), 'echo from sh');
  await writeFile(join(place.workspace, 'b'), '#!/bin/sh\necho from shebang');
  await chmod(join(place.workspace, 'b'), 0o755);
  expect(await run(place, { kind: 'script', ...scriptFile(place.workspace, 'a.sh') })).toMatchObject({
    output: 'from sh\n',
  });
  const second = { key: { ...KEY, index: 1 } };
  expect(await run(place, { kind: 'script', ...scriptFile(place.workspace, 'b') }, second)).toMatchObject({
    output: 'from shebang\n',
  });
});

test.each([
  ['is not executable', 'norun.sh', /chmod \+x norun\.sh/],
  ['does not exist', 'missing.sh', /missing\.sh cannot be opened \(ENOENT\)/],
  ['is outside the workspace', 'link.sh', /is outside the workspace/],
  ['has no way to run', 'data.txt', /how to run data\.txt/],
])('a script that %s fails with advice, and nothing is run', async (_name, path, cause) => {
  const place = await makePlace();
  await writeFile(join(place.workspace, 'norun.sh'), '#!/bin/sh\n', { mode: 0o644 });
  await writeFile(join(place.workspace, 'data.txt'), 'x', { mode: 0o644 });
  await symlink('/bin/ls', join(place.workspace, 'link.sh'));
  expect(await run(place, { kind: 'script', ...scriptFile(place.workspace, path) })).toMatchObject({
    outcome: 'failed',
    cause: expect.stringMatching(cause),
  });
});

test('a workspace that is gone and a secret that is missing are failures that say so', async () => {
  const place = await makePlace({ environment: { TOKEN: '${env:NOT_THERE}' } });
  expect(await run(place, 'true')).toMatchObject({
    outcome: 'failed',
    cause: expect.stringContaining('${env:NOT_THERE}'),
  });
  const gone = await makePlace();
  const job = commandJob(
    { ...gone, context: { ...gone.context, workspace: join(gone.home, 'nowhere') } },
    'true',
  );
  expect(await runIn(attempt(), () => runCommand(gone.clients, job))).toMatchObject({
    outcome: 'failed',
    cause: expect.stringMatching(/workspace .* cannot be reached .*ENOENT/),
  });
});

test('a home that cannot be written is a failure that says nothing was run', async () => {
  const place = await makePlace();
  await writeFile(join(place.home, 'runs'), 'in the way');
  expect(await run(place, 'echo once >> ledger')).toMatchObject({
    outcome: 'failed',
    cause: expect.stringContaining('Nothing was run'),
  });
  expect(await lines(join(place.workspace, 'ledger'))).toEqual([]);
});

test('job folders and their files are private', async () => {
  const place = await makePlace();
  await run(place, 'echo hi');
  expect((await stat(folderOf(place))).mode & 0o777).toBe(0o700);
  for (const name of await readdir(folderOf(place))) {
    if (name.startsWith('claim') || name.startsWith('started')) continue;
    expect((await stat(join(folderOf(place), name))).mode & 0o077, name).toBe(0);
  }
});

test('a timeout ends the whole group, also members that ignore TERM', async () => {
  const place = await makePlace();
  const outcome = await run(place, "(trap '' TERM; sleep 60) & sleep 60", { timeoutMs: 300 });
  expect(outcome).toMatchObject({
    outcome: 'failed',
    cause: expect.stringContaining('timed out after 300 ms'),
  });
  expect(readJob(folderOf(place)).state).toBe('ended');
});

test('a run that stops a command gets its answer only when the group is gone', async () => {
  const place = await makePlace();
  const environment = attempt();
  const result = runIn(environment, () =>
    runCommand(place.clients, commandJob(place, 'echo begun; sleep 60')),
  );
  const { pid } = await runningCommand(place);
  await until('it printed', async () => (await lines(join(folderOf(place), 'output.log'))).length > 0);
  environment.cancel();
  expect(await result).toMatchObject({
    outcome: 'failed',
    cause: expect.stringMatching(/^stopped: /),
    output: 'begun\n',
  });
  expect(groupIsAlive(pid)).toBe(false);
});

test('a stop before the beginning runs nothing, now or later', async () => {
  const place = await makePlace();
  const environment = attempt();
  environment.cancel();
  const job = commandJob(place, 'echo once >> ledger');
  expect(await runIn(environment, () => runCommand(place.clients, job))).toMatchObject({
    outcome: 'failed',
    cause: expect.stringMatching(/^stopped /),
  });
  expect(await run(place, 'echo once >> ledger')).toMatchObject({ outcome: 'failed' });
  expect(await lines(join(place.workspace, 'ledger'))).toEqual([]);
});

test.each([
  ['shuts down', shutDown],
  ['was given up by the engine while it was frozen', disown],
])(
  'a worker that %s leaves the command alone, and the next one gets its result',
  async (_name, interrupt) => {
    const place = await makePlace();
    const job = commandJob(place, 'echo once >> ledger; while ! test -e go; do sleep 0.02; done; echo end');
    const first = attempt();
    const left = runIn(first, () => runCommand(place.clients, job));
    await runningCommand(place);
    interrupt(first);
    await expect(left).rejects.toThrow('leaves the activity');
    const second = runIn(attempt(2), () => runCommand(place.clients, job));
    await writeFile(join(place.workspace, 'go'), '');
    expect(await second).toMatchObject({ outcome: 'done', output: 'end\n' });
    expect(await lines(join(place.workspace, 'ledger'))).toEqual(['once']);
  },
);

test('ten attempts at the same moment run the command once', async () => {
  const place = await makePlace();
  const job = commandJob(place, 'echo once >> ledger; sleep 0.1');
  const outcomes = await Promise.all(
    Array.from({ length: 10 }, () => runIn(attempt(), () => runCommand(place.clients, job))),
  );
  expect(new Set(outcomes.map((outcome) => outcome.outcome))).toEqual(new Set(['done']));
  expect(await lines(join(place.workspace, 'ledger'))).toEqual(['once']);
});

test('a failure for want of room is told again when not even its cause found room', async () => {
  const place = await makePlace();
  createJob(folderOf(place), {});
  expect(await voidJob(folderOf(place), 1, '')).toBe(true);
  expect(await run(place, 'true')).toMatchObject({
    outcome: 'failed',
    cause: expect.stringContaining('Nothing was run'),
  });
});

test('an attempt that reported a failure keeps slower attempts from running the command after all', async () => {
  const place = await makePlace();
  createJob(folderOf(place), {});
  expect(await voidJob(folderOf(place), 1, 'The disk was full.')).toBe(true);
  expect(await run(place, 'echo once >> ledger')).toMatchObject({
    outcome: 'failed',
    cause: 'The disk was full.',
  });
  expect(await lines(join(place.workspace, 'ledger'))).toEqual([]);
});

test('a service left behind does not hold the result up, and lives on', async () => {
  const place = await makePlace({ environment: { TOKEN: '${env:TOKEN}' } }, { TOKEN: 'a-long-secret' });
  const outcome = await run(
    place,
    '(while ! test -e stop; do echo tick; sleep 0.02; done; echo $TOKEN; echo ended > end) & echo up',
  );
  expect(outcome).toMatchObject({ outcome: 'done' });
  await writeFile(join(place.workspace, 'stop'), '');
  await until(
    'the service ended by itself',
    async () => (await lines(join(place.workspace, 'end'))).length > 0,
  );
  const log = join(folderOf(place), 'output.log');
  await until('its output is in the log', async () => (await readFile(log, 'utf8')).includes('[redacted]'));
  expect(await readFile(log, 'utf8')).not.toContain('a-long-secret');
});

test('a command whose supervisor is killed is awaited, then asked about', async () => {
  const place = await makePlace({ environment: {} });
  const job = commandJob(place, 'echo x > begun; while ! test -e go; do sleep 0.02; done; echo end > end');
  const result = runIn(attempt(), () => runCommand(place.clients, job));
  await until('it has begun', async () => (await lines(join(place.workspace, 'begun'))).length > 0);
  const [claim] = (await readdir(folderOf(place))).filter((name) => name.startsWith('claim'));
  const { readlink } = await import('node:fs/promises');
  process.kill(Number((await readlink(join(folderOf(place), claim ?? ''))).split('.')[0]), 'SIGKILL');
  await writeFile(join(place.workspace, 'go'), '');
  expect(await result).toMatchObject({
    outcome: 'unknown',
    cause: expect.stringContaining('its result is unknown'),
  });
  expect(await lines(join(place.workspace, 'end'))).toEqual(['end']);
});

test('a job folder that is lost after the command began is an unknown outcome, not a repeat', async () => {
  const place = await makePlace();
  const job = commandJob(place, 'echo once >> ledger');
  expect(
    await runIn(attempt(2, { resume: { begun: true } }), () => runCommand(place.clients, job)),
  ).toMatchObject({
    outcome: 'unknown',
  });
  await mkdir(place.workspace, { recursive: true });
  expect(await lines(join(place.workspace, 'ledger'))).toEqual([]);
});

test('a command whose first process is killed does not act on behind the failure that is reported', async () => {
  const place = await makePlace();
  const outcome = run(place, `sh -c 'sleep 60; echo late >> ledger'; true`);
  const { pid } = await runningCommand(place);
  await until('its child runs', () => childrenOf(pid).length > 0);
  process.kill(pid, 'SIGKILL');
  expect(await outcome).toMatchObject({ outcome: 'failed', cause: expect.stringContaining('SIGKILL') });
  expect(groupIsAlive(pid)).toBe(false);
});

test('nobody is asked about a command while a part of it may still act', async () => {
  const place = await makePlace();
  const outcome = run(place, `sh -c 'while ! test -e go; do sleep 0.02; done; echo late >> ledger'; true`);
  const { pid } = await runningCommand(place);
  await until('its child runs', () => childrenOf(pid).length > 0);
  const supervisor = Number((await readlink(join(folderOf(place), 'claim-1'))).split('.')[0]);
  process.kill(supervisor, 'SIGKILL');
  process.kill(pid, 'SIGKILL');
  await writeFile(join(place.workspace, 'go'), '');
  expect(await outcome).toMatchObject({ outcome: 'unknown' });
  expect(groupIsAlive(pid)).toBe(false);
  expect(await lines(join(place.workspace, 'ledger'))).toEqual(['late']);
});

test('a service left behind by a lost command does not keep people from being asked', async () => {
  const place = await makePlace();
  const job = commandJob(place, 'sleep 30 & echo x > begun; while ! test -e go; do sleep 0.02; done');
  const clients = { ...place.clients, limits: { ...place.clients.limits, remainsMs: 300 } };
  const outcome = runIn(attempt(), () => runCommand(clients, job));
  const { pid } = await runningCommand(place);
  await until('the service runs', async () => (await lines(join(place.workspace, 'begun'))).length > 0);
  process.kill(Number((await readlink(join(folderOf(place), 'claim-1'))).split('.')[0]), 'SIGKILL');
  await writeFile(join(place.workspace, 'go'), '');
  expect(await outcome).toMatchObject({
    outcome: 'unknown',
    cause: expect.stringContaining(`process group ${pid}`),
  });
  process.kill(-pid, 'SIGKILL');
});

function childrenOf(pid: number): string[] {
  const file = `/proc/${pid}/task/${pid}/children`;
  return readFileSync(file, 'utf8')
    .split(' ')
    .filter((child) => child !== '');
}

test('a command that lasts reports since when it runs and its last line, without its secrets', async () => {
  const place = await makePlace({ environment: { TOKEN: '${env:TOKEN}' } }, { TOKEN: 'hush-hush-hush' });
  const environment = attempt();
  const reported = reportedBy(environment);
  const job = commandJob(
    place,
    'echo begun; echo "copied 3 tables with $TOKEN"; until test -e go; do sleep 0.05; done',
  );
  const outcome = runIn(environment, () => runCommand(place.clients, job));
  const sentence = await until('a heartbeat tells the line', () =>
    reported.sentences.find((each) => each.includes('copied')),
  );
  await writeFile(join(place.workspace, 'go'), '');
  expect(sentence).toMatch(/^latest output: copied 3 tables with /);
  expect(sentence).not.toContain('hush-hush-hush');
  expect(await outcome).toMatchObject({ outcome: 'done' });
});
