/** What else is rolled out than a canary: versions one after the other, instances in batches, an integration in parallel. */
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { phase, step, strategy } from '../support/strategies.js';
import { openWorld, type World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  world = await openWorld(inject('engine'));
});
afterAll(() => world.close());

const using = (id: string, order: number, commands: readonly string[] = []) =>
  step(id, order, { commands, undo: null, more: { 'x-uses': `ITEM-${id}` } });

const deployment = (approach: string, artifact: string, coordination: object = {}) => ({
  code_migration: {
    deployment_strategy: {
      approach,
      steps: [{ step_id: 'ITEM-A', artifacts_to_deploy: [artifact] }],
    },
    ...coordination,
  },
});
const failing = step('X', 2, { commands: ['exit 1'], undo: ['true'] });

it('a service goes over its versions one by one, each read back, and the same way back', async () => {
  const hop = (current_version: string, target_version: string) => ({
    service_name: 'cart',
    current_version,
    target_version,
    compatibility_mode: 'backward_compatible',
  });
  const run = await world.start(
    strategy(
      [phase('P', 1, [using('A', 1), failing])],
      deployment('blue_green', 'cart', {
        version_coordination: { services: [hop('1.0', '1.5'), hop('1.5', '2.0')] },
      }),
    ),
    {
      files: { installed: '1.0' },
      bindings: {
        services: {
          cart: {
            deploy: 'echo {version} > installed; echo deploy {version} >> $LEDGER',
            remove: 'echo {previous} > installed; echo back to {previous} >> $LEDGER',
            version: 'cat installed',
          },
        },
      },
      onFailure: 'full',
    },
  );
  expect(await run.end()).toMatchObject({ status: 'rolled_back', landing: 'start' });
  expect(run.ledger()).toEqual(['deploy 1.5', 'deploy 2.0', 'back to 1.5', 'back to 1.0']);
});

it('instances are rolled out in batches, and none after a batch that is not healthy', async () => {
  const run = await world.start(strategy([phase('P', 1, [using('A', 1)])], deployment('rolling', 'cart:2')), {
    bindings: {
      services: {
        cart: {
          instances: ['c1', 'c2', 'c3', 'c4', 'c5', 'c6'],
          batch: 2,
          deploy: 'echo deploy {instance} >> $LEDGER',
          remove: 'echo remove {instance} >> $LEDGER',
          health: '$ test {instance} != c3',
        },
      },
    },
    onFailure: 'full',
  });
  expect(await run.end()).toMatchObject({ status: 'rolled_back', landing: 'start' });
  const ledger = run.ledger();
  const all = ['c1', 'c2', 'c3', 'c4', 'c5', 'c6'];
  expect(ledger.slice(0, 4)).toEqual(all.slice(0, 4).map((instance) => `deploy ${instance}`));
  // To remove what was not deployed is harmless, as every undo has to be.
  expect(ledger.slice(4)).toEqual(all.toReversed().map((instance) => `remove ${instance}`));
});

it('an integration runs in parallel until enough answers agree, and then gets its requests', async () => {
  const partner = {
    integration_id: 'ITEM-A',
    name: 'Payments',
    migration_approach: { method: 'parallel_run', coordination_required: false },
    fallback: { fallback_to_old: true, fallback_procedure: '$ echo fall back >> $LEDGER' },
  };
  const run = await world.start(
    strategy([phase('P', 1, [using('A', 1, ['echo both >> $LEDGER'])])], {
      integration_migration: { external_integrations: [partner] },
    }),
    {
      bindings: {
        metrics: {
          mismatches: { unit: 'percent', command: 'echo 0' },
          // One more with every sample.
          compared: { unit: 'count', command: 'echo x >> answers; wc -l < answers' },
        },
        integrations: {
          'ITEM-A': {
            mismatch: 'mismatches < 1%',
            comparisons: 'compared',
            minimum: 2,
            during: '1s',
            traffic: 'pay',
            rollout: '50% for 1s, 100% for 1s',
          },
        },
        traffic: {
          pay: {
            command: { set: 'echo "$1" > weight; echo "traffic $1" >> $LEDGER', get: 'cat weight || echo 0' },
          },
        },
        watch: { interval: '200ms', failureLimit: 2 },
      },
    },
  );
  expect(await run.end()).toMatchObject({ status: 'completed', applied: ['A'] });
  expect(run.ledger()).toEqual(['both', 'traffic 50', 'traffic 100']);
  const { requirements } = await run.step('A');
  expect(requirements).toContainEqual(expect.objectContaining({ text: 'mismatches < 1%', verdict: 'pass' }));
});
