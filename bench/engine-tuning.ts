/** What the settings are worth that sluice starts its engine with. */
import { type Benchmark, inTurn } from './measure.js';
import { World } from './world.js';

const STEPS = 30;
const ROUNDS = 5;

export const engineTuning: Benchmark = {
  name: 'engine-tuning',
  about: `a bare workflow of ${STEPS} activities on the engine as shipped vs as sluice starts it`,
  async run(log) {
    const tuned = await World.open('tuned');
    try {
      const shipped = await World.open('shipped');
      try {
        const [slow, fast] = await inTurn(
          ROUNDS,
          [
            { label: 'as shipped', measure: async () => (await shipped.carryOutBare(STEPS, 'own')) / STEPS },
            {
              label: 'as sluice starts it',
              measure: async () => (await tuned.carryOutBare(STEPS, 'own')) / STEPS,
            },
          ],
          log,
        );
        if (!slow || !fast) return [];
        return [
          {
            name: 'engine-tuning',
            unit: 'ms per step',
            measured: slow,
            baseline: fast,
            goal: { atLeast: 8 },
          },
        ];
      } finally {
        await shipped.close();
      }
    } finally {
      await tuned.close();
    }
  },
};
