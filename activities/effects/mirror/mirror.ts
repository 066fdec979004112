/**
 * Keeps two tables of one database in step by triggers, for as long as an item needs: `start` creates them, `finish` and `undo` drop
 * them, each in one transaction with the row of `sluice.mirror`. So a repeat after a kill at any moment finds what was done.
 */
import { tableText } from '../../../strategy/kinds/effects/rows.js';
import type { MirrorAction } from '../../../strategy/plan.js';
import { withHeartbeat } from '../../attempt.js';
import type { EffectJob, EffectOutcome } from '../../contract.js';
import { type Dependencies, limitsOf } from '../../dependencies.js';
import { point } from '../../fault-points.js';
import { redact } from '../../redact.js';
import { Refusal } from '../../refusal.js';
import { secretForms, UnresolvedReference } from '../../secrets.js';
import type { Session } from '../../sql/session.js';
import { targetOf } from '../../sql/target.js';
import type { Ending } from '../rows/ending.js';
import { quotedTable, readTable } from '../rows/table.js';
import { ensureTransfers, transferId } from '../rows/transfer.js';
import { createOneWay, dropOneWay } from './one-way.js';
import { checkMirror } from './preflight.js';
import { settle } from './settle.js';
import { ensureMirrors, holdMirror, othersOf, writeMirror } from './state.js';
import { tryUntil } from './try-until.js';
import { namesOf, waysOf } from './ways.js';

/** Carries `job.action` out; throws only when the next attempt must go on with it. */
export async function runMirror(
  dependencies: Dependencies,
  job: EffectJob<MirrorAction>,
): Promise<EffectOutcome> {
  return withHeartbeat(async () => {
    const began = Date.now();
    const forms = await secretForms(job.context, dependencies.env);
    const ending = await carryOut(dependencies, job);
    point('before-return');
    const ended = { durationMs: Date.now() - began, exitCode: null };
    if (ending.outcome === 'done') return { ...ended, outcome: 'done', output: redact(forms, ending.output) };
    return { ...ended, outcome: 'failed', cause: redact(forms, ending.cause), output: '' };
  });
}

async function carryOut(dependencies: Dependencies, job: EffectJob<MirrorAction>): Promise<Ending> {
  const limits = limitsOf(dependencies);
  try {
    const target = await targetOf(job.context, job.action.connection, dependencies.env);
    const trying = { targets: [target], limits, timeoutMs: job.timeoutMs, done: () => 0, summary: () => '' };
    return await tryUntil(trying, async ([session]) => {
      if (session === undefined) return null;
      await ensureTransfers(session);
      await ensureMirrors(session);
      return inTransaction(session, job, limits.lockTimeoutMs);
    });
  } catch (error) {
    if (!(error instanceof Refusal || error instanceof UnresolvedReference)) throw error;
    return { outcome: 'failed', cause: error.message };
  }
}

/** What failed leaves nothing, but for what a shadow took after all. */
async function inTransaction(
  session: Session,
  job: EffectJob<MirrorAction>,
  lockTimeoutMs: number,
): Promise<Ending> {
  await session.query('begin');
  await session.query("select set_config('lock_timeout', $1, true)", [String(lockTimeoutMs)]);
  const ending = await change(session, job);
  if (ending.outcome === 'failed' && job.action.do !== 'settle') {
    await session.querySteadily('rollback');
    return ending;
  }
  point('before-commit');
  await session.querySteadily('commit');
  point('after-commit');
  return ending;
}

async function change(session: Session, job: EffectJob<MirrorAction>): Promise<Ending> {
  const { action } = job;
  switch (action.do) {
    case 'start':
      return start(session, job);
    case 'settle':
      return settle(session, job);
    case 'finish':
    case 'undo':
      return end(session, job, action.do);
    default:
      return action.do satisfies never;
  }
}

async function start(session: Session, job: EffectJob<MirrorAction>): Promise<Ending> {
  const { action } = job;
  const found = await holdMirror(session, job);
  const both = `${tableText(action.source)} and ${tableText(action.target)}`;
  if (found?.state === 'undone') return { outcome: 'failed', cause: 'It has been taken back meanwhile.' };
  if (found !== null) return { outcome: 'done', output: `already done: triggers of ${both}\n` };
  const other = await othersOf(session, action);
  if (other.length > 0) {
    return {
      outcome: 'failed',
      cause: `${both} are kept in step by ${other.join(', ')} already. End it first: its step ITEM/finish, or its rollback.`,
    };
  }
  const checked = await checkMirror(session, action);
  if (checked.pair === null || checked.problems.length > 0) {
    return { outcome: 'failed', cause: refusal(checked.problems) };
  }
  // Waits for whoever writes them now, so that nothing is written past the triggers; and the target stays empty until then.
  await session.query(
    `lock table ${quotedTable(action.source)}, ${quotedTable(action.target)} in share row exclusive mode`,
  );
  const again = await checkMirror(session, action);
  if (again.problems.length > 0) return { outcome: 'failed', cause: refusal(again.problems) };
  const id = transferId(job);
  for (const way of waysOf(id, action, checked.pair)) {
    for (const statement of createOneWay(way)) await session.query(statement);
  }
  await writeMirror(session, job, { id, state: 'started' });
  return { outcome: 'done', output: `triggers keep ${both} in step from now on\n` };
}

/** An undo of what never began notes that, so that a slow attempt at the start does not begin any more. */
async function end(session: Session, job: EffectJob<MirrorAction>, how: 'finish' | 'undo'): Promise<Ending> {
  const { action } = job;
  const both = `${tableText(action.source)} and ${tableText(action.target)}`;
  const found = await holdMirror(session, job);
  if (how === 'finish') {
    if (found === null) {
      return { outcome: 'failed', cause: `The run has no triggers that keep ${both} in step.` };
    }
    if (found.state === 'finished')
      return { outcome: 'done', output: `already done: no triggers on ${both}\n` };
  }
  const id = found?.id ?? transferId(job);
  await writeMirror(session, job, { id, state: how === 'finish' ? 'finished' : 'undone' });
  if (found === null || found.state === 'undone')
    return { outcome: 'done', output: 'No trigger was there.\n' };
  const names = namesOf(id);
  for (const [name, table] of [
    [names.forward, action.source],
    [names.back, action.target],
  ] as const) {
    // A table that is gone took its triggers along.
    const there = (await readTable(session, table)) !== null;
    for (const statement of dropOneWay(name, quotedTable(table))) {
      if (there || !statement.startsWith('drop trigger')) await session.query(statement);
    }
  }
  return { outcome: 'done', output: `dropped the triggers of ${both}\n` };
}

function refusal(problems: readonly string[]): string {
  if (problems.length === 1) return `${problems[0] ?? ''} Nothing was changed.`;
  return `${problems.length} problems, and nothing was changed:\n${problems.map((problem) => `- ${problem}`).join('\n')}`;
}
