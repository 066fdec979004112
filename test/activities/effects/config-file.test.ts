/** A configuration file is changed exactly once, never half written, and restored byte for byte. */
import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { EffectJob, EffectOutcome } from '../../../activities/contract.js';
import { runEffect } from '../../../activities/effects/index.js';
import type { FaultPoint } from '../../../activities/fault-points.js';
import type { ConfigFileAction } from '../../../strategy/plan.js';
import { attempt, KEY, makePlace, type Place, runIn } from '../support.js';
import { killedAt } from './killed.js';

const BEFORE = '# the shop\ndiscount:\n  enabled: false # not yet\n';
const AFTER = BEFORE.replace('false', 'true');

const SET: ConfigFileAction = {
  kind: 'config-file',
  item: 'CONF-1',
  file: 'app.yaml',
  format: 'yaml',
  path: ['discount', 'enabled'],
  change: { do: 'set', value: 'true', expected: 'false' },
};

async function place(env: Record<string, string> = {}): Promise<Place> {
  const made = await makePlace({}, env);
  await writeFile(join(made.workspace, 'app.yaml'), BEFORE);
  return made;
}

function jobOf(at: Place, action: ConfigFileAction = SET, more: Partial<EffectJob['key']> = {}) {
  const key = { ...KEY, ...more };
  return { context: at.context, key, action, timeoutMs: 60_000 };
}

const undo = (at: Place) => jobOf(at, { ...SET, change: { do: 'restore' } }, { purpose: 'undo' });
const run = (at: Place, job: EffectJob<ConfigFileAction>, number = 1): Promise<EffectOutcome> =>
  runIn(attempt(number), () => runEffect(at.clients, job));
const content = (at: Place) => readFile(join(at.workspace, 'app.yaml'), 'utf8');

test('the setting is changed, and the undo restores the bytes', async () => {
  const at = await place();
  expect(await run(at, jobOf(at))).toMatchObject({ outcome: 'done' });
  expect(await content(at)).toBe(AFTER);
  expect(await run(at, undo(at))).toMatchObject({ outcome: 'done' });
  expect(await content(at)).toBe(BEFORE);
  expect(await readdir(at.workspace)).toEqual(['app.yaml']);
});

test('a symbolic link stays, and mode and owner of the file are kept', async () => {
  const at = await place();
  await mkdir(join(at.workspace, 'real'));
  const real = join(at.workspace, 'real', 'app.yaml');
  await writeFile(real, BEFORE);
  await chmod(real, 0o640);
  await symlink('real/app.yaml', join(at.workspace, 'linked.yaml'));
  const { uid } = await stat(real);
  expect(await run(at, jobOf(at, { ...SET, file: 'linked.yaml' }))).toMatchObject({ outcome: 'done' });
  expect(await readFile(real, 'utf8')).toBe(AFTER);
  expect(await stat(real)).toMatchObject({ mode: 0o100640, uid });
});

test('another value than the strategy says fails, says what was found, and leaves the file alone', async () => {
  const at = await place();
  await writeFile(join(at.workspace, 'app.yaml'), BEFORE.replace('false', 'maybe'));
  expect(await run(at, jobOf(at))).toMatchObject({
    outcome: 'failed',
    cause:
      'In app.yaml, discount.enabled is "maybe"; CONF-1 expects false. Nothing was changed. Correct the file, or the item\'s current_value, and retry.',
  });
  expect(await content(at)).toContain('maybe');
});

test('a missing file fails, and says where to provide it', async () => {
  const at = await place();
  const outcome = await run(at, jobOf(at, { ...SET, file: 'nowhere.yaml' }));
  expect(outcome).toMatchObject({
    outcome: 'failed',
    cause: expect.stringContaining('nowhere.yaml cannot be read (ENOENT)'),
  });
});

test('an undo restores nothing over the edits that somebody made meanwhile, and says where the saved file is', async () => {
  const at = await place();
  await run(at, jobOf(at));
  await writeFile(join(at.workspace, 'app.yaml'), `${AFTER}theirs: 1\n`);
  const outcome = await run(at, undo(at));
  expect(outcome).toMatchObject({
    outcome: 'failed',
    cause: expect.stringContaining('Somebody edited app.yaml'),
  });
  expect(await content(at)).toBe(`${AFTER}theirs: 1\n`);
  const [saved = ''] = /\/\S+\/before/.exec(JSON.stringify(outcome)) ?? [];
  expect(await readFile(saved, 'utf8')).toBe(BEFORE);
});

test('an undo of a change that did not happen changes nothing', async () => {
  const at = await place();
  expect(await run(at, undo(at))).toMatchObject({ outcome: 'done' });
  expect(await content(at)).toBe(BEFORE);
});

test('the undo restores what the first attempt changed when a later one found the change made', async () => {
  const at = await place();
  await run(at, jobOf(at));
  expect(await run(at, jobOf(at, SET, { attempt: 2 }))).toMatchObject({
    outcome: 'done',
    output: expect.stringContaining('nothing was changed'),
  });
  await run(at, undo(at));
  expect(await content(at)).toBe(BEFORE);
});

test('two changes of one file are undone one after the other', async () => {
  const at = await place();
  const other: ConfigFileAction = {
    ...SET,
    item: 'CONF-2',
    path: ['rate'],
    change: { do: 'set', value: '5', expected: null },
  };
  await run(at, jobOf(at));
  await run(at, jobOf(at, other, { index: 1 }));
  const back: ConfigFileAction = { ...other, change: { do: 'restore' } };
  expect(await run(at, jobOf(at, back, { purpose: 'undo' }))).toMatchObject({ outcome: 'done' });
  expect(await content(at)).toBe(AFTER);
  expect(await run(at, { ...undo(at), key: { ...undo(at).key, index: 1 } })).toMatchObject({
    outcome: 'done',
  });
  expect(await content(at)).toBe(BEFORE);
});

test('a secret reaches the file, and nothing that is said of it', async () => {
  const at = await place({ NEW_SECRET: 'correct horse battery', OLD_SECRET: 'trivial' });
  const action: ConfigFileAction = {
    ...SET,
    change: { do: 'set', value: '${env:NEW_SECRET}', expected: '${env:OLD_SECRET}' },
  };
  const refused = await run(at, jobOf(at, action));
  expect(refused).toMatchObject({ outcome: 'failed', cause: expect.stringContaining('not shown') });
  await writeFile(join(at.workspace, 'app.yaml'), BEFORE.replace('false', 'trivial'));
  const done = await run(at, jobOf(at, action, { attempt: 2 }));
  expect(await content(at)).toContain('correct horse battery');
  expect(JSON.stringify([refused, done])).not.toMatch(/correct|trivial/);
});

const POINTS: readonly FaultPoint[] = [
  'before-job-folder',
  'before-journal-row',
  'after-journal-row',
  'before-commit',
  'after-commit',
  'before-return',
];

test.each(POINTS)('the file is whole and changed once when the worker dies %s', async (fault) => {
  const at = await place();
  await killedAt(at, jobOf(at), fault);
  expect([BEFORE, AFTER]).toContain(await content(at));
  expect(await run(at, jobOf(at), 2)).toMatchObject({ outcome: 'done' });
  expect(await content(at)).toBe(AFTER);
  expect(await run(at, undo(at))).toMatchObject({ outcome: 'done' });
  expect(await content(at)).toBe(BEFORE);
  expect(await readdir(at.workspace)).toEqual(['app.yaml']);
});

test.each(['before-commit', 'after-commit'] as const)(
  'the file is restored when the worker dies %s',
  async (fault) => {
    const at = await place();
    await run(at, jobOf(at));
    await killedAt(at, undo(at), fault);
    expect(await run(at, undo(at), 2)).toMatchObject({ outcome: 'done' });
    expect(await content(at)).toBe(BEFORE);
    expect(await readdir(at.workspace)).toEqual(['app.yaml']);
  },
);

test('an edit by somebody at the moment of the kill is not overwritten: a person is asked', async () => {
  const at = await place();
  await killedAt(at, jobOf(at), 'after-journal-row');
  await writeFile(join(at.workspace, 'app.yaml'), `${BEFORE}theirs: 1\n`);
  expect(await run(at, jobOf(at), 2)).toMatchObject({ outcome: 'unknown' });
  expect(await content(at)).toBe(`${BEFORE}theirs: 1\n`);
});
