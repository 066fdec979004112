/** Settings of a real Postgres are changed exactly once, read back, and restored to exactly what was there. */
import { beforeEach, expect, test } from 'vitest';
import type { EffectJob } from '../../../activities/contract.js';
import { runEffect } from '../../../activities/effects/index.js';
import type { DatabaseSetting, SettingAction } from '../../../strategy/plan.js';
import { attempt, KEY, runIn } from '../support.js';
import { killedAt } from './killed.js';
import { openSqlPlace } from './sql-place.js';

const here = openSqlPlace();

const ROLE: DatabaseSetting = {
  store: 'database',
  connection: 'shop',
  setting: 'work_mem',
  scope: 'role',
  role: 'app',
};
const ONLY = { do: 'set', value: '64MB', expected: null } as const;

beforeEach(async () => {
  await here.ask('drop role if exists app; create role app');
  return async () => {
    await here.ask('alter system reset all');
    await here.ask('alter database postgres reset all');
    await here.ask('select pg_reload_conf()');
  };
});

function job(
  target: Partial<DatabaseSetting>,
  change: SettingAction['change'] = ONLY,
  more: Partial<EffectJob['key']> = {},
): EffectJob<SettingAction> {
  const action: SettingAction = { kind: 'setting', item: 'CONF-1', target: { ...ROLE, ...target }, change };
  return { context: here.place().context, key: { ...KEY, ...more }, action, timeoutMs: 60_000 };
}

const undo = (target: Partial<DatabaseSetting>) => job(target, { do: 'restore' }, { purpose: 'undo' });
const run = (one: EffectJob<SettingAction>, number = 1) =>
  runIn(attempt(number), () => runEffect(here.place().clients, one));

/** What is stored for roles and databases, as "role: settings". */
async function stored(): Promise<readonly unknown[]> {
  const rows = await here.ask(
    "select setrole::regrole::text || ': ' || array_to_string(setconfig, '; ') as line from pg_db_role_setting order by 1",
  );
  return rows.map(({ line }) => line);
}

test.each<[string, Partial<DatabaseSetting>, string]>([
  ['of a role', {}, 'app: work_mem=64MB'],
  ['of the database', { scope: 'database', role: null }, '-: work_mem=64MB'],
  ['of a role in the database', { scope: 'database' }, 'app: work_mem=64MB'],
])('a setting %s that was not set is set, and not set after the undo', async (_, target, line) => {
  expect(await run(job(target))).toMatchObject({ outcome: 'done' });
  expect(await stored()).toEqual([line]);
  expect(await run(undo(target))).toMatchObject({ outcome: 'done' });
  expect(await stored()).toEqual([]);
});

test('a setting of the system is in force when the step is done, and as before after the undo', async () => {
  const target = { scope: 'system', role: null } as const;
  const shown = async () => (await here.ask('show work_mem'))[0]?.work_mem;
  expect(await run(job(target, { do: 'set', value: '65536kB', expected: '4096kB' }))).toMatchObject({
    outcome: 'done',
  });
  expect(await shown()).toBe('64MB');
  expect(await run(undo(target))).toMatchObject({ outcome: 'done' });
  expect(await shown()).toBe('4MB');
});

test('a value that the command line of the server overrides fails, and says where it comes from', async () => {
  const target = { scope: 'system', role: null, setting: 'fsync' } as const;
  const outcome = await run(job(target, { do: 'set', value: 'on', expected: 'off' }));
  expect(outcome).toMatchObject({ outcome: 'failed', cause: expect.stringContaining('its command line') });
  expect(await run(undo(target))).toMatchObject({ outcome: 'done' });
  expect(await here.ask("select 1 from pg_file_settings where name = 'fsync'")).toEqual([]);
});

test('a list of names is restored name by name', async () => {
  await here.ask('alter role app set search_path to "$user", shop, "old, odd"');
  const before = await stored();
  const target = { setting: 'search_path' };
  const change = { do: 'set', value: 'shop', expected: '"$user",shop,"old, odd"' } as const;
  expect(await run(job(target, change))).toMatchObject({ outcome: 'done' });
  expect(await stored()).toEqual(['app: search_path=shop']);
  expect(await run(undo(target))).toMatchObject({ outcome: 'done' });
  expect(await stored()).toEqual(before);
});

test('another value than the item expects fails, says what was found, and changes nothing', async () => {
  await here.ask("alter role app set work_mem to '8MB'");
  expect(await run(job({}, { do: 'set', value: '64MB', expected: '4MB' }))).toMatchObject({
    outcome: 'failed',
    cause:
      'CONF-1 is "8MB"; the item expects "4MB". Nothing was changed. Correct the setting, or the item\'s current_value, and retry.',
  });
  expect(await stored()).toEqual(['app: work_mem=8MB']);
});

test('a setting that has the new value is left alone, and so is it by the undo', async () => {
  await here.ask("alter role app set work_mem to '65536kB'");
  expect(await run(job({}))).toMatchObject({ outcome: 'done', output: expect.stringContaining('already') });
  expect(await run(undo({}))).toMatchObject({ outcome: 'done' });
  expect(await stored()).toEqual(['app: work_mem=65536kB']);
});

test('an item without new value takes the setting away', async () => {
  await here.ask("alter role app set work_mem to '8MB'");
  expect(await run(job({}, { do: 'remove', expected: '8192kB' }))).toMatchObject({ outcome: 'done' });
  expect(await stored()).toEqual([]);
  await run(undo({}));
  expect(await stored()).toEqual(['app: work_mem=8MB']);
});

test('an undo does not overwrite what somebody set meanwhile', async () => {
  await run(job({}));
  await here.ask("alter role app set work_mem to '9MB'");
  expect(await run(undo({}))).toMatchObject({
    outcome: 'failed',
    cause: expect.stringContaining('Somebody changed CONF-1 after the step'),
  });
  expect(await stored()).toEqual(['app: work_mem=9MB']);
});

test.each([
  ['a setting that does not exist', { setting: 'work_memory' }, 'has no setting "work_memory"'],
  ['a role that does not exist', { role: 'nobody' }, 'has no role "nobody"'],
])('%s fails, and says so', async (_, target, words) => {
  expect(await run(job(target))).toMatchObject({ outcome: 'failed', cause: expect.stringContaining(words) });
});

test('a value that the database refuses fails with its words', async () => {
  const outcome = await run(job({}, { do: 'set', value: 'plenty', expected: null }));
  expect(outcome).toMatchObject({ outcome: 'failed', cause: expect.stringContaining('invalid value') });
  expect(await stored()).toEqual([]);
});

test('a database that does not answer changes nothing, and the message says what to do', async () => {
  await here.connect('postgres://postgres@127.0.0.1:1/postgres');
  expect(await run(job({}))).toMatchObject({
    outcome: 'failed',
    cause: expect.stringMatching(
      /Nothing was changed\. Start it again or correct the bindings, and retry\.$/,
    ),
  });
});

test.each([
  'before-job-folder',
  'before-journal-row',
  'after-journal-row',
  'before-commit',
  'after-commit',
  'before-return',
] as const)('the setting is changed once and restored when the worker dies %s', async (fault) => {
  await here.ask("alter role app set work_mem to '8MB'");
  const change = job({}, { do: 'set', value: '64MB', expected: '8MB' });
  await killedAt(here.place(), change, fault);
  expect(await run(change, 2)).toMatchObject({ outcome: 'done' });
  expect(await stored()).toEqual(['app: work_mem=64MB']);
  expect(await run(undo({}))).toMatchObject({ outcome: 'done' });
  expect(await stored()).toEqual(['app: work_mem=8MB']);
});

test.each(['before-commit', 'after-commit'] as const)(
  'the setting is restored when the worker dies %s of the undo',
  async (fault) => {
    await run(job({}));
    await killedAt(here.place(), undo({}), fault);
    expect(await run(undo({}), 2)).toMatchObject({ outcome: 'done' });
    expect(await stored()).toEqual([]);
  },
);

test('a change by somebody at the moment of the kill is not overwritten: a person is asked', async () => {
  await killedAt(here.place(), job({}), 'after-journal-row');
  await here.ask("alter role app set work_mem to '9MB'");
  expect(await run(job({}), 2)).toMatchObject({ outcome: 'unknown' });
  expect(await stored()).toEqual(['app: work_mem=9MB']);
});
