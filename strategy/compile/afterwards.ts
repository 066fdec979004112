/** What comes after the completion: business criteria after their period, cleanup tasks, the monitoring period, the retrospective, notices. */
import { list, nonBlank, sentences } from '../document.js';
import type { CleanupTask } from '../document-context.js';
import { parseIsoDate } from '../iso-date.js';
import type {
  Afterwards,
  Due,
  FollowUp,
  FollowUpTask,
  LaterNotice,
  Plan,
  Procedure,
  WatchCondition,
} from '../plan.js';
import { below } from '../pointer.js';
import { describeDuration } from '../render/duration.js';
import { parseDelay } from '../sentence/delay.js';
import { usesOf } from '../uses.js';
import type { Compilation } from './compilation.js';
import { periodOf, successOf } from './completion.js';
import { AT_THE_END } from './facts.js';
import { keepOldOf } from './items/schema-change.js';
import { compileUses, joinProcedures } from './items/uses.js';
import { compileMonitoringPeriod } from './monitoring-period.js';
import { compileProcedure, type ProcedureSource } from './procedure.js';
import { shorten } from './reporter.js';
import { sentenceAt, sentencesAt } from './work.js';

const DAY_MS = 86_400_000;
const LIMITS = { timeoutMs: DAY_MS, retry: { attempts: 1, delayMs: 5000 }, idempotent: false } as const;

/**
 * `everywhere`: what every step is watched for, which the monitoring period goes on watching. `notices`: what is told later.
 */
export function compileAfterwards(
  c: Compilation,
  everywhere: readonly WatchCondition[],
  notices: readonly LaterNotice[],
): Pick<Plan, 'afterwards'> {
  const post = c.document.post_migration;
  const followUps: readonly FollowUp[] = [
    ...compileCriteria(c),
    ...list(post?.cleanup_tasks).map((task, index) =>
      compileCleanup(c, task, index, below('/post_migration/cleanup_tasks', index)),
    ),
    ...compileMonitoringPeriod(c, everywhere, decider(c)),
    ...compileRetrospective(c),
    ...notices,
  ];
  const optimizations = compileOptimizations(c);
  return followUps.length + optimizations.length === 0 ? {} : { afterwards: { followUps, optimizations } };
}

/** Who answers for the migration as a whole: the first approver of its completion. */
function decider(c: Compilation): string | null {
  return sentences(c.document.success_criteria?.migration_complete_definition?.approvers)[0] ?? null;
}

function compileCriteria(c: Compilation): readonly FollowUpTask[] {
  const responsible = decider(c);
  return list(c.document.success_criteria?.business_success).flatMap((success, index) => {
    const ms = periodOf(success);
    if (ms === null) return [];
    const pointer = below('/success_criteria/business_success', index);
    const timing = `${describeDuration(ms)} after the completion`;
    const person = `asked of ${responsible ?? 'anyone'}, ${timing}`;
    const checks = successOf(
      c,
      success,
      pointer,
      (at) => ({
        pointer: at,
        at: AT_THE_END,
        connection: null,
        person,
      }),
      timing,
    );
    if (checks.length === 0) return [];
    return [
      {
        kind: 'criterion',
        id: `business-success-${index + 1}`,
        name: nonBlank(success.criterion) ?? checks[0]?.text ?? '',
        timing,
        irreversible: false,
        due: { kind: 'after', ms },
        ...judging(responsible, checks),
      },
    ];
  });
}

function judging(responsible: string | null, checks: Procedure['checks']): Procedure {
  return { responsible, conditions: [], actions: [], checks, undo: { kind: 'nothing' }, ...LIMITS };
}

function compileCleanup(c: Compilation, task: CleanupTask, index: number, pointer: string): FollowUpTask {
  const at = (key: string): string => below(pointer, key);
  const responsible = nonBlank(task.responsible_party);
  const id = nonBlank(task.task_id) ?? `cleanup-${index + 1}`;
  const name = nonBlank(task.name) ?? id;
  const kept = keptFor(c, task, pointer);
  const { due, timing } = dueOf(c, task, { pointer: at('timing'), who: responsible ?? 'anyone', kept });
  const steps = sentencesAt(task.steps, at('steps'));
  const used = usesOf(task, pointer).length > 0;
  const told = sentenceAt(task.description, at('description')) ?? { pointer: at('name'), text: name };
  const source: ProcedureSource = {
    responsible,
    person: `asked of ${responsible ?? 'anyone'}, after the task`,
    moment: AT_THE_END,
    conditions: [],
    baseline: false,
    work: steps.length > 0 || used ? { sentences: steps } : { manual: [told] },
    workContext: {
      label: 'cleanup: ',
      byHand: responsible ?? 'anyone',
      connection: nonBlank(task['x-connection']),
    },
    checks: {
      script: null,
      sentences: [sentenceAt(task.validation, at('validation'))].filter((check) => check !== null),
      datasets: [],
    },
    undo: null,
    limits: LIMITS,
  };
  const own = compileProcedure(c, source);
  const uses = compileUses(c, task, pointer, source, own.actions.length > 0);
  const procedure = joinProcedures(own, id, uses);
  if (procedure.actions.some(({ kind }) => kind === 'observe')) {
    c.report(below(pointer, 'x-uses'), {
      code: 'not-in-cleanup',
      message: `${id} would shift traffic in stages, which only a step can watch`,
      advice: 'Use this item from a step of a phase.',
    });
  }
  return {
    kind: 'cleanup',
    id,
    name,
    timing,
    due,
    irreversible: procedure.actions.length > 0,
    ...procedure,
    undo: { kind: 'nothing' },
  };
}

/** How long what the task drops must be kept after the completion, in milliseconds. */
function keptFor(c: Compilation, task: CleanupTask, pointer: string): number {
  const kept = usesOf(task, pointer).flatMap(({ id }) => {
    const item = c.items.get(id);
    return item?.kind === 'drop of the old columns' ? [keepOldOf(c, item)] : [];
  });
  return Math.max(0, ...kept);
}

/** A timing that is not understood whole is asked: somebody says when it is time. */
function dueOf(
  c: Compilation,
  { timing }: CleanupTask,
  { pointer, who, kept }: { readonly pointer: string; readonly who: string; readonly kept: number },
): { readonly due: Due; readonly timing: string } {
  const text = nonBlank(timing);
  if (text === null) return { due: { kind: 'after', ms: kept }, timing: afterCompletion(kept) };
  const reading = parseDelay(text);
  if (reading.kind === 'understood') {
    const { value: ms } = reading;
    const when = afterCompletion(ms);
    c.cover(pointer, text, 'automated', `read as ${when}`);
    if (ms < kept) {
      c.report(pointer, {
        code: 'dropped-early',
        message: `it drops ${when} what x-keep-old keeps for ${describeDuration(kept)}`,
        advice: 'Choose a later timing, or a shorter x-keep-old of the item.',
      });
    }
    return { due: { kind: 'after', ms }, timing: when };
  }
  const date = parseIsoDate(text);
  if (date !== null) {
    const at = new Date(date.from).toISOString();
    c.cover(pointer, text, 'automated', `read as ${at}`);
    return { due: { kind: 'at', at }, timing: at };
  }
  const why = reading.kind === 'partly' ? `; "${shorten(reading.words)}" is not understood` : '';
  c.coverByPerson(pointer, text, `asked of ${who} after the completion: is it time?${why}`);
  return { due: { kind: 'asked' }, timing: text };
}

function afterCompletion(ms: number): string {
  return ms === 0 ? 'right after the completion' : `${describeDuration(ms)} after the completion`;
}

function compileRetrospective(c: Compilation): readonly FollowUpTask[] {
  const lessons = c.document.post_migration?.lessons_learned;
  const pointer = '/post_migration/lessons_learned';
  const date = nonBlank(lessons?.retrospective_date);
  const location = nonBlank(lessons?.location);
  const from = date === null ? null : parseIsoDate(date);
  const where = location === null ? '' : ` Write what was learned to ${location}.`;
  if (location !== null) {
    const how = from === null ? 'words only: no retrospective_date says when' : 'told with the reminder';
    c.cover(below(pointer, 'location'), location, from === null ? 'not-carried-out' : 'automated', how);
  }
  if (date === null || from === null) return [];
  const at = new Date(from.from).toISOString();
  // Nobody expects a machine to hold it: `unbound: 'fail'` does not apply.
  c.cover(below(pointer, 'retrospective_date'), date, 'person', `anyone is reminded at ${at}`);
  return [
    {
      kind: 'retrospective',
      id: 'retrospective',
      name: 'Retrospective',
      timing: at,
      due: { kind: 'at', at },
      irreversible: false,
      ...judging(null, []),
      actions: [{ kind: 'manual', items: [`Hold the retrospective.${where}`] }],
    },
  ];
}

function compileOptimizations(c: Compilation): Afterwards['optimizations'] {
  return list(c.document.post_migration?.optimization_opportunities).flatMap((found, index) => {
    const { opportunity, description, priority, effort } = found;
    const head = nonBlank(opportunity) ?? nonBlank(description);
    if (head === null) return [];
    const details = [
      priority == null ? null : `priority ${priority}`,
      nonBlank(effort) === null ? null : `effort ${nonBlank(effort)}`,
    ].filter((part) => part !== null);
    const more = nonBlank(description);
    const text = [
      details.length === 0 ? head : `${head} (${details.join(', ')})`,
      ...(more === null || more === head ? [] : [more]),
    ].join(': ');
    c.cover(
      below('/post_migration/optimization_opportunities', index),
      text,
      'automated',
      'listed in the report',
    );
    return [text];
  });
}
