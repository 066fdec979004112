/** A step carries out the items of other sections: what they do, what must hold, and how they are undone. */
import { describe, expect, test } from 'vitest';
import bindingsSchema from '../../schemas/migration-bindings.schema.json' with { type: 'json' };
import strategySchema from '../../schemas/migration-strategy.schema.json' with { type: 'json' };
import { renderPlan } from '../../strategy/render/plan.js';
import { strictly } from '../../strategy/strict.js';
import { compileText, type Given, planOf, stepOf, strategyOf, troubles } from './support/compile-text.js';

const CONF = `configuration_migration:
  configuration_changes:
    - config_id: CONF-1
      name: Discounts
      current_value: "false"
      new_value: "true"
      change_impact: { affected_components: [cart], requires_restart: true }
      rollback: { previous_value: "false" }`;
const TARGET =
  'items: { CONF-1: { file: app.yaml, path: discount.enabled, restart: "./restart", health: "$ ./ok" } }';
const USES = 'responsible_party: Ops\nx-uses: CONF-1';

function given(fields: string, beside: string, more: Omit<Partial<Given>, 'strategy'> = {}): Given {
  return { ...more, strategy: strategyOf(stepOf('A', 1, fields, 'configuration'), beside) };
}

function stepFrom(fields: string, beside: string, more: Omit<Partial<Given>, 'strategy'> = {}) {
  const step = planOf(given(fields, beside, more)).phases[0]?.steps[0];
  if (step === undefined) throw new Error('the plan has no step');
  return step;
}

const setting = {
  kind: 'config-file',
  item: 'CONF-1',
  file: 'app.yaml',
  format: 'yaml',
  path: ['discount', 'enabled'],
};
const restart = { kind: 'command', text: './restart' };

test('a setting is changed after the own commands, restarted, checked, and undone before them', () => {
  const own = 'execution_details: { commands: [date] }\nrollback_procedure: { rollback_steps: ["$ undate"] }';
  const step = stepFrom(`${USES}\n${own}`, CONF, { bindings: TARGET });
  expect(step.actions).toEqual([
    { kind: 'command', text: 'date' },
    { ...setting, change: { do: 'set', value: 'true', expected: 'false' } },
    restart,
  ]);
  expect(step.checks).toMatchObject([{ text: '$ ./ok', probe: { how: 'command' } }]);
  expect(step.undo).toMatchObject({
    kind: 'actions',
    actions: [{ ...setting, change: { do: 'restore' } }, restart, { kind: 'command', text: 'undate' }],
    checks: [{ text: '$ ./ok' }],
  });
});

test('an item without a known place is asked of the responsible party, with its text', () => {
  const { actions, undo, responsible } = stepFrom(USES, CONF);
  expect(responsible).toBe('Ops');
  expect(actions).toMatchObject([{ kind: 'manual', items: expect.arrayContaining(['new_value: true']) }]);
  expect(undo).toEqual({ kind: 'none' });
});

test('the plan shows every field of an item', () => {
  const text = renderPlan(planOf(given(USES, CONF, { bindings: TARGET })));
  expect(text).toContain('uses     configuration change CONF-1');
  expect(text).toContain('change_impact.affected_components: cart');
  expect(text).toContain('configuration CONF-1: set discount.enabled from false to true in app.yaml');
});

test.each([
  ['adds', 'new_value: "5"', { do: 'set', value: '5', expected: null }],
  ['removes', 'current_value: "5"', { do: 'remove', expected: '5' }],
])('an item %s a setting', (_, fields, change) => {
  const beside = `configuration_migration: { configuration_changes: [{ config_id: CONF-1, ${fields} }] }`;
  expect(stepFrom(USES, beside, { bindings: TARGET }).actions).toEqual([{ ...setting, change }]);
});

describe('a setting that is not in a file', () => {
  const change = { do: 'set', value: 'true', expected: 'false' };
  const FILELESS = CONF.replace('requires_restart: true', 'requires_restart: false');
  const actionWith = (bindings: string, connections = '') =>
    stepFrom(USES, FILELESS, { bindings: `${connections}\n${bindings}` }).actions[0];

  test.each([
    ['', { scope: 'database', role: null }],
    [', role: app', { scope: 'role', role: 'app' }],
    [', role: app, scope: database', { scope: 'database', role: 'app' }],
    [', scope: system', { scope: 'system', role: null }],
  ])('of a database%s', (more, target) => {
    const shop = 'connections: { shop: { postgres: "${env:SHOP}" } }';
    expect(actionWith(`items: { CONF-1: { database: shop, setting: jit${more} } }`, shop)).toEqual({
      kind: 'setting',
      item: 'CONF-1',
      target: { store: 'database', connection: 'shop', setting: 'jit', ...target },
      change,
    });
  });

  test.each([
    [
      '{ file: flags.json }',
      { kind: 'config-file', file: 'flags.json', format: 'flagd', path: ['discount'] },
    ],
    [
      '{ command: { get: "./get", set: "./set" } }',
      { target: { store: 'command', get: './get', set: './set' } },
    ],
    [
      '{ http: { url: "http://flags/discount", pointer: /on } }',
      {
        target: { store: 'http', url: 'http://flags/discount', pointer: '/on', method: 'PATCH', headers: {} },
      },
    ],
  ])('of a flag bound to %s', (flag, action) => {
    const bindings = `flags: { discount: ${flag} }\nitems: { CONF-1: { flag: discount } }`;
    expect(actionWith(bindings)).toMatchObject({ item: 'CONF-1', change, ...action });
  });

  test.each([
    ['100%', '0%'],
    ['ON', 'off'],
  ])('a flag that goes to %s is on for everybody', (value, current) => {
    const beside = `configuration_migration: { configuration_changes: [{ config_id: CONF-1, current_value: "${current}", new_value: "${value}" }] }`;
    const bindings = 'flags: { discount: { file: f.json } }\nitems: { CONF-1: { flag: discount } }';
    expect(stepFrom(USES, beside, { bindings }).actions).toMatchObject([{ change }]);
  });

  test.each([
    ['items: { CONF-1: { flag: discuont } }\nflags: { discount: { file: f.json } }', 'unknown-flag'],
    ['items: { CONF-1: { database: shop, setting: jit } }', 'unknown-connection'],
    [
      'items: { CONF-1: { database: shop, setting: jit, scope: role } }\nconnections: { shop: { postgres: "${env:SHOP}" } }',
      'bad-target',
    ],
  ])('check refuses %s', (bindings, code) => {
    const { problems } = compileText(given(USES, FILELESS, { bindings }));
    expect(problems).toMatchObject([{ code, severity: 'error' }]);
  });
});

describe('x-target', () => {
  const OWN = `${CONF}\n      x-target: { file: own.yaml, path: discount.enabled }`;

  test('says where a setting is in every environment', () => {
    expect(stepFrom(USES, OWN).actions[0]).toMatchObject({ kind: 'config-file', file: 'own.yaml' });
  });

  test('gives way to the bindings as a whole, which the coverage says', () => {
    const { plan, coverage } = compileText(given(USES, OWN, { bindings: TARGET }));
    expect(plan?.phases[0]?.steps[0]?.actions[0]).toMatchObject({ file: 'app.yaml' });
    const at = '/configuration_migration/configuration_changes/0/x-target';
    expect(coverage.sentences.find(({ pointer }) => pointer === at)).toMatchObject({
      kind: 'not-carried-out',
    });
  });

  test('knows the same places as the bindings', () => {
    const inStrategy = strategySchema.definitions.itemTarget.properties;
    expect(Object.keys(inStrategy)).toEqual(Object.keys(bindingsSchema.definitions.itemTarget.properties));
  });
});

test('an item moves a setting', () => {
  const beside =
    'configuration_migration: { configuration_changes: [{ config_id: CONF-1, current_value: a }] }';
  const bindings = 'items: { CONF-1: { file: app.toml, path: new.name, from: old.name } }';
  expect(stepFrom(USES, beside, { bindings }).actions).toMatchObject([
    { format: 'toml', path: ['new', 'name'], change: { do: 'move', from: ['old', 'name'], expected: 'a' } },
  ]);
});

test('an infrastructure change runs its commands, evaluates its validations, and runs its rollback', () => {
  const beside = `infrastructure_migration:
  infrastructure_changes:
    - change_id: INFRA-1
      migration_steps:
        - { step: Copy, command: "cp a b", validation: "$ test -f b" }
        - { step: Plug the cable }
      rollback: { can_rollback: true, rollback_procedure: "$ rm -f b" }`;
  const step = stepFrom('x-uses: [INFRA-1]', beside);
  expect(step.actions).toMatchObject([
    { kind: 'command', text: 'cp a b' },
    // Before the next step begins.
    { kind: 'observe', what: 'Copy', requirements: [{ text: '$ test -f b' }], soakMs: 0 },
    { kind: 'manual', items: ['Plug the cable'] },
  ]);
  expect(step.checks).toMatchObject([{ text: '$ test -f b', probe: { how: 'command' } }]);
  expect(step.undo).toMatchObject({ kind: 'actions', actions: [{ kind: 'command', text: 'rm -f b' }] });
  const never = stepFrom('x-uses: INFRA-1', beside.replace('can_rollback: true', 'can_rollback: false'));
  expect(never.undo).toEqual({ kind: 'impossible' });
});

test('who shares a resource agrees before it changes, and it is locked for other runs', () => {
  const beside = `infrastructure_migration:
  infrastructure_changes:
    - change_id: INFRA-1
      name: Redis main
      x-shared-with: [Payments, Search]
      migration_steps: [{ command: "cp a b" }]`;
  const plan = planOf(given('x-uses: INFRA-1', beside));
  expect(plan.phases[0]?.steps[0]?.conditions).toEqual(
    ['Payments', 'Search'].map((who) => ({
      text: `${who} agrees to the change of Redis main, which it uses as well`,
      probe: { how: 'person' },
    })),
  );
  expect(plan.locks).toEqual(['redis main']);
});

describe('an integration', () => {
  const PARTNER = `integration_migration:
  external_integrations:
    - integration_id: INT-1
      name: Payments
      migration_approach:
        method: cutover
        coordination_required: true
        coordination_plan: { external_party: PayCo, coordination_window: "Tuesday night", communication_plan: mail }
      testing: { validation_with_partner: true, test_environment: their sandbox }
      fallback: { fallback_to_old: true, fallback_procedure: "$ ./fall-back" }`;
  const own = 'execution_details: { commands: [date] }';

  test('with a partner begins when the partner agrees, and is checked with the partner', () => {
    const step = stepFrom('responsible_party: Ops\nx-uses: INT-1', PARTNER);
    expect(step.conditions).toEqual(
      [
        'PayCo agrees to the change',
        'PayCo was told: mail',
        'the window agreed with PayCo is open: Tuesday night',
      ].map((text) => ({ text, probe: { how: 'person' } })),
    );
    expect(step.actions).toEqual([{ kind: 'manual', items: ['Cut over to Payments'] }]);
    expect(step.checks).toEqual([
      { text: 'the result was validated with PayCo in their sandbox', probe: { how: 'person' } },
    ]);
  });

  test("is switched by the step's own commands, and falls back by its procedure", () => {
    const step = stepFrom(`x-uses: INT-1\n${own}`, PARTNER);
    expect(step.actions).toEqual([{ kind: 'command', text: 'date' }]);
    expect(step.undo).toMatchObject({
      actions: [
        { kind: 'command', text: './fall-back' },
        { kind: 'manual', items: ['Undo A, which has no undo of its own'] },
      ],
    });
  });

  test('without a fallback is a point of no return', () => {
    const never = PARTNER.replace('fallback_to_old: true', 'fallback_to_old: false');
    expect(stepFrom(`x-uses: INT-1\n${own}`, never).undo).toEqual({ kind: 'impossible' });
  });

  const MOVED = `metrics:
  mismatches: { unit: percent, command: ./mismatches }
  compared: { unit: count, command: ./compared }
traffic: { pay: { command: { set: ./set, get: ./get } } }
integrations:
  INT-1: { mismatch: "mismatches < 0.1%", comparisons: compared, minimum: 1000, during: 2h, traffic: pay, rollout: "10% for 1h, 100%" }`;
  const shift = (percent: number) => ({ kind: 'traffic', route: 'pay', change: { do: 'shift', percent } });

  test('runs in parallel under watch, moves by degrees, and gives the requests back before its fallback', () => {
    const parallel = PARTNER.replace('method: cutover', 'method: parallel_run');
    const step = stepFrom('responsible_party: Ops\nx-uses: INT-1', parallel, { bindings: MOVED });
    const enough = { metric: 'compared', count: 1000 };
    expect(step.actions).toMatchObject([
      { kind: 'manual', items: ['Begin the parallel run of Payments'] },
      {
        kind: 'observe',
        soakMs: 7_200_000,
        afterwards: [
          { text: 'the parallel run of INT-1 compared at least 1000 answers', probe: { enough } },
          { text: 'mismatches < 0.1%', probe: { metric: 'mismatches', enough } },
        ],
        conditions: [{ onFire: 'fail', probe: { metric: 'mismatches', inverted: true, enough } }],
      },
      shift(10),
      { kind: 'observe', soakMs: 3_600_000 },
      shift(100),
      { kind: 'observe' },
    ]);
    expect(step.undo).toMatchObject({
      actions: [
        { kind: 'traffic', route: 'pay', change: { do: 'restore' } },
        { kind: 'command', text: './fall-back' },
      ],
    });
  });

  test('needs nobody to move it when its route does', () => {
    const gradual = PARTNER.replace('method: cutover', 'method: gradual_migration');
    const bindings = MOVED.replace(
      'mismatch: "mismatches < 0.1%", comparisons: compared, minimum: 1000, during: 2h, ',
      '',
    );
    expect(stepFrom('x-uses: INT-1', gradual, { bindings }).actions[0]).toMatchObject(shift(10));
  });

  test.each([
    ['an unreadable mismatch', MOVED.replace('mismatches < 0.1%', 'few mismatches'), 'not-understood'],
    ['an unknown route', MOVED.replace('traffic: pay,', 'traffic: payments,'), 'unknown-route'],
    ['an unknown metric', MOVED.replace('comparisons: compared', 'comparisons: answers'), 'unknown-metric'],
  ])('is refused with %s', (_, bindings, code) => {
    const { problems } = compileText(given('x-uses: INT-1', PARTNER, { bindings }));
    expect(problems.map((problem) => problem.code)).toContain(code);
  });

  const HOUSE = `integration_migration:
  internal_integrations:
    - integration_id: INT-2
      migration_sequence: { order: [cart, "$ ./move checkout"], coordination_points: [Cart is on call] }
      contract_evolution: { old_contract: "http: GET http://cart/v1 -> 200", new_contract: v2 answers, transition_period: 2 hours }`;
  const bindings = 'checks: { v2 answers: { http: "GET http://cart/v2 -> 200" } }';

  test('of services moves them in their sequence, after the coordination points', () => {
    const step = stepFrom('x-uses: INT-2', HOUSE, { bindings });
    expect(step.conditions).toMatchObject([{ text: 'Cart is on call', probe: { how: 'person' } }]);
    expect(step.actions).toEqual([
      { kind: 'manual', items: ['cart'] },
      { kind: 'command', text: './move checkout' },
    ]);
  });

  test('watches both contracts to the end of the transition period, and fails when one breaks', () => {
    const step = stepFrom('x-uses: INT-2', HOUSE, { bindings });
    expect(step.checks).toMatchObject([
      { text: 'http: GET http://cart/v1 -> 200', probe: { how: 'http', url: 'http://cart/v1' } },
      { text: 'v2 answers', probe: { how: 'http', url: 'http://cart/v2' } },
    ]);
    expect(step.soakMs).toBe(7_200_000);
    const condition = { level: null, onFire: 'fail' };
    expect(step.watch?.conditions).toMatchObject([
      { ...condition, probe: { url: 'http://cart/v1', inverted: true } },
      { ...condition, probe: { url: 'http://cart/v2', inverted: true } },
    ]);
  });

  test('keeps a longer soak of its step', () => {
    expect(stepFrom('x-uses: INT-2\nx-soak: 3 days', HOUSE, { bindings }).soakMs).toBe(259_200_000);
  });

  test('asks whether the transition is over when its period is no duration', () => {
    const told = HOUSE.replace('2 hours', 'until the last client has moved');
    const step = stepFrom('x-uses: INT-2', told, { bindings });
    expect(step.soakMs).toBe(0);
    expect(step.checks.at(-1)).toEqual({
      text: 'the transition period is over: until the last client has moved',
      probe: { how: 'person' },
    });
  });
});

test('what has no undo of its own is undone by hand beside what has one', () => {
  const own = 'execution_details: { commands: [date] }';
  const { undo } = stepFrom(`${USES}\n${own}`, CONF, { bindings: TARGET });
  expect(undo).toMatchObject({
    actions: [
      { kind: 'config-file' },
      restart,
      { kind: 'manual', items: ['Undo A, which has no undo of its own'] },
    ],
  });
});

describe('check', () => {
  const problems = (fields: string, beside: string, more: Omit<Partial<Given>, 'strategy'> = {}) =>
    compileText(given(fields, beside, more)).problems;

  test('points out an item that no step uses, which is an error when strict', () => {
    const fields = 'execution_details: { commands: [date] }';
    const found = problems(fields, CONF);
    expect(found).toMatchObject([{ code: 'unused-item', severity: 'warning' }]);
    expect(strictly(found)).toMatchObject([{ severity: 'error' }]);
  });

  test('refuses an undo that would not restore what was there, and a file of unknown format', () => {
    const other = CONF.replace('previous_value: "false"', 'previous_value: "0"');
    expect(troubles(problems(USES, other, { bindings: TARGET }))).toEqual([
      'value-mismatch /configuration_migration/configuration_changes/0/rollback/previous_value',
    ]);
    const bindings = 'items: { CONF-1: { file: app.what, path: a } }';
    expect(problems(USES, CONF, { bindings })).toMatchObject([{ code: 'unknown-format' }]);
  });

  test('refuses an item that two steps use', () => {
    const steps = [stepOf('A', 1, USES), stepOf('B', 2, USES)].join('\n');
    const { problems: found } = compileText({ strategy: strategyOf(steps, CONF) });
    expect(found).toMatchObject([{ code: 'used-twice', pointer: '/migration_phases/0/steps/1/x-uses' }]);
  });

  test('names an entry under items that no used item has', () => {
    const { coverage } = compileText(given(USES, CONF, { bindings: TARGET.replace('CONF-1', 'CONF-9') }));
    expect(coverage.unusedBindings).toEqual(['items: CONF-9']);
  });
});
