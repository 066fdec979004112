/** What commands see of the environment that their worker runs in. */
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { phase, step, strategy } from '../support/strategies.js';
import { openWorld, type World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  world = await openWorld(inject('engine'));
});
afterAll(() => world.close());

test('the commands see the allow-list, the variables of the bindings and who calls, and nothing else of the worker', async () => {
  process.env.NOT_FOR_COMMANDS = 'a variable of the worker';
  const run = await world.start(
    strategy([
      phase('PHASE-1', 1, [
        step('STEP-1', 1, { commands: ['$ env | cut -d= -f1 | sort >> $LEDGER'], undo: null }),
      ]),
    ]),
  );
  await run.end();
  const allowed = [
    'PATH',
    'HOME',
    'USER',
    'LANG',
    'TZ',
    'TERM',
    'TMPDIR',
    'SHELL',
    'PWD',
    'OLDPWD',
    '_',
    'SHLVL',
    'LEDGER',
  ];
  const seen = run.ledger();
  expect(seen).toEqual(
    expect.arrayContaining([
      'LEDGER',
      'PATH',
      'SLUICE_ATTEMPT',
      'SLUICE_PURPOSE',
      'SLUICE_RUN',
      'SLUICE_STEP',
    ]),
  );
  expect(
    seen.filter(
      (name) => !allowed.includes(name) && !/^(?:LC_|SLUICE_(?:RUN|STEP|PURPOSE|ATTEMPT)$)/.test(name),
    ),
  ).toEqual([]);
});
