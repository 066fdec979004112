/** One step of the strategy as a step of the plan. */
import { nonBlank, type Step } from '../document.js';
import type { PlannedStep, Retry, WatchCondition } from '../plan.js';
import { below } from '../pointer.js';
import { describeDuration } from '../render/duration.js';
import { parseDuration } from '../sentence/duration.js';
import { usesOf } from '../uses.js';
import { baselinesIn } from './baselines.js';
import type { Compilation } from './compilation.js';
import { compileUses, joinProcedures } from './items/uses.js';
import { compileProcedure, type Limits, type ProcedureSource } from './procedure.js';
import type { UndoSource } from './undo.js';
import { asked, watchOf } from './watch.js';
import { whileAsked } from './while-asked.js';
import { sentenceAt, sentencesAt, type WorkContext, type WorkSource } from './work.js';

/** Long enough for a backfill through the night; short enough that a hanging command is found out. */
const DAY_MS = 86_400_000;
const DEFAULT_DELAY_MS = 5000;
/** Characters of an estimate: enough for "30 minutes, then 3 days observation", and each view carries them all. */
const ESTIMATE_SHOWN = 60;

export function compileStep(
  c: Compilation,
  step: Step,
  pointer: string,
  everywhere: readonly WatchCondition[],
): PlannedStep {
  const before = new Map(c.streams);
  const source = procedureOf(c, step, pointer);
  const own = compileProcedure(c, source);
  const uses = compileUses(c, step, pointer, source, own.actions.length > 0);
  const procedure = joinProcedures(own, step.step_id, uses);
  for (const { id, kind } of uses.items) {
    if (kind !== 'drop of the old columns') continue;
    c.report(below(pointer, 'x-uses'), {
      code: 'only-in-cleanup',
      message: `"${id}" drops what stays until after the completion`,
      advice: 'Use it in a cleanup task (post_migration.cleanup_tasks).',
    });
  }
  const meanwhile = [
    ...uses.transitions.flatMap(({ conditions }) => conditions),
    ...[...c.streams.values()].flat(),
  ];
  const { watch, requirements } = watchOf(
    c,
    step,
    pointer,
    meanwhile.length === 0 ? everywhere : [...meanwhile, ...everywhere],
  );
  const checks = [...procedure.checks, ...requirements];
  const estimate = nonBlank(step.estimated_duration);
  return {
    id: step.step_id,
    name: step.name,
    type: step.type,
    ...procedure,
    checks,
    baselines: baselinesIn([...checks, ...(watch?.conditions ?? [])]),
    watch,
    soakMs: Math.max(soakMsOf(c, step, pointer), ...uses.transitions.map(({ soakMs }) => soakMs)),
    ...(uses.items.length === 0 ? {} : { uses: uses.items }),
    ...(uses.downtime === undefined ? {} : { downtime: uses.downtime }),
    ...(estimate === null ? {} : { estimate: estimate.slice(0, ESTIMATE_SHOWN) }),
    ...whileAsked(new Map([...before, ...c.streams])),
  };
}

function procedureOf(c: Compilation, step: Step, pointer: string): ProcedureSource {
  const { validation } = step;
  const at = (...keys: readonly string[]): string => below(pointer, ...keys);
  const checks: ProcedureSource['checks'] = {
    script: sentenceAt(validation?.validation_script, at('validation', 'validation_script')),
    sentences: [
      ...sentencesAt(validation?.validation_checks, at('validation', 'validation_checks')),
      ...sentencesAt(validation?.success_criteria, at('validation', 'success_criteria')),
    ],
    datasets: sentencesAt(validation?.test_dataset_ids, at('validation', 'test_dataset_ids')),
  };
  const byHand = asked(step);
  const connection = nonBlank(step['x-connection']);
  const used = usesOf(step, pointer).length > 0;
  const checked = checks.script !== null || checks.sentences.length + checks.datasets.length > 0;
  return {
    responsible: nonBlank(step.responsible_party),
    person: `asked of ${byHand}`,
    moment: c.facts.momentOfStep(step.step_id),
    conditions: sentencesAt(step.preconditions, at('preconditions')),
    baseline: true,
    work: workOf(c, step, pointer, checked, used),
    workContext: { label: '', byHand, connection },
    checks,
    undo: undoOf(step, at('rollback_procedure'), {
      label: 'undo: ',
      byHand: `by hand: ${byHand}`,
      connection,
    }),
    limits: limitsOf(c, step, pointer),
  };
}

/**
 * `checked`: the step has checks, which is all that a validation step without commands asks for. `used`: items do its work, so its prose
 * asks for nothing.
 */
function workOf(c: Compilation, step: Step, pointer: string, checked: boolean, used: boolean): WorkSource {
  const details = step.execution_details;
  const at = (key: string): string => below(pointer, 'execution_details', key);
  const work = {
    commands: sentencesAt(details?.commands, at('commands')),
    script: sentenceAt(details?.automation_script, at('automation_script')),
    manual: sentencesAt(details?.manual_steps, at('manual_steps')),
  };
  if (used || work.commands.length + work.manual.length > 0 || work.script !== null) return work;
  const method = sentenceAt(details?.method, at('method'));
  const told = method ?? sentenceAt(step.description, below(pointer, 'description'));
  if (step.type !== 'validation' || !checked) {
    if (told !== null) return { ...work, manual: [told] };
    if (!checked) coverNothing(c, step, pointer);
    return work;
  }
  if (method !== null) {
    const how = 'not asked: a validation step is carried out by its checks';
    c.cover(method.pointer, method.text, 'not-carried-out', how);
  }
  return work;
}

/** A name asks for nothing by itself, but its author may have meant it to. */
function coverNothing(c: Compilation, step: Step, pointer: string): void {
  const how = 'does nothing: it has no commands, script, manual steps, method, description or checks';
  c.cover(below(pointer, 'name'), step.name, 'not-carried-out', how);
}

function undoOf(step: Step, pointer: string, workContext: WorkContext): UndoSource {
  const procedure = step.rollback_procedure;
  const at = (key: string): string => below(pointer, key);
  const value = procedure?.can_rollback ?? null;
  return {
    allowed: value === null ? null : { pointer: at('can_rollback'), value },
    work: {
      script: sentenceAt(procedure?.rollback_script, at('rollback_script')),
      sentences: sentencesAt(procedure?.rollback_steps, at('rollback_steps')),
    },
    workContext,
    test: sentenceAt(procedure?.rollback_test_id, at('rollback_test_id')),
    changesThings: step.type !== 'validation',
  };
}

function limitsOf(c: Compilation, step: Step, pointer: string): Limits {
  return {
    timeoutMs: timeoutMsOf(c, step, pointer),
    retry: retryOf(c, step, pointer),
    idempotent: step['x-idempotent'] ?? false,
  };
}

/** `x-soak`, else what the estimate says of observing, soaking, baking or monitoring. */
function soakMsOf(c: Compilation, step: Step, pointer: string): number {
  const own = nonBlank(step['x-soak']);
  const key = own === null ? 'estimated_duration' : 'x-soak';
  const text = own ?? nonBlank(step.estimated_duration);
  if (text === null) return 0;
  const at = below(pointer, key);
  const soak = own === null ? c.soak(text) : { ms: durationOr(c, own, at, 0, 0) };
  if ('ms' in soak) {
    if (soak.ms > 0) c.cover(at, text, 'automated', `soak of ${describeDuration(soak.ms)}`);
    return soak.ms;
  }
  c.report(at, {
    code: 'bad-duration',
    message: `"${text}" asks for a soak, but the words "${soak.words}" are not understood`,
    advice:
      'Write it as "30 minutes, then 3 days observation", or set x-soak, such as "3 days" or "0 minutes".',
  });
  return 0;
}

/** `x-timeout`, else a day, or twice the estimate of the work when that is longer. */
function timeoutMsOf(c: Compilation, step: Step, pointer: string): number {
  const text = nonBlank(step['x-timeout']);
  if (text !== null) return durationOr(c, text, below(pointer, 'x-timeout'), DAY_MS, 1);
  const estimate = nonBlank(step.estimated_duration);
  return Math.max(DAY_MS, 2 * (estimate === null ? 0 : (c.estimate(estimate) ?? 0)));
}

function retryOf(c: Compilation, step: Step, pointer: string): Retry {
  const retry = step['x-retry'];
  if (retry == null) return { attempts: 1, delayMs: DEFAULT_DELAY_MS };
  if (typeof retry === 'number')
    return { attempts: Math.max(1, Math.trunc(retry)), delayMs: DEFAULT_DELAY_MS };
  const delay = nonBlank(retry.delay);
  const at = below(pointer, 'x-retry', 'delay');
  const delayMs = delay === null ? DEFAULT_DELAY_MS : durationOr(c, delay, at, DEFAULT_DELAY_MS, 0);
  return { attempts: Math.max(1, Math.trunc(retry.attempts)), delayMs };
}

function durationOr(c: Compilation, text: string, pointer: string, fallback: number, least: number): number {
  const ms = parseDuration(text);
  if (ms !== null && ms >= least) return ms;
  c.report(pointer, {
    code: 'bad-duration',
    message: `"${text}" is not a duration`,
    advice: 'Write it as "10s", "30 minutes", "2 hours" or "PT5M".',
  });
  return fallback;
}
