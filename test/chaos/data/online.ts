/** Replication between two servers while clients write: copied, in sync, cut over, switched back, finished or undone. */
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import type { EffectJob } from '../../../activities/contract.js';
import type { FaultPoint } from '../../../activities/fault-points.js';
import type { StreamAction } from '../../../strategy/plan.js';
import { type Attack, told } from './attack.js';
import type { Bed, Side } from './bed.js';
import type { Method } from './method.js';
import {
  differences,
  doorTo,
  FILL,
  leftBehind,
  namesIn,
  ORDERS,
  RULES,
  SOURCE,
  TARGET,
  writerOf,
} from './orders.js';

const STREAM: StreamAction = {
  kind: 'stream',
  item: 'DATA-1',
  connection: 'here',
  to: 'there',
  tables: [ORDERS],
  // Slow, so that there is something to hit: a copy of 600 rows takes a second.
  set: [{ column: 'cents', value: '(total * 100)::bigint + length(pg_sleep(0.0015)::text)' }],
  back: [{ column: 'total', value: 'cents / 100.0' }],
  omit: RULES.omit.filter((column) => column === 'at'),
  part: 'start',
  direction: 'apply',
  compare: null,
  maxLagMs: 30_000,
  maxWalBytes: 10e9,
};
const COMPARE: StreamAction['compare'] = {
  ...{ item: 'DATA-1', source: 'here', target: 'there', method: { kind: 'rows' }, threshold: 1, rules: [] },
  tables: [
    {
      ...{ source: ORDERS, target: ORDERS, set: RULES.set, omit: STREAM.omit },
      ...{ where: null, filter: null, exclude: [], groupBy: [] },
    },
  ],
};

/** The target keeps the total as well, for the way back. */
const THERE = `${TARGET('orders')} alter table orders add total numeric;`;
const TABLES = { source: 'orders', target: 'orders' };

const CREATED: readonly FaultPoint[] = ['after-publication', 'after-slot', 'after-subscription'];
const SWITCHED: readonly FaultPoint[] = ['after-fence', 'after-drain', 'before-switch', 'after-switch'];
const RELAYED: readonly FaultPoint[] = ['before-copy-commit', 'before-relay-commit', 'after-relay-commit'];
const POINTS = {
  start: ['after-triggers', ...CREATED, 'before-return'],
  cutOver: [...CREATED, ...SWITCHED, 'before-return'],
  switchBack: [...SWITCHED, 'after-slot', 'after-subscription', 'before-return'],
  remove: ['after-slot', 'after-subscription', 'before-return'],
} as const satisfies Record<string, readonly FaultPoint[]>;

export const ONLINE_METHODS: readonly Method[] = [
  {
    name: 'online, finished',
    sides: ['here', 'there'],
    carryOut: (attack, run) => carryOut(attack, run, { finished: true, relay: false }),
  },
  {
    name: 'online, switched back',
    sides: ['here', 'there'],
    carryOut: (attack, run) => carryOut(attack, run, { finished: false, relay: false }),
  },
  {
    name: 'online, relayed',
    sides: ['here', 'there'],
    carryOut: (attack, run) => carryOut(attack, run, { finished: attack.random.chance(0.5), relay: true }),
  },
  { name: 'online, given up', sides: ['here', 'there'], carryOut: giveUp },
];

/** Clients write to the source all the time; everything is undone in the middle of the copy. */
async function giveUp(attack: Attack, run: string): Promise<readonly string[]> {
  const { bed, random } = attack;
  await bed.ask('here', `${SOURCE()}${FILL}`);
  await bed.ask('there', THERE);
  const client = writerOf([doorTo(bed, 'here', 'orders', 'source')], 1);
  client.start();
  const problems: string[] = [];
  try {
    await attack.killed('copying', bed.job<StreamAction>(run, STREAM), random.between(500, 1_500));
    const undo = bed.job<StreamAction>(run, { ...STREAM, direction: 'undo' }, { purpose: 'undo' });
    const outcome = await attack.worker('undo', undo, POINTS.remove);
    if (outcome.outcome !== 'done') problems.push(`undo: ${told(outcome)}`);
    await client.more(10);
  } finally {
    await client.stop();
  }
  problems.push(...client.wrong(await namesIn(bed, 'here', 'orders')), ...(await leftBehind(bed)));
  const target = await namesIn(bed, 'there', 'orders');
  if (target.size > 0) problems.push(`the undo left ${target.size} copied rows`);
  return problems;
}

interface Course {
  /** Else it is switched back and undone. */
  readonly finished: boolean;
  /** By the worker, and so only while a step is at it. */
  readonly relay: boolean;
}

async function carryOut(
  attack: Attack,
  run: string,
  { finished, relay }: Course,
): Promise<readonly string[]> {
  const { bed } = attack;
  await bed.ask('here', `${SOURCE()}${FILL}`);
  await bed.ask('there', THERE);
  const job = (action: Partial<StreamAction>): EffectJob<StreamAction> => {
    const compare = action.part === 'cut-over' ? COMPARE : null;
    return bed.job(
      run,
      { ...STREAM, ...action, compare, ...(relay ? { relay: true as const } : {}) },
      { purpose: action.direction ?? 'apply' },
    );
  };
  const problems: string[] = [];
  const part = async (state: string, action: Partial<StreamAction>, points: readonly FaultPoint[]) => {
    const all = relay ? [...points, ...RELAYED] : points;
    const outcome = await attack.worker(state, job(action), all);
    if (outcome.outcome !== 'done') problems.push(`${state}: ${told(outcome)}`);
    return outcome.outcome === 'done';
  };
  const client = writerOf(
    [doorTo(bed, 'here', 'orders', 'source'), doorTo(bed, 'there', 'orders', 'target')],
    1,
  );
  client.start();
  try {
    if (!(await part('copying', {}, POINTS.start))) return problems;
    await client.more(10);
    await attack.idle('in sync');
    if (!(await part('cut-over', { part: 'cut-over' }, POINTS.cutOver))) return problems;
    problems.push(...(await open(bed, 'here')));
    await client.more(20);
    await attack.idle('reversed');
    if (!finished) {
      const back = { part: 'cut-over', direction: 'undo' } as const;
      if (!(await part('switch-back', back, POINTS.switchBack))) return problems;
      problems.push(...(await open(bed, 'there')));
      await client.more(20);
      await attack.idle('in sync again');
    }
  } finally {
    await client.stop();
  }
  if (!relay) problems.push(...(await untilEqual(bed)));
  if (finished) await part('finish', { part: 'finish' }, POINTS.remove);
  else await part('undo', { direction: 'undo' }, POINTS.remove);
  const target = await namesIn(bed, 'there', 'orders');
  if (!(relay && finished)) problems.push(...client.wrong(await namesIn(bed, 'here', 'orders')));
  problems.push(...(await leftBehind(bed)));
  if (finished) problems.push(...client.wrong(target));
  else if (target.size > 0) problems.push(`the undo left ${target.size} copied rows`);
  return problems;
}

/** Clients may write to one side at most. What is wrong when this one, which must be fenced, takes a write. */
async function open(bed: Bed, side: Side): Promise<readonly string[]> {
  try {
    await bed.ask(side, 'update orders set name = name where id = -1');
    return [`${side} takes writes as well`];
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code === '25006') return [];
    throw error;
  }
}

/** Nobody writes any more: what is on its way arrives. How both sides differ if it has not within a minute. */
async function untilEqual(bed: Bed): Promise<readonly string[]> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const found = await differences(bed, 'there', TABLES);
    if (found.length === 0 || Date.now() > deadline) return found;
    await pause(100);
  }
}
