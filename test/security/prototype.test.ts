/** Names that mean something to JavaScript are names like any others, or refused; none reaches a prototype. */
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { compileText, stepOf, strategyOf } from '../strategy/support/compile-text.js';
import { gate, phase, step, strategy } from '../support/strategies.js';
import { openWorld, type World } from '../support/world.js';

const INHERITED = [
  'toString',
  'hasOwnProperty',
  'valueOf',
  'isPrototypeOf',
  '__defineGetter__',
  'toLocaleString',
];

let world: World;

beforeAll(async () => {
  world = await openWorld(inject('engine'));
});

afterAll(() => world.close());

test.each(INHERITED)('nothing that is called "%s" is found where nobody put it', (name) => {
  const { plan, problems } = compileText({
    strategy: strategyOf(
      stepOf(
        'S',
        1,
        `x-connection: ${name}\nexecution_details: { commands: ["sql: select 1"] }\nvalidation: { validation_checks: ["${name} < 1", "${name}", "dataset: ${name}"] }`,
      ),
    ),
    bindings: 'connections: { db: { postgres: "${env:DB}" } }',
  });
  expect(plan).toBeNull();
  expect(problems.map(({ code }) => code)).toEqual(
    expect.arrayContaining(['unknown-connection', 'unknown-dataset']),
  );
});

test.each(['__proto__', 'constructor', 'prototype'])(
  'a key "%s" is refused in bindings as well',
  async (name) => {
    const bindings = { metrics: JSON.parse(`{"${name}": {"command": "true"}}`) as object };
    await expect(world.start(strategy([phase('P', 1, [step('S', 1)])]), { bindings })).rejects.toThrow(
      'not allowed anywhere',
    );
  },
);

test('a run whose ids, roles, metrics and voters are such names is carried out like any other', async () => {
  const [role = '', metric = '', variable = '', voter = ''] = INHERITED;
  const sketch = { commands: [`$ test "$${variable}" = seen`], undo: null };
  const steps = [step('__proto__', 1, sketch), step('constructor', 2, sketch)];
  const run = await world.start(
    strategy([
      phase(
        'prototype',
        1,
        steps,
        gate('toString', { criteria: [`${metric} < 5`], approval_required: true, approvers: [role] }),
      ),
    ]),
    {
      bindings: {
        roles: { [role]: { members: [voter, '__proto__'] } },
        metrics: { [metric]: { command: 'echo 3' } },
        environment: { [variable]: 'seen' },
      },
      id: 'constructor-run',
    },
  );
  await run.asked('approval:toString');
  await expect(
    run.sluice.decide(run.id, { decision: 'approval:toString', option: 'approve', by: 'stranger' }),
  ).rejects.toThrow();
  await expect(
    run.sluice.decide(run.id, { decision: '__proto__', option: 'approve', by: voter }),
  ).rejects.toThrow();
  await run.answer('approval:toString', 'approve', voter);
  expect((await run.end()).applied).toEqual(['__proto__', 'constructor']);
  expect(Object.keys(Object.prototype)).toEqual([]);
});
