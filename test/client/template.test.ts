import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { readStrategy } from '../../client/read.js';
import { formatProblem } from '../../strategy/problem.js';

test('docs/template.migration-strategy.yaml is a strategy to start from: nothing is wrong with it', async () => {
  const file = fileURLToPath(new URL('../../docs/template.migration-strategy.yaml', import.meta.url));
  const { plan, problems } = await readStrategy(file);
  expect(problems.map(formatProblem)).toEqual([]);
  expect(plan?.phases.map(({ id }) => id)).toEqual(['PHASE-1']);
});
