/** What a step costs, beside a bare workflow with as many activities. */
import { type Benchmark, type Comparison, inTurn } from './measure.js';
import { flatStrategy } from './strategies.js';
import { planOf, World } from './world.js';

const STEPS = 200;
const ROUNDS = 5;

export const stepCost: Benchmark = {
  name: 'step-cost',
  about: `a strategy of ${STEPS} no-op steps vs a bare workflow of ${STEPS} activities`,
  async run(log) {
    const sqlPlan = await planOf(flatStrategy(STEPS, 'sql'));
    const commandPlan = await planOf(flatStrategy(STEPS, 'command'));
    const world = await World.open();
    try {
      const [bare, bareElsewhere, sql, command] = await inTurn(
        ROUNDS,
        [
          { label: 'bare activity', measure: async () => (await world.carryOutBare(STEPS, 'own')) / STEPS },
          {
            label: "bare activity on a host's queue",
            measure: async () => (await world.carryOutBare(STEPS, 'other')) / STEPS,
          },
          { label: 'sluice, SQL step', measure: async () => (await world.carryOut(sqlPlan)) / STEPS },
          { label: 'sluice, command step', measure: async () => (await world.carryOut(commandPlan)) / STEPS },
        ],
        log,
      );
      if (!bare || !bareElsewhere || !sql || !command) return [];
      const unit = 'ms per step';
      const goal = { atMost: 1.2 };
      const comparisons: readonly Comparison[] = [
        { name: 'step-cost, SQL', unit, measured: sql, baseline: bare, goal },
        { name: 'step-cost, command', unit, measured: command, baseline: bare, goal },
        {
          name: 'step-cost, command, like for like',
          unit,
          measured: command,
          baseline: bareElsewhere,
          goal: null,
        },
      ];
      return comparisons;
    } finally {
      await world.close();
    }
  },
};
