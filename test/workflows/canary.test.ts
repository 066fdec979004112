/** A canary: what happens between its stages, and how it is taken back. */
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { phase, step, strategy } from '../support/strategies.js';
import { openWorld, type World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  world = await openWorld(inject('engine'));
});
afterAll(() => world.close());

/** The new version is deployed; 5% and then all of the traffic goes to it; each stage lasts a little. */
const canary = strategy(
  [phase('P', 1, [step('A', 1, { commands: [], undo: null, more: { 'x-uses': 'DEPLOY-1' } })])],
  {
    code_migration: {
      deployment_strategy: {
        approach: 'canary',
        steps: [
          {
            step_id: 'DEPLOY-1',
            artifacts_to_deploy: ['cart:2'],
            feature_flags: [{ flag_id: 'cart', rollout_plan: '5% for 1s, 100% for 1s' }],
          },
        ],
      },
    },
  },
);

const bindings = {
  metrics: { errors: { command: 'cat errors' }, requests: { command: 'cat requests' } },
  services: {
    cart: { deploy: 'echo deploy >> $LEDGER', remove: 'echo remove >> $LEDGER', health: '$ test -e healthy' },
  },
  traffic: {
    cart: {
      command: { set: 'echo "$1" > weight; echo "traffic $1" >> $LEDGER', get: 'cat weight || echo 0' },
      analysis: { requests: 'requests', minimum: 10, limits: ['errors > 5'] },
    },
  },
  watch: { interval: '200ms', failureLimit: 2 },
};

async function start(files: Readonly<Record<string, string>>) {
  const run = await world.start(canary, { bindings, files });
  return run;
}

const WELL = { errors: '0', requests: '100', healthy: '' };

describe('a canary', () => {
  it('is deployed, checked, and given its traffic stage by stage', async () => {
    const run = await start(WELL);
    expect(await run.end()).toMatchObject({ status: 'completed', applied: ['A'] });
    expect(run.ledger()).toEqual(['deploy', 'traffic 5', 'traffic 100']);
    const { requirements } = await run.step('A');
    expect(requirements).toContainEqual(expect.objectContaining({ text: 'errors > 5', verdict: 'pass' }));
  });

  it('that shows errors in a stage gets no more traffic: it is taken back first, then the instances', async () => {
    const run = await start({ ...WELL, errors: '9' });
    expect(await run.end()).toMatchObject({ status: 'rolled_back', landing: 'start' });
    expect(run.ledger()).toEqual(['deploy', 'traffic 5', 'traffic 0', 'remove']);
  });

  it('that is not healthy gets no traffic at all', async () => {
    const { healthy, ...ill } = WELL;
    expect(healthy).toBe('');
    const run = await start(ill);
    expect(await run.end()).toMatchObject({ status: 'rolled_back' });
    expect(run.ledger()).toEqual(['deploy', 'remove']);
  });

  it('without traffic has no verdict: a person is asked, and may have it observed again', async () => {
    const run = await start({ ...WELL, requests: '3' });
    const decision = await run.asked('inconclusive:A');
    expect(JSON.stringify(decision)).toContain('only 3 requests (requests), 10 are needed');
    writeFileSync(`${run.workspace}/requests`, '50');
    await run.answer('inconclusive:A', 'retry', 'anyone');
    expect(await run.end()).toMatchObject({ status: 'completed' });
    expect(run.ledger()).toEqual(['deploy', 'traffic 5', 'traffic 100']);
  });
});
