/** A trial whose run does not answer ends the rehearsal, and does not hold it up for ever. */
import { expect, test } from 'vitest';
import { SluiceError } from '../../client/error.js';
import { followTrial } from '../../rehearsal/follow.js';
import { planOf, stepOf, strategyOf } from '../strategy/support/compile-text.js';

test('a run whose worker never answers is given up after the patience, although the engine knows it', async () => {
  let asked = 0;
  const client = {
    view: async () => {
      asked += 1;
      throw new SluiceError('no-worker', 'No worker answers.', 'Start one.');
    },
    published: async () => null,
    decide: async () => {
      throw new Error('nothing was asked');
    },
  };
  const plan = planOf({ strategy: strategyOf(stepOf('A', 1, 'responsible_party: DBA')) });
  const following = followTrial({
    ...{ client, run: 'trial', plan, point: { kind: 'straight' }, seed: 1, patienceMs: 300 },
    signal: new AbortController().signal,
    rejected: () => undefined,
  });
  await expect(following).rejects.toThrow(
    'has not answered for 300 ms: No worker answers. What the worker says',
  );
  expect(asked).toBeGreaterThan(1);
});
