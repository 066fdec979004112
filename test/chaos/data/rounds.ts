/** Rounds between two servers while clients write to one side, or to both. */
import type { FaultPoint } from '../../../activities/fault-points.js';
import type { MachineAction } from '../../../strategy/kinds/effects/index.js';
import type { RowsAction, SyncAction } from '../../../strategy/plan.js';
import { type Attack, told } from './attack.js';
import type { Method } from './method.js';
import {
  COPY,
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

const COMMON = {
  item: 'DATA-1',
  connection: 'here',
  to: 'there',
  source: ORDERS,
  ...RULES,
  where: null,
} as const;
const SYNC: SyncAction = {
  kind: 'sync',
  ...COMMON,
  target: COPY,
  back: [{ column: 'total', value: 'cents / 100.0' }],
  detect: { by: 'tracking' },
  conflicts: null,
  returns: true,
  ...{ intervalMs: 50, batchSize: 50, maxLagMs: 30_000, periodMs: 0, do: 'start' },
};
const JOIN: RowsAction = {
  kind: 'rows',
  ...COMMON,
  change: { do: 'join', target: COPY },
  ...{ direction: 'apply', batchSize: 40, ratePerSecond: 600 },
};
const POINTS: readonly FaultPoint[] = ['before-commit', 'after-commit', 'before-return'];
const TABLES = { source: 'orders', target: 'orders_new' };

const WAYS: readonly (readonly [string, Partial<SyncAction>])[] = [
  ['x-sync by tracking', {}],
  ['x-sync by timestamp', { detect: { by: 'timestamp', column: 'at' } }],
  ['x-sync by hash', { detect: { by: 'hash' } }],
  ['x-sync, both sides written', { conflicts: 'source_wins' }],
];

export const ROUNDS_METHODS: readonly Method[] = WAYS.map(([name, more]) => ({
  name,
  sides: ['here', 'there'],
  carryOut: (attack, run) => carryOut(attack, run, { ...SYNC, ...more }),
}));

async function carryOut(attack: Attack, run: string, sync: SyncAction): Promise<readonly string[]> {
  const { bed, random } = attack;
  await bed.ask('here', `${SOURCE()}${FILL}`);
  await bed.ask('there', TARGET());
  const problems: string[] = [];
  const part = async (state: string, action: MachineAction, purpose: 'apply' | 'undo' = 'apply') => {
    const outcome = await attack.worker(state, bed.job(run, action, { purpose }), POINTS);
    if (outcome.outcome !== 'done') problems.push(`${state}: ${told(outcome)}`);
    return outcome.outcome === 'done';
  };
  const source = doorTo(bed, 'here', 'orders', 'source');
  const target = doorTo(bed, 'there', 'orders_new', 'target');
  const client = writerOf([source, target], 1);
  const other = writerOf([target], 2);
  const both = sync.conflicts !== null;
  const clients = [client, ...(both ? [other] : [])];
  client.start();
  try {
    if (!(await part('triggers', sync))) return problems;
    if (!(await part('copying', JOIN))) return problems;
    await client.more(10);
    // It finds the rows that are its own there now.
    if (both) other.start();
    if (!(await part('rounds', { ...sync, do: 'rounds' }))) return problems;
    for (const each of clients) await each.more(10);
    await attack.idle('between rounds');
    if (!(await part('rounds', { ...sync, do: 'rounds' }))) return problems;
  } finally {
    for (const each of clients) await each.stop();
  }
  if (!(await part('cut-over', { ...sync, do: 'last' }))) return problems;
  problems.push(...(await differences(bed, 'there', TABLES)));
  const rows = await namesIn(bed, 'there', 'orders_new');
  problems.push(...clients.flatMap((each) => each.wrong(rows)));
  if (problems.length > 0) return problems;
  if (random.chance(0.5)) {
    await part('finish', { ...sync, do: 'finish' });
  } else {
    client.moveOn();
    client.start();
    await client.more(20);
    await attack.idle('cut over');
    await client.stop();
    if (!(await part('back', { ...sync, do: 'back' }, 'undo'))) return problems;
    problems.push(...(await differences(bed, 'there', TABLES)));
    const back = await namesIn(bed, 'here', 'orders');
    problems.push(...clients.flatMap((each) => each.wrong(back)));
    await part('undo', { ...sync, do: 'undo' }, 'undo');
    await part('undo of the copy', { ...JOIN, direction: 'undo' }, 'undo');
    const left = await namesIn(bed, 'there', 'orders_new');
    if (left.size > 0) problems.push(`the undo left ${left.size} copied rows`);
  }
  problems.push(...(await leftBehind(bed)));
  return problems;
}
