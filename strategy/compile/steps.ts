/** One step of the strategy as a step of the plan. */
import { nonBlank, numbered, type Step } from '../document.js';
import { parseDuration, soakOf } from '../duration.js';
import type { PlannedStep, Requirement, Retry, WatchCondition } from '../plan.js';
import { below } from '../pointer.js';
import { describeDuration } from '../render/duration.js';
import { actionsOf, asked } from './actions.js';
import type { Compilation } from './compilation.js';
import { datasetRequirement, type Place, requirementOf } from './requirement.js';
import { undoOf } from './undo.js';
import { watchOf } from './watch.js';

/** Long enough for a backfill through the night; short enough that a hanging command is found out. */
const DAY_MS = 86_400_000;
const DEFAULT_DELAY_MS = 5000;

export function compileStep(
  c: Compilation,
  step: Step,
  pointer: string,
  everywhere: readonly WatchCondition[],
): PlannedStep {
  const id = step.step_id;
  const responsible = nonBlank(step.responsible_party);
  c.role(responsible);
  refuseUses(c, step, pointer);
  const place = placeIn(c, step);
  const preconditions = numbered(step.preconditions).map(({ index, text }) =>
    requirementOf(c, text, place(below(pointer, 'preconditions', index))),
  );
  const actions = actionsOf(c, step, pointer);
  const validation = validationOf(c, step, below(pointer, 'validation'), place);
  const undo = undoOf(c, step, pointer, actions.length > 0);
  const { watch, requirements } = watchOf(c, step, pointer, everywhere);
  const soakMs = soakMsOf(c, step, pointer);
  return {
    id,
    name: step.name,
    type: step.type,
    responsible,
    preconditions,
    actions,
    validation: [...validation, ...requirements],
    undo,
    baselines: [],
    watch,
    soakMs,
    timeoutMs: timeoutMsOf(c, step, pointer, soakMs),
    retry: retryOf(c, step, pointer),
    idempotent: step['x-idempotent'] ?? false,
  };
}

type PlaceAt = (pointer: string, otherwise?: Place['otherwise']) => Place;

function placeIn(c: Compilation, step: Step): PlaceAt {
  const at = c.facts.momentOfStep(step.step_id);
  const connection = nonBlank(step['x-connection']);
  const person = `asked of ${asked(step)}`;
  return (pointer, otherwise) =>
    otherwise === undefined
      ? { pointer, at, connection, person }
      : { pointer, at, connection, person, otherwise };
}

/** The validation script first: it stands for all prose beside it. */
function validationOf(c: Compilation, step: Step, pointer: string, place: PlaceAt): readonly Requirement[] {
  const { validation } = step;
  if (!validation) return [];
  const requirements: Requirement[] = [];
  const script = nonBlank(validation.validation_script);
  const scripted =
    script === null ? null : scriptRequirement(c, step, script, below(pointer, 'validation_script'));
  if (scripted !== null) requirements.push(scripted);
  const covered: Place['otherwise'] =
    script === null ? undefined : { probe: { how: 'covered', by: script }, how: `checked by ${script}` };
  for (const key of ['validation_checks', 'success_criteria'] as const) {
    for (const { index, text } of numbered(validation[key])) {
      requirements.push(requirementOf(c, text, place(below(pointer, key, index), covered)));
    }
  }
  for (const { index, text } of numbered(validation.test_dataset_ids)) {
    requirements.push(datasetRequirement(c, text, place(below(pointer, 'test_dataset_ids', index))));
  }
  return requirements;
}

function scriptRequirement(c: Compilation, step: Step, written: string, pointer: string): Requirement | null {
  const script = c.scripts.find(written);
  const text = `validation script ${written}`;
  c.cover(pointer, written, 'automated', 'validation script');
  if (script.kind === 'problem') {
    c.report(pointer, script.finding);
    return null;
  }
  if (script.kind === 'program') return { text, probe: { how: 'script', path: script.path } };
  const connection = c.bindings.connections.choose(nonBlank(step['x-connection']), pointer, c.reporter);
  return connection === null ? null : { text, probe: { how: 'sql-script', path: script.path, connection } };
}

function soakMsOf(c: Compilation, step: Step, pointer: string): number {
  const key = nonBlank(step['x-soak']) === null ? 'estimated_duration' : 'x-soak';
  const text = nonBlank(step[key]);
  const ms = soakOf(nonBlank(step.estimated_duration), nonBlank(step['x-soak']));
  if (text === null) return 0;
  const at = below(pointer, key);
  if (ms !== null) {
    if (ms > 0) c.cover(at, text, 'automated', `soak of ${describeDuration(ms)}`);
    return ms;
  }
  c.report(at, {
    code: 'bad-duration',
    message: `"${text}" asks for a soak, and its length cannot be read`,
    advice: 'Write it as "3 days observation", or set x-soak to a duration such as "3 days".',
  });
  return 0;
}

/** `x-timeout`, else a day, or twice the estimate when that is longer. */
function timeoutMsOf(c: Compilation, step: Step, pointer: string, soakMs: number): number {
  const text = nonBlank(step['x-timeout']);
  if (text === null) {
    const estimate = soakMs > 0 ? null : parseDuration(nonBlank(step.estimated_duration) ?? '');
    return Math.max(DAY_MS, 2 * (estimate ?? 0));
  }
  return durationOr(c, text, below(pointer, 'x-timeout'), DAY_MS, 1);
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

function refuseUses(c: Compilation, step: Step, pointer: string): void {
  const uses = nonBlank(step['x-uses']);
  if (uses === null) return;
  c.cover(
    below(pointer, 'x-uses'),
    uses,
    'not-carried-out',
    'this version does not carry out items of other sections',
  );
  c.report(below(pointer, 'x-uses'), {
    code: 'not-carried-out',
    message: `"x-uses: ${uses}": this version does not carry out items of other sections`,
    advice: 'Write what the item does as commands or a script of the step.',
  });
}
