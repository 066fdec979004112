/** A deployment step rolls out its artifacts by the commands and routes of the bindings, and takes the traffic back first. */
import { describe, expect, test } from 'vitest';
import { readChange } from '../../strategy/compile/items/file-changes.js';
import { renderPlan } from '../../strategy/render/plan.js';
import { compileText, type Given, planOf, stepOf, strategyOf } from './support/compile-text.js';

const BINDINGS = `
metrics:
  errors_new: { unit: percent, command: ./errors new }
  errors_old: { unit: percent, command: ./errors old }
  requests_new: { unit: count, command: ./requests }
  share: { unit: ratio, command: ./share }
services:
  cart-service: { deploy: ./deploy cart, remove: ./remove cart, health: "$ ./health cart", traffic: cart }
  discount-service: { deploy: ./deploy discount, remove: ./remove discount }
traffic:
  cart:
    nginx: { file: cart.conf, upstream: cart, stable: ["a:1"], candidate: ["b:1"], test: "nginx -t", reload: nginx -s reload }
    share: share
    analysis: { requests: requests new, minimum: 50, limits: ["errors_new > 2%"], ratios: { errors_new: { stable: errors_old, most: 1.5 } } }
`;

function codeOf(approach: string, plan: string): string {
  return `code_migration:
  deployment_strategy:
    approach: ${approach}
    steps:
      - step_id: DEPLOY-1
        artifacts_to_deploy: [registry/cart-service:2.0.0, discount-service]
        deployment_order: [discount-service, cart-service]
        ${plan === '' ? '' : `feature_flags: [{ flag_id: discount, rollout_plan: "${plan}" }]`}
        validation: { smoke_tests: ["$ ./smoke"] }`;
}

function given(approach: string, plan: string, bindings = BINDINGS): Given {
  const step = stepOf('A', 1, 'responsible_party: Ops\nx-uses: DEPLOY-1', 'code_deployment');
  return { strategy: strategyOf(step, codeOf(approach, plan)), bindings };
}

function stepFrom(...args: Parameters<typeof given>) {
  const step = planOf(given(...args)).phases[0]?.steps[0];
  if (step === undefined) throw new Error('the plan has no step');
  return step;
}

const command = (text: string) => ({ kind: 'command', text });
const shift = (percent: number) => ({ kind: 'traffic', route: 'cart', change: { do: 'shift', percent } });

test('a canary deploys in order, and gives traffic in the stages of its rollout plan', () => {
  const { actions, undo } = stepFrom('canary', '5% for 24h, 100%');
  expect(actions).toMatchObject([
    command('./deploy discount'),
    command('./deploy cart'),
    { kind: 'observe', soakMs: 0, requirements: [{ text: '$ ./health cart' }, { text: '$ ./smoke' }] },
    shift(5),
    { kind: 'observe', soakMs: 86_400_000 },
    shift(100),
    { kind: 'observe', soakMs: 300_000 },
  ]);
  expect(undo).toMatchObject({
    kind: 'actions',
    actions: [
      { kind: 'traffic', route: 'cart', change: { do: 'restore' } },
      command('./remove cart'),
      command('./remove discount'),
    ],
  });
});

test('a stage is compared with its limits and with the stable side, and says nothing on too few requests', () => {
  const stage = stepFrom('canary', '5% for 24h').actions.at(-1);
  const enough = { metric: 'requests_new', count: 50 };
  expect(stage).toMatchObject({
    conditions: [
      { text: 'errors_new > 2%', onFire: 'fail', probe: { metric: 'errors_new', enough } },
      {
        text: 'errors_new > 1.5 x errors_old',
        onFire: 'fail',
        probe: { comparison: { threshold: { kind: 'metric', metric: 'errors_old', factor: 1.5 } }, enough },
      },
    ],
    afterwards: [
      { probe: { metric: 'requests_new', enough } },
      {
        probe: {
          how: 'all',
          of: [
            { metric: 'share', comparison: { operator: '>=', threshold: { value: 0 } } },
            { metric: 'share', comparison: { operator: '<=', threshold: { value: 0.1 } } },
          ],
        },
      },
    ],
  });
});

test('blue-green switches all at once, and is observed as well', () => {
  expect(stepFrom('blue_green', '').actions.slice(3)).toMatchObject([
    shift(100),
    { kind: 'observe', soakMs: 300_000 },
  ]);
});

test('a rollout plan that no machine reads is asked of a person, with its words', () => {
  const { actions, undo } = stepFrom('canary', '5% until we feel well');
  expect(actions.filter(({ kind }) => kind === 'traffic')).toEqual([]);
  expect(actions.at(-1)).toEqual({ kind: 'manual', items: ['5% until we feel well'] });
  expect(undo).toMatchObject({
    actions: [
      { kind: 'manual', items: ['Take back: 5% until we feel well'] },
      command('./remove cart'),
      command('./remove discount'),
    ],
  });
});

test('what no service is bound for is asked of a person', () => {
  const bindings = 'services: { discount-service: { deploy: ./deploy } }';
  const { actions, undo } = stepFrom('rolling', '', bindings);
  expect(actions).toMatchObject([
    command('./deploy'),
    { kind: 'manual', items: ['Deploy registry/cart-service:2.0.0'] },
  ]);
  expect(undo).toMatchObject({
    actions: [
      { kind: 'manual', items: ['Remove the new version of cart-service'] },
      { kind: 'manual', items: ['Remove the new version of discount-service'] },
    ],
  });
  expect(stepFrom('rolling', '', '{}').actions).toMatchObject([{ kind: 'manual' }]);
});

test('the plan shows the stages, what is watched in them, and the way back', () => {
  const text = renderPlan(planOf(given('canary', '5% for 24h, 100%')));
  expect(text).toContain('traffic cart: 5% to the new version, through nginx (cart.conf)');
  expect(text).toContain('observe cart at 5% for 1 day');
  expect(text).toContain('must not hold: errors_new > 1.5 x errors_old');
  expect(text).toContain('traffic cart: as it was before the step');
});

test.each([
  ['an unbound metric', BINDINGS.replace('share: share', 'share: portion'), 'portion'],
  [
    'an unreadable limit',
    BINDINGS.replace('errors_new > 2%', 'many errors'),
    'no machine reads the limit "many errors"',
  ],
  ['an unknown route', BINDINGS.replace('traffic: cart', 'traffic: carts'), 'which is not bound'],
  [
    'a secret in a command',
    BINDINGS.replace('"nginx -t"', '"nginx -t ${env:X}"'),
    'not expanded in a command',
  ],
  [
    'a health check that no machine evaluates',
    BINDINGS.replace('"$ ./health cart"', 'It feels well'),
    'no machine evaluates',
  ],
])('%s is refused', (_, bindings, message) => {
  const { problems } = compileText(given('canary', '5%', bindings));
  expect(problems.map((problem) => problem.message).join('\n')).toContain(message);
});

test('a flag is set before the first artifact, raised by its rollout plan, and restored before anything else', () => {
  const bindings = `${BINDINGS}  discount: { flag: discount, analysis: { limits: ["errors_new > 2%"] } }
flags: { discount: { file: flags.json } }`;
  const strategy = given('feature_flag', '5% for 24h, 100%').strategy.replace(
    'flag_id: discount,',
    'flag_id: discount, initial_state: false,',
  );
  const step = planOf({ strategy, bindings }).phases[0]?.steps[0];
  const source = { kind: 'flagd', file: 'flags.json', flag: 'discount' };
  const flag = (percent: number) => ({ kind: 'traffic', source, change: { do: 'shift', percent } });
  const requirements = [{ text: '$ ./health cart' }, { text: '$ ./smoke' }];
  const conditions = [{ text: 'errors_new > 2%', onFire: 'fail' }];
  expect(step?.actions).toMatchObject([
    flag(0),
    command('./deploy discount'),
    command('./deploy cart'),
    { kind: 'observe', soakMs: 0 },
    flag(5),
    { kind: 'observe', soakMs: 86_400_000, requirements, conditions },
    flag(100),
    { kind: 'observe', soakMs: 300_000, requirements, conditions },
  ]);
  expect(step?.undo).toMatchObject({
    actions: [
      { kind: 'traffic', source, change: { do: 'restore' } },
      command('./remove cart'),
      command('./remove discount'),
    ],
  });
});

describe('instances', () => {
  const ROLLING = BINDINGS.replace(
    'deploy: ./deploy cart, remove: ./remove cart, health: "$ ./health cart"',
    'instances: [a, b, c], batch: 2, deploy: "./deploy {instance}", remove: "./remove {instance}", health: "http: GET http://{instance}/ok -> 200"',
  );

  test('are deployed in batches, each checked and given its share, and all undone after the traffic', () => {
    const { actions, undo } = stepFrom('rolling', '', ROLLING);
    const health = (name: string) => ({ text: `http: GET http://${name}/ok -> 200` });
    const smoke = { text: '$ ./smoke' };
    expect(actions.slice(1)).toMatchObject([
      command('./deploy a'),
      command('./deploy b'),
      {
        kind: 'observe',
        what: 'cart-service, 2 of 3 instances',
        requirements: [health('a'), health('b'), smoke],
      },
      shift(67),
      { kind: 'observe', soakMs: 300_000, requirements: [health('a'), health('b'), smoke] },
      command('./deploy c'),
      { kind: 'observe', what: 'cart-service, 3 of 3 instances', requirements: [health('c'), smoke] },
      shift(100),
      { kind: 'observe', soakMs: 300_000 },
    ]);
    expect(undo).toMatchObject({
      actions: [
        { kind: 'traffic', change: { do: 'restore' } },
        ...['c', 'b', 'a'].map((name) => command(`./remove ${name}`)),
        command('./remove discount'),
      ],
    });
  });

  test('are a batch each when there are fewer than ten, unless the bindings say it', () => {
    const { actions } = stepFrom('rolling', '', ROLLING.replace('batch: 2, ', ''));
    expect(actions.filter(({ kind }) => kind === 'traffic')).toMatchObject([
      shift(33),
      shift(67),
      shift(100),
    ]);
  });

  test('are deployed together by the other approaches', () => {
    const { actions } = stepFrom('blue_green', '', ROLLING);
    expect(actions.slice(1, 6)).toMatchObject([
      command('./deploy a'),
      command('./deploy b'),
      command('./deploy c'),
      { kind: 'observe', soakMs: 0 },
      shift(100),
    ]);
  });

  test('are missed where a line names one', () => {
    const { problems } = compileText(
      given('rolling', '', ROLLING.replace('instances: [a, b, c], batch: 2, ', '')),
    );
    expect(problems[0]).toMatchObject({ code: 'bad-service' });
  });
});

describe('settings of a deployment step', () => {
  const code = (changes: readonly string[]): string =>
    codeOf('rolling', '').replace(
      'validation:',
      `configuration_changes: [{ config_file: cart, changes: ${JSON.stringify(changes)}, validation: "$ ./valid" }]
        validation:`,
    );
  const items = `items:
  discount.enabled: { file: config/app.yaml, path: discount.enabled }
  "cart: URL": { env: .env, name: DISCOUNT_URL }
`;
  const compiled = (changes: readonly string[]) => {
    const step = stepOf('A', 1, 'responsible_party: Ops\nx-uses: DEPLOY-1', 'code_deployment');
    return compileText({ strategy: strategyOf(step, code(changes)), bindings: `${BINDINGS}${items}` });
  };

  test('are changed where the bindings say that they are, put back last, and validated; others are made by hand', () => {
    const { plan } = compiled(['discount.enabled: false -> true', 'URL="https://x"', 'Raise the limits']);
    const step = plan?.phases[0]?.steps[0];
    const file = { kind: 'config-file', file: 'config/app.yaml', path: ['discount', 'enabled'] };
    const env = { kind: 'config-file', file: '.env', path: ['DISCOUNT_URL'] };
    expect(step?.actions.slice(0, 3)).toMatchObject([
      { ...file, change: { do: 'set', value: 'true', expected: 'false' } },
      { ...env, change: { do: 'set', value: 'https://x', expected: null } },
      { kind: 'manual', items: ['cart: Raise the limits'] },
    ]);
    const undo = step?.undo.kind === 'actions' ? step.undo.actions : [];
    expect(undo.slice(-2)).toMatchObject([
      { ...env, change: { do: 'restore' } },
      { ...file, change: { do: 'restore' } },
    ]);
    expect(step?.checks.map(({ text }) => text)).toContain('$ ./valid');
  });

  test.each([
    ['NAME=a', { name: 'NAME', change: { do: 'set', value: 'a', expected: null } }],
    ['Set pool.size to 20', { name: 'pool.size', change: { do: 'set', value: '20', expected: null } }],
    [
      'Change pool.size from 10 -> 20',
      { name: 'pool.size', change: { do: 'set', value: '20', expected: '10' } },
    ],
    ['remove NAME=a', { name: 'NAME', change: { do: 'remove', expected: 'a' } }],
    ['remove NAME', null],
    ['Raise the limits', null],
    ['a: 1 -> 2 -> 3', null],
  ])('"%s" says %o', (text, read) => {
    expect(readChange(text)).toEqual(read);
  });

  test('that are bound, and say nothing of what to change, are an error', () => {
    const { problems } = compileText({
      strategy: strategyOf(
        stepOf('A', 1, 'responsible_party: Ops\nx-uses: DEPLOY-1', 'code_deployment'),
        code(['Raise the limits']),
      ),
      bindings: `${BINDINGS}items: { Raise the limits: { env: .env, name: LIMIT } }\n`,
    });
    expect(problems).toMatchObject([{ code: 'unclear-change', severity: 'error' }]);
  });
});
