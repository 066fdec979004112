/** Two tables of one server that triggers keep in step while clients write to one of them or to both. */
import type { EffectJob } from '../../../activities/contract.js';
import type { FaultPoint } from '../../../activities/fault-points.js';
import type { MachineAction } from '../../../strategy/kinds/effects/index.js';
import type { MirrorAction, RowsAction } from '../../../strategy/plan.js';
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

const COMMON = { item: 'DATA-1', connection: 'here', source: ORDERS, ...RULES, where: null } as const;
const MIRROR: MirrorAction = {
  kind: 'mirror',
  ...COMMON,
  target: COPY,
  method: 'dual_write',
  back: [{ column: 'total', value: 'cents / 100.0' }],
  do: 'start',
};
const JOIN: RowsAction = {
  kind: 'rows',
  ...COMMON,
  change: { do: 'join', target: COPY },
  ...{ direction: 'apply', batchSize: 40, ratePerSecond: 600 },
};
const POINTS: readonly FaultPoint[] = ['before-commit', 'after-commit', 'before-return'];
const TABLES = { source: 'orders', target: 'orders_new' };

export const MIRROR_METHODS: readonly Method[] = [
  { name: 'dual_write', sides: ['here'], carryOut: (attack, run) => carryOut(attack, run, 'dual_write') },
  { name: 'shadow_write', sides: ['here'], carryOut: (attack, run) => carryOut(attack, run, 'shadow_write') },
];

async function carryOut(
  attack: Attack,
  run: string,
  method: MirrorAction['method'],
): Promise<readonly string[]> {
  const { bed, random } = attack;
  await bed.ask('here', `${SOURCE()}${TARGET()}${FILL}`);
  const mirror = { ...MIRROR, method, ...(method === 'shadow_write' ? { back: [] } : {}) };
  const problems: string[] = [];
  const part = async (state: string, action: MachineAction, purpose: 'apply' | 'undo' = 'apply') => {
    const job: EffectJob = bed.job(run, action, { purpose });
    const outcome = await attack.worker(state, job, POINTS);
    if (outcome.outcome !== 'done') problems.push(`${state}: ${told(outcome)}`);
    return outcome.outcome === 'done';
  };
  const source = doorTo(bed, 'here', 'orders', 'source');
  const target = doorTo(bed, 'here', 'orders_new', 'target');
  const clients = [writerOf([source], 1)];
  // A client of the new table can change only rows that have been copied: its own are new.
  if (method === 'dual_write') clients.push(writerOf([source, target], 2));
  for (const client of clients) client.start();
  try {
    if (!(await part('triggers', mirror))) return problems;
    if (!(await part('copying', JOIN))) return problems;
    clients[1]?.moveOn();
    for (const client of clients) await client.more(20);
    await attack.idle('in step');
  } finally {
    for (const client of clients) await client.stop();
  }
  if (method === 'shadow_write') await part('settle', { ...mirror, do: 'settle' });
  problems.push(...(await differences(bed, 'here', TABLES)));
  const undone = random.chance(0.5);
  if (!undone) await part('finish', { ...mirror, do: 'finish' });
  else {
    await part('undo', { ...mirror, do: 'undo' }, 'undo');
    await part('undo of the copy', { ...JOIN, direction: 'undo' }, 'undo');
    const rows = await namesIn(bed, 'here', 'orders_new');
    if (rows.size > 0) problems.push(`the undo left ${rows.size} copied rows`);
  }
  const rows = await namesIn(bed, 'here', 'orders');
  problems.push(...clients.flatMap((client) => client.wrong(rows)), ...(await leftBehind(bed)));
  return problems;
}
