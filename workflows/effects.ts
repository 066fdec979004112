/**
 * Effects: one action, carried out once. A failure is a result. What may be repeated is repeated here on purpose
 * (`x-retry`, `x-idempotent`, a person who says that it did not happen), never by an engine that knows no better.
 */
import { ActivityFailure, isCancellation, sleep } from '@temporalio/workflow';
import type { EffectJob, EffectKey, EffectOutcome } from '../activities/contract.js';
import {
  actionNeedsHost,
  type MachineAction,
  needsOfAction,
  titleOf,
} from '../strategy/kinds/effects/index.js';
import type { Action, Constraint, ObserveAction, Retry } from '../strategy/plan.js';
import type { Option } from '../strategy/run/decision.js';
import type { Purpose } from '../strategy/run/event.js';
import { effects, messageOf } from './activities.js';
import { settleConflicts } from './conflicts.js';
import { ask, needOf } from './decisions.js';
import { onHost } from './hosts.js';
import { contextFor } from './job-context.js';
import { tooLarge } from './limits.js';
import { approveLosses } from './losses.js';
import { observe } from './observe.js';
import { settleRows } from './review.js';
import type { Run } from './run.js';
import { untilMayAct } from './window.js';

/** An action in its place. */
export interface Effect {
  /** The step, or for a level's script `rollback-<number>`. */
  readonly subject: string;
  readonly phase: string | null;
  readonly purpose: Purpose;
  readonly incarnation: number;
  readonly index: number;
  readonly action: Action;
  readonly responsible: string | null;
  readonly timeoutMs: number;
  readonly retry: Retry;
  readonly idempotent: boolean;
  /** The windows of the items of its step. */
  readonly windows?: readonly Constraint[];
  /** The steps that an action of a rollback level covers, newest first. */
  readonly covers?: readonly string[];
}

export type EffectResult =
  | { readonly result: 'done' }
  | { readonly result: 'failed'; readonly cause: string }
  /** A person chose to roll back instead of saying what became of it. */
  | { readonly result: 'rollback' };

/** Carries one action out; asks people for what only they can do or know. */
export async function carryOutEffect(run: Run, effect: Effect): Promise<EffectResult> {
  const { action } = effect;
  for (let tried = 1; ; tried += 1) {
    if (effect.purpose === 'apply') await untilMayAct(run, effect.windows);
    if (action.kind === 'manual') return byHand(run, effect, action.items);
    if (action.kind === 'observe') return observing(run, effect, action);
    const outcome = await untilSettled(run, effect, action);
    run.emit({
      type: 'action-finished',
      phase: effect.phase,
      step: effect.subject,
      purpose: effect.purpose,
      index: effect.index,
      what: titleOf(action),
      outcome: outcome.outcome,
      cause: outcome.outcome === 'done' ? null : outcome.cause,
      exitCode: outcome.outcome === 'unknown' ? null : outcome.exitCode,
      durationMs: outcome.durationMs,
      output: outcome.output,
    });
    switch (outcome.outcome) {
      case 'done':
        return { result: 'done' };
      case 'failed':
        anotherAttempt(run, effect);
        if (tried >= effect.retry.attempts) return { result: 'failed', cause: outcome.cause };
        await sleep(run.compressed(effect.retry.delayMs));
        // A paused run does not retry. A command resumes it: an undo then still ends, what applies is cancelled.
        await run.untilResumed();
        break;
      case 'unknown': {
        const answer = await resolveUnknown(run, effect, outcome.cause);
        if (answer !== 'again') return answer;
        anotherAttempt(run, effect);
        break;
      }
      default:
        outcome satisfies never;
    }
  }
}

/** What people have to settle on the way, such as rows that differ, is asked, and its answer carried out, until nothing is left. */
async function untilSettled(run: Run, effect: Effect, action: MachineAction): Promise<EffectOutcome> {
  let current = action;
  for (;;) {
    const outcome = await once(run, effect, current);
    if (outcome.outcome !== 'done') return outcome;
    const { phase, subject } = effect;
    if (outcome.comparison !== undefined) {
      run.emit({ type: 'reconciled', phase, step: subject, ...outcome.comparison });
    }
    const next = await nextTask(run, effect, current, outcome);
    if (next === null) return outcome;
    if ('cause' in next) return { ...outcome, outcome: 'failed', cause: next.cause };
    current = next;
  }
}

/** Asks what has to be asked. The action with what was answered, why it fails, or null when nothing has. */
async function nextTask(
  run: Run,
  effect: Effect,
  action: MachineAction,
  { asks, losses }: Extract<EffectOutcome, { readonly outcome: 'done' }>,
): Promise<MachineAction | { readonly cause: string } | null> {
  if (asks !== undefined && action.kind === 'reconcile') return settleRows(run, effect, action, asks);
  if (asks !== undefined && action.kind === 'sync') {
    return settleConflicts(run, effect, action, asks, (rounds) => once(run, effect, rounds));
  }
  if (losses !== undefined && action.kind === 'backup') return approveLosses(run, effect, action, losses);
  return null;
}

async function once(run: Run, effect: Effect, action: MachineAction): Promise<EffectOutcome> {
  const { subject, purpose, incarnation, index, timeoutMs } = effect;
  const key: EffectKey = {
    subject,
    purpose,
    incarnation,
    index,
    attempt: run.attempts.get(nameOfKey(effect)) ?? 1,
  };
  try {
    const { context, unidentified } = await contextFor(run, needsOfAction(action));
    if (unidentified !== null) return notBegun(unidentified);
    const job: EffectJob = { context, key, ...withPeriod(run, action, timeoutMs), covers: effect.covers };
    if (action.kind === 'rows') run.rowsUnderWay.set(subject, action);
    const refused = tooLarge(job);
    if (refused !== null) return notBegun(refused);
    if (!actionNeedsHost(action)) return await effects(null, job.timeoutMs).runEffect(job);
    const called = await onHost(run, (queue) => effects(queue, timeoutMs).runEffect(job));
    if ('answer' in called) return called.answer;
    return unknown(
      `the host ${called.lost} started no command for a minute and does not answer. Only its job folder shows what happened.`,
    );
  } catch (error) {
    if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
    return unknown(`the worker could not determine it: ${messageOf(error)}`);
  } finally {
    run.rowsUnderWay.delete(subject);
  }
}

/** A period comes on top of the time that the work itself may take. */
function withPeriod(
  run: Run,
  action: MachineAction,
  timeoutMs: number,
): Pick<EffectJob, 'action' | 'timeoutMs'> {
  if (action.kind !== 'sync' || action.periodMs === 0) return { action, timeoutMs };
  const periodMs = run.compressed(action.periodMs);
  return { action: { ...action, periodMs }, timeoutMs: timeoutMs + periodMs };
}

function notBegun(cause: string): EffectOutcome {
  return { outcome: 'failed', cause, exitCode: null, durationMs: 0, output: '' };
}

function unknown(cause: string): EffectOutcome {
  return { outcome: 'unknown', cause, durationMs: 0, output: '' };
}

async function resolveUnknown(run: Run, effect: Effect, cause: string): Promise<EffectResult | 'again'> {
  if (effect.idempotent) return 'again';
  const options: readonly Option[] =
    effect.purpose === 'apply' ? ['happened', 'did-not-happen', 'rollback'] : ['happened', 'did-not-happen'];
  const answer = await ask(run, {
    kind: 'unknown-outcome',
    subject: effect.subject,
    question: `It is unknown whether "${titleOf(effect.action)}" happened: ${cause} Check the target itself, then answer.`,
    options,
    needs: needOf(effect.responsible),
  });
  switch (answer.option) {
    case 'happened':
      return { result: 'done' };
    case 'did-not-happen':
      return 'again';
    default:
      return { result: 'rollback' };
  }
}

async function observing(run: Run, effect: Effect, action: ObserveAction): Promise<EffectResult> {
  const { subject, phase, purpose, index, responsible } = effect;
  if (phase === null) throw new Error(`Only a step observes, and ${subject} is none.`);
  const began = Date.now();
  const cause = await observe(run, { id: subject, phase, responsible }, action);
  run.emit({
    type: 'action-finished',
    phase,
    step: subject,
    purpose,
    index,
    what: titleOf(action),
    outcome: cause === null ? 'done' : 'failed',
    cause,
    exitCode: null,
    durationMs: Date.now() - began,
    output: '',
  });
  return cause === null ? { result: 'done' } : { result: 'failed', cause };
}

async function byHand(run: Run, effect: Effect, items: readonly string[]): Promise<EffectResult> {
  const answer = await ask(run, {
    kind: 'manual',
    subject: effect.purpose === 'undo' ? `undo-${effect.subject}` : effect.subject,
    question: `Do by hand${purposeOf(effect)}: ${items.join('; ')}`,
    needs: needOf(effect.responsible),
    checklist: items,
  });
  run.emit({
    type: 'action-finished',
    phase: effect.phase,
    step: effect.subject,
    purpose: effect.purpose,
    index: effect.index,
    what: titleOf(effect.action),
    outcome: answer.option === 'done' ? 'done' : 'failed',
    cause: answer.option === 'done' ? null : (answer.reason ?? 'no reason given'),
    exitCode: null,
    durationMs: 0,
    output: '',
  });
  return answer.option === 'done'
    ? { result: 'done' }
    : {
        result: 'failed',
        cause: `${answer.by} could not do it${answer.reason === null ? '.' : `: ${answer.reason}`}`,
      };
}

function purposeOf({ purpose, subject, covers }: Effect): string {
  return purpose === 'undo' ? `, to undo ${covers?.join(', ') ?? subject}` : '';
}

/** The next try is another effect with a job folder and key of its own. */
function anotherAttempt(run: Run, effect: Effect): void {
  const name = nameOfKey(effect);
  run.attempts.set(name, (run.attempts.get(name) ?? 1) + 1);
}

function nameOfKey({ subject, purpose, incarnation, index }: Effect): string {
  return `${subject}/${purpose}/${incarnation}/${index}`;
}
