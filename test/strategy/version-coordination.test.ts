/** Services are deployed over the shortest way of their versions, in the agreed sequence, after what was agreed. */
import { describe, expect, test } from 'vitest';
import { compareVersions, mayBreak } from '../../strategy/sentence/version.js';
import { compileText, planOf, stepOf, strategyOf } from './support/compile-text.js';

const BINDINGS = `
services:
  cart: { deploy: "./deploy cart {version}", remove: "./undo cart {previous}", version: ./installed cart }
  discount: { deploy: ./deploy discount, remove: ./undo discount }
`;

const PLAN = `
parallel_deployment: false
deployment_sequence: [discount, Tell the desk, cart]
coordination_points: [The API of cart is published, Everybody is on call]`;

interface Told {
  readonly services?: string;
  readonly plan?: string;
  readonly approach?: string;
  /** The artifacts of one deployment step each, used by a step each. */
  readonly items?: readonly string[];
  readonly bindings?: string;
}

function given({
  services = '',
  plan = '{}',
  approach = 'blue_green',
  items = ['[cart]'],
  bindings = BINDINGS,
}: Told) {
  const steps = items.map((_, index) =>
    stepOf(`S-${index}`, index + 1, `responsible_party: Ops\nx-uses: D-${index}`, 'code_deployment'),
  );
  const beside = `code_migration:
  deployment_strategy:
    approach: ${approach}
    steps:
${items.map((artifacts, index) => `      - { step_id: D-${index}, artifacts_to_deploy: ${artifacts} }`).join('\n')}
  version_coordination:
    services: [${services}]
    coordination_plan: ${plan.replaceAll('\n', '\n      ')}`;
  return { strategy: strategyOf(steps.join('\n'), beside), bindings };
}

const hop = (from: string, to: string, mode = 'backward_compatible') =>
  `{ service_name: cart, current_version: "${from}", target_version: "${to}", compatibility_mode: ${mode} }`;

function stepsOf(told: Told) {
  return planOf(given(told)).phases.flatMap(({ steps }) => steps);
}

function commandsOf(actions: readonly { readonly kind: string }[]) {
  return actions.flatMap((action) => ('text' in action ? [action.text] : []));
}

function codesOf(told: Told) {
  return compileText(given(told)).problems.map(({ code }) => code);
}

test('a service goes the shortest way, prefers the hops that need nobody, and goes back over the same versions', () => {
  const services = [
    hop('1.0', '1.1'),
    hop('1.1', '1.10.0'),
    hop('1.0.0', '1.9', 'requires_coordination'),
    hop('v1.9', '1.10', 'requires_coordination'),
    hop('1.0', '1.5'),
    hop('1.5', '1.6'),
    hop('1.6', '1.10'),
  ].join(', ');
  const [step] = stepsOf({ services });
  expect(commandsOf(step?.actions ?? [])).toEqual(['./deploy cart 1.1', './deploy cart 1.10.0']);
  expect(step?.undo.kind === 'actions' && commandsOf(step.undo.actions)).toEqual([
    './undo cart 1.1',
    './undo cart 1.0',
  ]);
  expect(step?.actions[0]).toMatchObject({
    kind: 'observe',
    requirements: [{ text: 'cart has version 1.0', probe: { how: 'command', args: ['1.0'] } }],
  });
  const { coverage } = compileText(given({ services }));
  expect(coverage.sentences.filter(({ how }) => how === 'not on the shortest way')).toHaveLength(5);
});

test('a way may be divided among steps, in its order', () => {
  const services = [hop('1.0.0', '1.5.0'), hop('1.5.0', '2.0.0', 'requires_coordination')].join(', ');
  const steps = stepsOf({ services, items: ['["cart:1.5.0"]', '["cart:2.0.0"]'] });
  expect(steps.map(({ actions }) => commandsOf(actions))).toEqual([
    ['./deploy cart 1.5.0'],
    ['./deploy cart 2.0.0'],
  ]);
  expect(steps.map(({ conditions }) => conditions.map(({ text }) => text))).toEqual([
    [],
    ['everybody who uses cart agrees to its version 2.0.0'],
  ]);
  expect(codesOf({ services, items: ['["cart:2.0.0"]', '["cart:1.5.0"]'] })).toContain('sequence-mismatch');
});

test('points are confirmed once, before the first service that they name', () => {
  const services = hop('1.0.0', '1.1.0');
  const steps = stepsOf({ services, plan: PLAN, items: ['[discount]', '["cart:1.1.0"]'] });
  expect(steps.map(({ conditions }) => conditions.map(({ text }) => text))).toEqual([
    ['Everybody is on call', 'Tell the desk'],
    ['The API of cart is published'],
  ]);
});

test('the sequence orders the artifacts of one step, and refuses another order of steps', () => {
  const [step] = stepsOf({
    plan: PLAN,
    items: ['["cart:1.1.0", discount]'],
    bindings: BINDINGS.replace(' {previous}', ''),
  });
  expect(commandsOf(step?.actions ?? [])).toEqual(['./deploy discount', './deploy cart 1.1.0']);
  const wrong = {
    plan: PLAN,
    items: ['["cart:1.1.0"]', '[discount]'],
    bindings: BINDINGS.replace(' {previous}', ''),
  };
  expect(codesOf(wrong)).toEqual(expect.arrayContaining(['sequence-mismatch']));
  expect(codesOf({ ...wrong, plan: PLAN.replace('false', 'true') })).not.toContain('sequence-mismatch');
});

describe('check refuses', () => {
  test.each([
    [
      'breaking-in-stages',
      'a breaking version in batches',
      {
        services: hop('1.0.0', '2.0.0', 'breaking'),
        approach: 'rolling',
        bindings: BINDINGS.replace(
          'version: ./installed cart',
          'instances: [a, b], version: "./installed {instance}"',
        ).replace('cart {version}', '{instance} {version}'),
      },
    ],
    [
      'no-version-path',
      'hops with a hole',
      { services: [hop('1.0.0', '1.1.0'), hop('1.2.0', '2.0.0')].join(', ') },
    ],
    [
      'version-mismatch',
      'an artifact of another version',
      { services: hop('1.0.0', '1.1.0'), items: ['["cart:1.2.0"]'] },
    ],
    ['bad-service', 'a version that nobody says', {}],
    ['bad-service', 'a version that a shell would read', { services: hop('1.0.0', '1;date') }],
  ])('%s: %s', (code, _, told: Told) => {
    expect(codesOf(told)).toContain(code);
  });

  test('and warns of a major version that is said to break nothing', () => {
    const { problems } = compileText(given({ services: hop('1.0.0', '2.0.0') }));
    expect(problems).toMatchObject([{ code: 'version-mismatch', severity: 'warning' }]);
  });
});

test('versions compare as Semantic Versioning says', () => {
  const ascending = [
    '1.0.0-alpha',
    '1.0.0-alpha.1',
    '1.0.0-alpha.beta',
    '1.0.0-beta.2',
    '1.0.0-beta.11',
    '1.0.0-rc.1',
    '1.0.0',
    'v1.2',
    '1.10.0',
    '2.0.0+build.7',
  ];
  expect(ascending.toReversed().toSorted((one, other) => compareVersions(one, other) ?? Number.NaN)).toEqual(
    ascending,
  );
  expect(compareVersions('1.0.0', 'Java 17')).toBeNull();
  expect([mayBreak('1.9.0', '2.0.0'), mayBreak('0.9.0', '1.0.0'), mayBreak('1.0.0', '1.9.0')]).toEqual([
    true,
    false,
    false,
  ]);
});
