/** How long it takes from a vote to the next action. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Plan } from '../strategy/plan.js';
import { APPROVE, WAITING_FOR } from './bare/contract.js';
import { type Benchmark, inTurn, median } from './measure.js';
import { gatedStrategy } from './strategies.js';
import { planOf, World } from './world.js';

/** Runs per contender, and approvals in each: the median of a run's approvals is one measurement. */
const ROUNDS = 5;
const APPROVALS = 10;
const LOOK_MS = 10;
const PATIENCE_MS = 30_000;

export const approval: Benchmark = {
  name: 'approval',
  about: 'from casting the vote to the start of the next action vs a bare update and activity',
  async run(log) {
    const plan = await planOf(gatedStrategy(APPROVALS + 1, 'command'));
    const world = await World.open();
    try {
      const [measured, baseline, elsewhere] = await inTurn(
        ROUNDS,
        [
          { label: 'sluice decide', measure: () => approveAll(world, plan) },
          { label: 'bare update', measure: () => approveBare(world, 'own') },
          { label: "bare update, activity on a host's queue", measure: () => approveBare(world, 'other') },
        ],
        log,
      );
      if (!measured || !baseline || !elsewhere) return [];
      return [
        { name: 'approval', unit: 'ms', measured, baseline, goal: { atMost: 1.5 } },
        { name: 'approval, like for like', unit: 'ms', measured, baseline: elsewhere, goal: null },
      ];
    } finally {
      await world.close();
    }
  },
};

/** One run with a gate after every phase; its last gate is signed without being measured. */
async function approveAll(world: World, plan: Plan): Promise<number> {
  const run = await world.submit(plan);
  const times: number[] = [];
  for (let gate = 0; gate <= APPROVALS; gate += 1) {
    const decision = `approval:GATE-${gate}`;
    await until(async () => (await world.sluice.decisions(run)).some(({ id }) => id === decision));
    const vote = () => world.sluice.decide(run, { decision, option: 'approve', by: 'Approver' });
    if (gate === APPROVALS) await vote();
    else times.push(await fromTo(world, vote));
  }
  await world.client.workflow.getHandle(run).result();
  return median(times);
}

async function approveBare(world: World, queue: 'own' | 'other'): Promise<number> {
  const handle = await world.startBare('gates', APPROVALS, queue);
  const times: number[] = [];
  for (let gate = 0; gate < APPROVALS; gate += 1) {
    await until(async () => (await handle.query<number>(WAITING_FOR)) === gate);
    times.push(await fromTo(world, () => handle.executeUpdate<void, [number]>(APPROVE, { args: [gate] })));
  }
  await handle.result();
  return median(times);
}

/** Milliseconds from the vote to the beginning of the next action, which may come before the vote's own answer. */
async function fromTo(world: World, vote: () => Promise<void>): Promise<number> {
  const begun = new Promise<number>((resolve) => {
    world.workers.listen(() => resolve(performance.now()));
  });
  const begin = performance.now();
  const [end] = await Promise.all([begun, vote()]);
  world.workers.listen(() => {});
  return end - begin;
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error('The run never came to its next gate.');
    await sleep(LOOK_MS);
  }
}
