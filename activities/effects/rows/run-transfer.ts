/** A transfer: from where it is to its end, by one worker or by several at once. */
import { tableText } from '../../../strategy/kinds/effects/rows.js';
import type { RowsAction } from '../../../strategy/plan.js';
import type { EffectJob } from '../../contract.js';
import type { Session } from '../../sql/session.js';
import { advanceSequences, hold, inBatch, type Work } from './batch.js';
import { type Reached, runBatches } from './batches.js';
import { type Beginning, begin } from './begin.js';
import type { Ending } from './ending.js';
import type { Pace } from './pace.js';
import { markParts, partsOf, sumOfParts } from './parts.js';
import { isCopy } from './pass.js';
import { findTables, preflight, tryReading } from './preflight.js';
import type { Program } from './program.js';
import { between, countIn, lastKeyOf } from './range.js';
import { quotedTable } from './table.js';
import {
  ensureTransfers,
  readFrom,
  savedTable,
  type Transfer,
  transferId,
  writeTransfer,
} from './transfer.js';

export interface Setting {
  readonly job: EffectJob<RowsAction>;
  readonly lockTimeoutMs: number;
  readonly pace: Pace;
  readonly program: Program | null;
  /** True when no further batch may begin. */
  readonly mustEnd: () => boolean;
  /** Works on connections of its own until it comes to an end, whatever gets in the way; `pace`: of that worker. */
  readonly untilDone: (
    pace: Pace,
    work: (session: Session, source: Session) => Promise<Ending | null>,
  ) => Promise<Ending>;
}

type Going = Extract<Beginning, { kind: 'go' }>;

/** `session`: where the target and the transfer are. `source`: the same, or where the rows come from. Null when it was interrupted or its time is up. Throws what the server or the connection answers. */
export async function runTransfer(
  session: Session,
  source: Session,
  setting: Setting,
): Promise<Ending | null> {
  const { job, lockTimeoutMs, pace, program } = setting;
  const { change } = job.action;
  if (change.do === 'deliver' && change.check === true) return checkDelivery(session, source, setting);
  await ensureTransfers(session);
  const id = transferId(job);
  const beginning = await begin(session, source, job, { id, lockTimeoutMs });
  if (beginning.kind === 'refused') return { outcome: 'failed', cause: refusal(beginning.problems) };
  if (beginning.kind === 'already') {
    if (beginning.transfer === null) return { outcome: 'done', output: 'No row had been changed.\n' };
    pace.begin(beginning.transfer, null);
    return { outcome: 'done', output: `already done: ${pace.summary()}\n` };
  }
  pace.begin(beginning.transfer, beginning.estimate);
  // The way back reads what has been written, and needs no source.
  const from = job.action.direction === 'apply' || change.do === 'deliver' ? source : session;
  const work: Work = { from, job, id, pass: beginning.pass, lockTimeoutMs, program };
  const parts = job.action.direction === 'apply' ? await partsOf(session, id) : [];
  const reached =
    parts.length > 0
      ? await runParts(parts, beginning, setting)
      : ended(await runBatches(session, { ...setting, work, whole: pace }, beginning.transfer), pace, job);
  return reached === 'done' ? finish(session, work, beginning, pace) : reached;
}

/** Whether the rows can be written, while they still are in their table. */
async function checkDelivery(
  session: Session,
  from: Session,
  { job, lockTimeoutMs }: Setting,
): Promise<Ending> {
  const { action } = job;
  const problems = await inBatch(session, { from, lockTimeoutMs }, async () => {
    const { source, target } = await findTables(session, from, action);
    const found = await preflight(session, action, { source, target });
    if (source === null || target === null || source.key.length === 0) return found;
    return [...found, ...(await tryReading(session, from, action, { source, target }))];
  });
  if (problems.length > 0) return { outcome: 'failed', cause: refusal(problems) };
  return { outcome: 'done', output: `${tableText(action.source)} can be moved\n` };
}

/** Null when it was interrupted. */
function ended(reached: Reached, pace: Pace, job: EffectJob<RowsAction>): Ending | 'done' | null {
  switch (reached) {
    case 'done':
      return 'done';
    case 'interrupted':
      return null;
    case 'refused':
      return { outcome: 'failed', cause: inQuarantine(pace, job) };
    default:
      return reached satisfies never;
  }
}

/** All parts at once. The first one that fails ends the others at their next batch. */
async function runParts(
  parts: readonly string[],
  { pass }: Going,
  setting: Setting,
): Promise<Ending | 'done'> {
  const { job, lockTimeoutMs, pace: whole, program } = setting;
  let failed: Ending | null = null;
  const carried = parts.map((id, index) => {
    const pace = whole.lanes(parts.length)[index] ?? whole;
    return setting
      .untilDone(pace, async (session, from) => {
        const work: Work = { from, job, id, pass, lockTimeoutMs, program };
        const transfer = await inBatch(session, work, () => hold(session, work));
        pace.begin(transfer, null);
        const mustEnd = (): boolean => failed !== null || setting.mustEnd();
        const reached = ended(
          await runBatches(session, { work, pace, whole, mustEnd }, transfer),
          whole,
          job,
        );
        if (reached === 'done') return { outcome: 'done', output: '' };
        failed ??= reached;
        return failed;
      })
      .then((ending) => {
        if (ending.outcome === 'failed') failed ??= ending;
      });
  });
  const settled = await Promise.allSettled(carried);
  for (const one of settled) if (one.status === 'rejected') throw one.reason;
  return failed ?? 'done';
}

async function finish(session: Session, work: Work, { target }: Going, pace: Pace): Promise<Ending> {
  const { job, id, from, pass } = work;
  return inBatch(session, work, async (): Promise<Ending> => {
    const held = await hold(session, work);
    const parts = await partsOf(session, id);
    const undo = job.action.direction === 'undo';
    const transfer = undo || parts.length === 0 ? held : { ...held, ...(await sumOfParts(session, id)) };
    const open = undo ? leftBehind(transfer, work) : await openEnd(transfer, work, pace);
    if (open !== null) return { outcome: 'failed', cause: open };
    if (undo) await session.query(`drop table if exists ${savedTable(id)}`);
    else if (target !== null && isCopy(job.action)) await advanceSequences(session, target);
    // Texts may be in another order there: the undo goes through the target.
    const upperKey =
      from === session || target === null || job.action.change.do === 'deliver'
        ? transfer.upperKey
        : await lastKeyOf(session, { over: target.name, key: pass.key });
    const state = undo ? 'undone' : 'applied';
    await writeTransfer(session, job, id, { ...transfer, upperKey, state });
    if (parts.length > 0) await markParts(session, id, { ...transfer, state });
    return { outcome: 'done', output: `${tableText(job.action.source)}: ${pace.summary()}\n` };
  });
}

/** Why the change is not done, although no row is left to read. */
async function openEnd(transfer: Transfer, { job, pass, from }: Work, pace: Pace): Promise<string | null> {
  if (transfer.quarantined > 0) return inQuarantine(pace, job);
  if (job.action.change.do !== 'copy' || transfer.upperKey === null) return null;
  // It takes as long as it takes to count a whole table.
  await from.query("select set_config('statement_timeout', '0', true)");
  const now = await countIn(from, pass.over, between(pass.key, null, transfer.upperKey), null);
  if (now === transfer.read) return null;
  return `${tableText(job.action.source)} has ${now} rows up to the last key, and ${transfer.read} were read: somebody wrote to it during the copy. Stop its writers, roll the step back, and run it again.`;
}

function leftBehind(transfer: Transfer, { job, id }: Work): string | null {
  if (transfer.filtered === 0 || isCopy(job.action)) return null;
  return `${transfer.filtered} rows of ${tableText(job.action.source)} were changed or deleted after the step, or the database refuses them, and are left as they are. Their previous contents are in ${savedTable(id)}. Restore what you need by hand and answer "done", or retry.`;
}

function inQuarantine(pace: Pace, job: EffectJob<RowsAction>): string {
  const delivers = job.action.change.do === 'deliver';
  const where = delivers
    ? `${quotedTable(readFrom(job))}, or make room for them in the target,`
    : 'the source';
  return `The database refuses ${pace.counts.quarantined} rows (${pace.summary()}). They are in sluice.quarantine with the reason. Correct them in ${where} and retry, which tries only them and what is left; or roll back.`;
}

function refusal(problems: readonly string[]): string {
  if (problems.length === 1) return `${problems[0] ?? ''} No row was changed.`;
  return `${problems.length} problems, and no row was changed:\n${problems.map((problem) => `- ${problem}`).join('\n')}`;
}
