/** What running a real command costs: `true` under its journal and supervisor, beside the same without them, and ansible-core. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { type Benchmark, type Comparison, type Contender, inTurn } from './measure.js';
import { flatStrategy } from './strategies.js';
import { planOf, World } from './world.js';

const STEPS = 50;
/** The goals are far away, and a round with ansible-core takes 18 s. */
const ROUNDS = 3;

export const commandCost: Benchmark = {
  name: 'command-cost',
  about: `${STEPS} steps that run \`true\` vs ${STEPS} bare activities that run \`sh -c true\`, and ansible-core where it is installed`,
  async run(log) {
    const plan = await planOf(flatStrategy(STEPS, 'true'));
    const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-ansible-'));
    const world = await World.open('tuned', true);
    try {
      const contenders: Contender[] = [
        { label: 'sluice, `true`', measure: async () => (await world.carryOut(plan)) / STEPS },
        {
          label: 'bare activity, `sh -c true`',
          measure: async () => (await world.carryOutBare(STEPS, 'own', 'true')) / STEPS,
        },
      ];
      if (await hasAnsible()) contenders.push(ansible(folder));
      const [sluice, bare, playbook] = await inTurn(ROUNDS, contenders, log);
      if (!sluice || !bare) return [];
      const unit = 'ms per step';
      const comparisons: Comparison[] = [
        { name: 'command-cost', unit, measured: sluice, baseline: bare, goal: { atMost: 2 } },
      ];
      if (playbook)
        comparisons.push({
          name: 'command-cost, ansible-core',
          unit,
          measured: playbook,
          baseline: sluice,
          goal: { atLeast: 6 },
        });
      return comparisons;
    } finally {
      await world.close();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

async function hasAnsible(): Promise<boolean> {
  const { failed } = await execa('ansible-playbook', ['--version'], { reject: false });
  return !failed;
}

/** A playbook of as many tasks on this machine. Its start is in the figure, as that of a run is in sluice's. */
function ansible(folder: string): Contender {
  const playbook = join(folder, 'playbook.yaml');
  const tasks = Array.from({ length: STEPS }, (_, index) => ({ name: `step ${index}`, command: 'true' }));
  const vars = { ansible_python_interpreter: '{{ ansible_playbook_python }}' };
  const play = { hosts: 'localhost', connection: 'local', gather_facts: false, vars, tasks };
  writeFileSync(playbook, JSON.stringify([play]));
  return {
    label: 'ansible-core, `command: true`',
    measure: async () => {
      const begin = performance.now();
      await execa('ansible-playbook', ['--inventory', 'localhost,', playbook]);
      return (performance.now() - begin) / STEPS;
    },
  };
}
