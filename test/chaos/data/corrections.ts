/** Rows of the target that are missing or wrong are corrected, each once with what it was, and restored by the undo. */
import type { FaultPoint } from '../../../activities/fault-points.js';
import type { ReconcileAction, ReconcileTask } from '../../../strategy/plan.js';
import { type Attack, told } from './attack.js';
import type { Method } from './method.js';
import { COPY, differences, FILL, leftBehind, ORDERS, RULES, SOURCE, TARGET } from './orders.js';

const CORRECT: ReconcileAction = {
  kind: 'reconcile',
  reconciliation: {
    ...{ item: 'DATA-1', source: 'here', target: 'there', method: { kind: 'rows' }, threshold: 1, rules: [] },
    tables: [
      {
        ...{ source: ORDERS, target: COPY, ...RULES },
        ...{ where: null, filter: null, exclude: [], groupBy: [] },
      },
    ],
  },
  ...{ correct: 'fields', max: 1_000, reviewer: null },
  task: { do: 'correct' },
};
const POINTS: readonly FaultPoint[] = ['before-commit', 'after-commit', 'before-return'];

/** A third of the rows is missing, another third wrong. */
const DAMAGED = 400;
const DAMAGE = `${TARGET()} insert into orders_new select n, case when n % 3 = 1 then 'wrong' else 'User ' || n end, n * 150 from generate_series(1, 600) n where n % 3 > 0;
create table log (id bigint);
create function note() returns trigger language plpgsql as $$ begin insert into log values (coalesce(new.id, old.id)); return null; end $$;
create trigger note after insert or update or delete on orders_new for each row execute function note();`;
const FINGERPRINT = "select md5(string_agg(o::text, '|' order by id)) as hash from orders_new o";
const WRITES = 'select count(*)::int as n, count(distinct id)::int as different from log';

export const CORRECTIONS_METHODS: readonly Method[] = [
  { name: 'corrections', sides: ['here', 'there'], carryOut },
];

async function carryOut(attack: Attack, run: string): Promise<readonly string[]> {
  const { bed } = attack;
  await bed.ask('here', `${SOURCE()}${FILL}`);
  await bed.ask('there', DAMAGE);
  const [before] = await bed.ask('there', FINGERPRINT);
  const job = (task: ReconcileTask, purpose: 'apply' | 'undo') =>
    bed.job(run, { ...CORRECT, task }, { purpose });
  const problems: string[] = [];
  const corrected = await attack.worker('correct', job({ do: 'correct' }, 'apply'), POINTS);
  if (corrected.outcome !== 'done' || corrected.comparison?.verdict !== 'pass')
    problems.push(`the correction came to "${told(corrected)}"`);
  problems.push(...(await differences(bed, 'there', { source: 'orders', target: 'orders_new' })));
  const [saved] = await bed.ask(
    'there',
    'select count(*)::int as n, count(distinct key)::int as different from sluice.correction',
  );
  const [writes] = await bed.ask('there', WRITES);
  for (const [what, found] of [
    ['saved', saved],
    ['written', writes],
  ] as const) {
    if (found?.n !== DAMAGED || found.different !== DAMAGED)
      problems.push(`${String(found?.n)} rows are ${what}, ${String(found?.different)} of them different`);
  }
  await bed.ask('there', 'truncate log');
  const undone = await attack.worker('undo', job({ do: 'undo' }, 'undo'), POINTS);
  if (undone.outcome !== 'done') problems.push(`the undo came to "${told(undone)}"`);
  const [after] = await bed.ask('there', FINGERPRINT);
  if (after?.hash !== before?.hash) problems.push('the undo left other rows than there were');
  const [restored] = await bed.ask('there', WRITES);
  if (restored?.n !== DAMAGED) problems.push(`the undo wrote ${String(restored?.n)} rows`);
  problems.push(...(await leftBehind(bed)));
  return problems;
}
