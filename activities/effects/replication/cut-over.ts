/**
 * The target takes the writes instead of the source, and the way back. At every instant at most one side lets clients write:
 * first one is fenced, then the other side gets all of it and is compared with it, and only then it is opened.
 */
import { tableText } from '../../../strategy/kinds/effects/rows.js';
import type { Reconciliation } from '../../../strategy/plan.js';
import { judge } from '../../../strategy/reconcile/result.js';
import { point } from '../../fault-points.js';
import { reconcile } from '../../reconcile/reconcile.js';
import type { Ending } from '../rows/ending.js';
import { quotedTable } from '../rows/table.js';
import { carrying, createDirection } from './carry.js';
import { forwardOf, nothingLeft, removeStream, reverseOf } from './directions.js';
import { checkColumns, columnsOf, positionOf } from './health.js';
import { type Direction, dropDirection } from './objects.js';
import { advanceSequencesFrom } from './sequences.js';
import { Interrupted, inTransaction, type Setting, type Side, Stopped } from './setting.js';
import { ensureStreams, NEVER, noteFixedLsn, readStream, type Stream, writeStream } from './state.js';
import { setFence } from './triggers.js';
import { drain, untilInSync } from './wait.js';
import type { Watch } from './watch.js';

export async function cutOver(setting: Setting): Promise<Ending> {
  const { job, names, source, target, lockTimeoutMs } = setting;
  const { action, key } = job;
  const stream = await streamOf(setting);
  if (stream.state === 'cut-over') return { outcome: 'done', output: 'already cut over\n' };
  if (
    !(stream.state === 'in-sync' || stream.state === 'cutting-over') ||
    stream.switched >= key.incarnation
  ) {
    throw new Stopped(
      `The stream of ${action.item} is ${stream.state}, and cannot be cut over: a step that uses ${action.item} must have completed before.`,
    );
  }
  const forward = forwardOf(setting, stream);
  const reverse = reverseOf(setting, stream);
  // What a relay has not carried since the last step is held back by the slot, however much it is.
  const maxWalBytes = stream.relay === null ? action.maxWalBytes : Number.POSITIVE_INFINITY;
  const { lsn, compared } = await carrying(setting, forward, async (watch) => {
    // While clients still write: everything that takes time, and whatever would stop it.
    await untilInSync(setting, forward, watch, { columns: stream.columns, maxWalBytes });
    await writeStream(target.session, job, { ...stream, state: 'cutting-over' });
    await createDirection(setting, reverse);
    await positionOf(reverse, Number.POSITIVE_INFINITY);
    const before: Stream = { ...stream, state: 'in-sync' };
    return fenced(setting, source, before, async () => {
      checkColumns(stream.columns, await columnsOf(source.session, action.tables, action));
      return handOver(setting, forward, watch, 'cutting over');
    });
  });
  await advanceSequencesFrom(source.session, target.session, action.tables);
  for (const table of action.tables) {
    await target.session.query(`analyze ${quotedTable(table)}`, [], ANALYZE_MS);
  }
  point('before-switch');
  await inTransaction(target.session, lockTimeoutMs, async () => {
    await setFence(target.session, action.tables, names, false);
    await writeStream(target.session, job, { ...stream, state: 'cut-over' });
  });
  point('after-switch');
  const tables = action.tables.map(tableText).join(', ');
  const back = stream.relay === null ? 'the reverse stream runs' : 'its slot keeps them for the way back';
  return {
    outcome: 'done',
    output: `${compared}\n${tables}: cut over at ${lsn} of "${action.connection}"; "${action.to}" takes the writes, and ${back}\n`,
  };
}

/** Every write that the target took comes back to the source before the source takes writes again. */
export async function switchBack(setting: Setting): Promise<Ending> {
  const { job, names, source, target, lockTimeoutMs } = setting;
  const { action, key } = job;
  const stream = await streamOf(setting);
  const back = { ...stream, switched: key.incarnation };
  if (stream.state === 'in-sync' || stream.state === 'copying' || stream.state === 'undone') {
    await dropDirection(reverseOf(setting, stream));
    await writeStream(target.session, job, back);
    return { outcome: 'done', output: 'The writes had not been switched over.\n' };
  }
  if (stream.state === 'finished') {
    throw new Stopped(
      `The stream of ${action.item} was finished: nothing carries the writes of the target back.`,
    );
  }
  const reverse = reverseOf(setting, stream);
  let compared = 'The target had not taken any writes.';
  if (stream.state === 'cut-over' || stream.state === 'switching-back') {
    await writeStream(target.session, job, { ...stream, state: 'switching-back' });
    const before: Stream = { ...stream, state: 'cut-over' };
    ({ compared } = await carrying(setting, reverse, async (watch) => {
      // A relay has carried nothing since the cut-over: most of it goes before clients are held up.
      const limits = { columns: null, maxWalBytes: Number.POSITIVE_INFINITY };
      if (stream.relay !== null) await untilInSync(setting, reverse, watch, limits);
      return fenced(setting, target, before, () => handOver(setting, reverse, watch, 'switching back'));
    }));
    await advanceSequencesFrom(target.session, source.session, action.tables);
    point('before-switch');
    await writeStream(target.session, job, { ...back, state: 'switched-back' });
  }
  await inTransaction(source.session, lockTimeoutMs, () =>
    setFence(source.session, action.tables, names, false),
  );
  point('after-switch');
  await dropDirection(reverse);
  await writeStream(target.session, job, { ...back, state: 'in-sync' });
  const tables = action.tables.map(tableText).join(', ');
  return {
    outcome: 'done',
    output: `${compared}\n${tables}: "${action.connection}" takes the writes again, and "${action.to}" is kept in step\n`,
  };
}

/** Nobody will switch back any more. */
export async function finish(setting: Setting): Promise<Ending> {
  const { job, target } = setting;
  const { action } = job;
  const stream = await streamOf(setting);
  if (stream.state === 'finished') return { outcome: 'done', output: await nothingLeft(setting) };
  if (stream.state !== 'cut-over') {
    throw new Stopped(
      `The stream of ${action.item} is ${stream.state}: only one that was cut over is finished. Run ${action.item}/cut-over before, or roll back.`,
    );
  }
  const output = await removeStream(setting, stream, () =>
    writeStream(target.session, job, { ...stream, state: 'finished' }),
  );
  return { outcome: 'done', output };
}

async function streamOf({ names, target }: Setting): Promise<Stream> {
  await ensureStreams(target.session);
  return (await readStream(target.session, names.id)) ?? NEVER;
}

/** Does it while the writers of one side are refused; lets them write again when it cannot be done. */
async function fenced<T>(
  setting: Setting,
  { session }: Side,
  before: Stream,
  work: () => Promise<T>,
): Promise<T> {
  const { job, names, target, lockTimeoutMs, progress } = setting;
  const { tables } = job.action;
  const fence = (closed: boolean): Promise<void> =>
    inTransaction(session, lockTimeoutMs, () => setFence(session, tables, names, closed));
  progress.say('fencing the writers');
  await fence(true);
  point('after-fence');
  try {
    return await work();
  } catch (error) {
    if (error instanceof Stopped) {
      await fence(false);
      await writeStream(target.session, job, before);
    }
    throw error;
  }
}

/** Waits until the other side has all of it, and compares both. */
async function handOver(
  setting: Setting,
  direction: Direction,
  watch: Watch,
  what: string,
): Promise<{ readonly lsn: string; readonly compared: string }> {
  const lsn = await drain(setting, direction, watch, what);
  await noteFixedLsn(setting.target.session, setting.names.id, lsn);
  point('after-drain');
  return { lsn, compared: await compare(setting) };
}

async function compare({ job, source, target, progress, deadline }: Setting): Promise<string> {
  const reconciliation: Reconciliation | null = job.action.compare;
  if (reconciliation === null) return 'nothing was compared';
  progress.say('comparing both sides');
  const limitMs = Math.max(1_000, deadline - Date.now());
  const pair = { source: source.session, target: target.session };
  const found = await reconcile(reconciliation, pair, {
    limitMs: Math.min(limitMs, LONGEST_MS),
    seed: 0,
    progress: (table, rows) => progress.say(`comparing ${table}: ${rows.toLocaleString('en-US')} rows`),
  });
  for (const { session } of [source, target]) await session.query('rollback');
  if (found === null) throw new Interrupted();
  const { verdict, lines } = judge(reconciliation, found.findings);
  if (verdict === 'pass') return lines.join('\n');
  throw new Stopped(
    `The writes were not switched: both sides are not equal. ${lines.join('; ')}. Look at the rows with "sluice reconcile FILE ${job.action.item}"; nothing was lost, and the side that took the writes takes them again. Retry, or roll back.`,
  );
}

const ANALYZE_MS = 3_600_000;
const LONGEST_MS = 86_400_000;
