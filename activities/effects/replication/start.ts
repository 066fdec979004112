/** The start of a stream: both sides are prepared, the rows are copied, and the target catches up. Its undo removes all of it. */
import { tableText } from '../../../strategy/kinds/effects/rows.js';
import { point } from '../../fault-points.js';
import type { Ending } from '../rows/ending.js';
import { quotedTable } from '../rows/table.js';
import { forwardOf, nothingLeft, removeStream } from './directions.js';
import { columnsOf } from './health.js';
import { createDirection } from './objects.js';
import { preflight } from './preflight.js';
import { inTransaction, type Setting, Stopped } from './setting.js';
import { ensureSchema, ensureStreams, readStream, type Stream, writeStream } from './state.js';
import { createTriggers } from './triggers.js';
import { untilInSync } from './wait.js';

export async function start(setting: Setting): Promise<Ending> {
  const { job, names, source, target, lockTimeoutMs, progress } = setting;
  const { action, key } = job;
  await ensureStreams(target.session);
  const found = await readStream(target.session, names.id);
  let stream: Stream;
  if (found === null || (found.state === 'undone' && found.started < key.incarnation)) {
    progress.say('looking at both sides');
    stream = await begin(setting);
  } else if (found.state === 'copying' || found.state === 'in-sync') {
    stream = found;
  } else {
    throw new Stopped(`The stream of ${action.item} is ${found.state} already: this attempt is too late.`);
  }
  await inTransaction(target.session, lockTimeoutMs, () =>
    createTriggers(target.session, action, names, 'target'),
  );
  await inTransaction(source.session, lockTimeoutMs, () =>
    createTriggers(source.session, action, names, 'source'),
  );
  point('after-triggers');
  const forward = forwardOf(setting);
  await createDirection(forward, action.tables);
  const state = await untilInSync(setting, forward, stream.columns);
  await writeStream(target.session, job, { ...stream, state: 'in-sync' });
  return { outcome: 'done', output: `${action.tables.map(tableText).join(', ')}: ${state}\n` };
}

/** The first attempt: refuses before anything is changed. */
async function begin({ job, source, target }: Setting): Promise<Stream> {
  const { action, key } = job;
  const read = 'begin isolation level repeatable read read only';
  for (const { session } of [source, target]) await session.query(read);
  const problems = await preflight(action, { source: source.session, target: target.session });
  for (const { session } of [source, target]) await session.query('rollback');
  if (problems.length > 0) throw new Stopped(refusal(problems));
  await ensureSchema(source.session);
  const columns = await columnsOf(source.session, action.tables, action);
  const stream: Stream = { state: 'copying', started: key.incarnation, switched: -1, columns };
  await writeStream(target.session, job, stream);
  return stream;
}

function refusal(problems: readonly string[]): string {
  if (problems.length === 1) return `${problems[0] ?? ''} Nothing was changed.`;
  return `${problems.length} problems, and nothing was changed:\n${problems.map((problem) => `- ${problem}`).join('\n')}`;
}

/** Everything goes, with the rows that were copied. Harmless when nothing ever began. */
export async function undoStart(setting: Setting): Promise<Ending> {
  const { job, names, target } = setting;
  const { action, key } = job;
  await ensureStreams(target.session);
  const found = await readStream(target.session, names.id);
  const nothing: Stream = { state: 'undone', started: key.incarnation, switched: -1, columns: '' };
  if (found === null) {
    await writeStream(target.session, job, nothing);
    return { outcome: 'done', output: 'Nothing had begun.\n' };
  }
  if (found.state === 'undone') return { outcome: 'done', output: await nothingLeft(setting) };
  if (['cut-over', 'switching-back', 'switched-back', 'finished'].includes(found.state)) {
    throw new Stopped(
      `The stream of ${action.item} is ${found.state}: the target has rows that the source has not, so they are not deleted. Switch back first (undo ${action.item}/cut-over).`,
    );
  }
  const output = await removeStream(setting, async () => {
    const list = action.tables.map(quotedTable);
    const [row] = (
      await target.session.query(
        'select exists (select from pg_constraint where contype = $1 and confrelid = any ($2::regclass[]) and conrelid <> all ($2::regclass[]))::text as referenced',
        ['f', list],
      )
    ).rows;
    if (row?.referenced === 'true') {
      for (const table of list.toReversed())
        await target.session.query(`delete from ${table}`, [], DELETE_MS);
    } else await target.session.query(`truncate ${list.join(', ')}`);
    await writeStream(target.session, job, { ...found, state: 'undone', started: key.incarnation });
  });
  return { outcome: 'done', output };
}

/** A day: as long as one statement may take. */
const DELETE_MS = 86_400_000;
