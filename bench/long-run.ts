/** Whether a step of a long run costs more than one of a short run. */
import { type Benchmark, inTurn } from './measure.js';
import { flatStrategy } from './strategies.js';
import { planOf, World } from './world.js';

const SHORT = 100;
const LONG = 1_500;
const ROUNDS = 3;

export const longRun: Benchmark = {
  name: 'long-run',
  about: `a step of a run of ${LONG} steps vs one of a run of ${SHORT}`,
  async run(log) {
    const short = await planOf(flatStrategy(SHORT, 'command'));
    const long = await planOf(flatStrategy(LONG, 'command'));
    log(`the long plan is ${(Buffer.byteLength(JSON.stringify(long)) / 1024 / 1024).toFixed(2)} MiB`);
    const world = await World.open();
    try {
      await world.carryOut(short);
      const [measured, baseline] = await inTurn(
        ROUNDS,
        [
          { label: `step of ${LONG}`, measure: async () => (await world.carryOut(long)) / LONG },
          { label: `step of ${SHORT}`, measure: async () => (await world.carryOut(short)) / SHORT },
        ],
        log,
        true,
      );
      if (!measured || !baseline) return [];
      return [{ name: 'long-run', unit: 'ms per step', measured, baseline, goal: { atMost: 1.3 } }];
    } finally {
      await world.close();
    }
  },
};
