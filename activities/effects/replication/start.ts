/** The start of a stream: both sides are prepared, the rows are copied, and the target catches up. Its undo removes all of it. */
import { tableText } from '../../../strategy/kinds/effects/rows.js';
import { point } from '../../fault-points.js';
import type { Ending } from '../rows/ending.js';
import { quotedTable } from '../rows/table.js';
import { carrying, createDirection } from './carry.js';
import { relayReason, unreachable, versionOf } from './choose.js';
import { forwardOf, nothingLeft, removeStream } from './directions.js';
import { columnsOf } from './health.js';
import { preflight } from './preflight.js';
import { inTransaction, type Setting, Stopped } from './setting.js';
import { ensureSchema, ensureStreams, NEVER, readStream, type Stream, writeStream } from './state.js';
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
  const forward = forwardOf(setting, stream);
  await createDirection(setting, forward);
  const limits = { columns: stream.columns, maxWalBytes: action.maxWalBytes };
  const state = await carrying(setting, forward, (watch) => untilInSync(setting, forward, watch, limits));
  await writeStream(target.session, job, { ...stream, state: 'in-sync' });
  const how = stream.relay === null ? '' : `; ${relayText(stream.relay, action.item)}`;
  return { outcome: 'done', output: `${action.tables.map(tableText).join(', ')}: ${state}${how}\n` };
}

function relayText(why: string, item: string): string {
  return `relayed by the worker, because ${why}. Until ${item}/cut-over nothing is carried, and the slot holds the changes back`;
}

/** The first attempt: refuses before anything is changed. */
async function begin(setting: Setting): Promise<Stream> {
  const { job, source, target } = setting;
  const { action, key } = job;
  const versions = { source: await versionOf(source.session), target: await versionOf(target.session) };
  let relay = relayReason(action, versions);
  await refuseProblems(setting, relay !== null);
  if (relay === null) {
    relay = await unreachable(setting);
    if (relay !== null) await refuseProblems(setting, true);
  }
  await ensureSchema(source.session);
  const columns = await columnsOf(source.session, action.tables, action);
  const stream: Stream = { state: 'copying', started: key.incarnation, switched: -1, columns, relay };
  await writeStream(target.session, job, stream);
  return stream;
}

async function refuseProblems({ job, source, target }: Setting, relayed: boolean): Promise<void> {
  const read = 'begin isolation level repeatable read read only';
  for (const { session } of [source, target]) await session.query(read);
  const sides = { source: source.session, target: target.session };
  const problems = await preflight(job.action, sides, relayed);
  for (const { session } of [source, target]) await session.query('rollback');
  if (problems.length > 0) throw new Stopped(refusal(problems));
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
  const nothing: Stream = { ...NEVER, started: key.incarnation };
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
  const output = await removeStream(setting, found, async () => {
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
