/** A business criterion, a cleanup task or the retrospective, at its time. */
import { isCancellation } from '@temporalio/workflow';
import type { FollowUpTask } from '../strategy/plan.js';
import type { FollowUpStatus } from '../strategy/run/view.js';
import { checkpoint } from './checkpoint.js';
import { ask, needOf } from './decisions.js';
import { carryOutEffect } from './effects.js';
import { causeOf, Failed, Interrupted } from './failure-types.js';
import { effectsOf } from './procedure.js';
import { askAfterFailure } from './reopen.js';
import { openOf } from './requirements.js';
import type { Run } from './run.js';
import type { Tail } from './tail.js';

export async function carryOutTask(run: Run, task: FollowUpTask, tail: Tail): Promise<void> {
  const due = run.view.afterwards?.followUps.find(({ id }) => id === task.id)?.due ?? null;
  if (due !== null && !(await tail.until(due))) return;
  await tail.working(async () => {
    if (due === null) await untilItIsTime(run, task);
    await attempts(run, task);
  });
}

/** Its timing is not understood, so a person says when. A "no" is asked again: it waits with the question open. */
async function untilItIsTime(run: Run, task: FollowUpTask): Promise<void> {
  const { id, name, timing, responsible } = task;
  setStatus(run, task, 'waiting', `Waits for ${responsible ?? 'anyone'} to say that it is time.`);
  await ask(run, {
    kind: 'confirm',
    subject: id,
    question: `Is it time for ${id} (${name})? The strategy says: ${timing}. Confirm when it is; it is carried out then.`,
    options: ['confirm'],
    needs: needOf(responsible),
  });
}

async function attempts(run: Run, task: FollowUpTask): Promise<void> {
  for (;;) {
    const failed = await attempt(run, task);
    if (failed === null) return setStatus(run, task, 'completed', 'Done.');
    setStatus(run, task, 'failed', failed.cause);
    const answer = await askAfterFailure(run, task, failed);
    if (answer.option === 'skip') {
      return setStatus(run, task, 'skipped', `Skipped by ${answer.by}: ${answer.reason ?? ''}`);
    }
  }
}

/** @returns why it failed, or null. */
async function attempt(
  run: Run,
  task: FollowUpTask,
): Promise<Pick<Failed['failure'], 'cause' | 'evidence'> | null> {
  try {
    await act(run, task);
    if (task.checks.length > 0) await check(run, task);
    return null;
  } catch (error) {
    if (error instanceof Failed) return error.failure;
    if (error instanceof Interrupted || isCancellation(error)) throw error;
    return { cause: `sluice failed: ${causeOf(error)}`, evidence: [] };
  }
}

/** Its actions, each once: those that an earlier attempt did are not done again. */
async function act(run: Run, task: FollowUpTask): Promise<void> {
  const { id } = task;
  if (task.actions.length > 0) setStatus(run, task, 'running', '');
  const place = { subject: id, phase: null, purpose: 'apply', incarnation: run.rollbacks } as const;
  for (const effect of effectsOf(task, task.actions, place)) {
    const known = run.view.afterwards?.followUps.find((followUp) => followUp.id === id);
    if (effect.index < (known?.actionsDone ?? 0)) continue;
    const done = await carryOutEffect(run, effect);
    if (done.result === 'done') continue;
    const cause = done.result === 'failed' ? done.cause : 'Its outcome is unknown.';
    throw new Failed({ kind: 'completion', subject: id, responsible: task.responsible, cause });
  }
}

async function check(run: Run, task: FollowUpTask): Promise<void> {
  const { id, name, kind, checks, responsible } = task;
  const open = openOf(checks).join('; ');
  await checkpoint(run, {
    subject: { kind: 'follow-up', id },
    title: `${id} (${name})`,
    failsWith: kind === 'criterion' ? 'The criterion is not met' : 'A check failed',
    requirements: checks,
    needs: needOf(responsible),
    asks: {
      kind: 'confirm',
      question:
        kind === 'criterion'
          ? `Is the business criterion met? ${open}`
          : `${id} (${name}): is it done? ${open}`,
      needs: needOf(responsible),
    },
    signed: false,
    failure: { kind: 'completion', phase: null, responsible },
    setStatus: (status, reason) => setStatus(run, task, status === 'evaluating' ? 'running' : status, reason),
  });
}

function setStatus(run: Run, { id }: FollowUpTask, status: FollowUpStatus, reason: string): void {
  run.emit({ type: 'follow-up-status', id, status, reason });
}
