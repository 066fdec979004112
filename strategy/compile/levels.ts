/** The levels of a rollback. */
import { list, nonBlank, numbered, type RollbackLevel } from '../document.js';
import type { Level, PlannedLevel, Requirement } from '../plan.js';
import { below } from '../pointer.js';
import { alarmOf } from './alarm.js';
import type { Compilation } from './compilation.js';
import { AT_THE_END } from './facts.js';
import { compileProcedure, type ProcedureSource } from './procedure.js';
import { sentenceAt, sentencesAt } from './work.js';

const SIZES: readonly Level[] = ['step', 'phase', 'full'];

/** A level's actions are a few minutes' work; the format has no limit of its own for them. */
const LEVEL_TIMEOUT_MS = 86_400_000;

/** From the smallest to the largest. */
export function compileLevels(c: Compilation): readonly PlannedLevel[] {
  return list(c.document.rollback_strategy?.rollback_levels)
    .map((level, index) => compileLevel(c, level, below('/rollback_strategy/rollback_levels', index)))
    .sort((left, right) => SIZES.indexOf(left.level) - SIZES.indexOf(right.level));
}

function compileLevel(c: Compilation, level: RollbackLevel, pointer: string): PlannedLevel {
  const approvalRequired = level.approval_required ?? false;
  const decider = nonBlank(level.decision_maker) ?? 'anyone';
  if (approvalRequired) {
    const how = `approved by ${decider} before it begins`;
    c.cover(below(pointer, 'approval_required'), `approval of a ${level.level} rollback`, 'person', how);
  }
  const person = `asked of ${decider}, in the rollback`;
  return {
    ...compileProcedure(c, procedureOf(level, pointer, person)),
    level: level.level,
    description: nonBlank(level.description) ?? '',
    triggers: triggersOf(c, level, below(pointer, 'trigger_conditions')),
    approvalRequired,
    manualSteps: manualStepsOf(c, level, below(pointer, 'rollback_procedure', 'manual_steps'), person),
  };
}

function procedureOf(level: RollbackLevel, pointer: string, person: string): ProcedureSource {
  const { rollback_procedure: procedure, validation } = level;
  const at = (...keys: readonly string[]): string => below(pointer, ...keys);
  return {
    responsible: nonBlank(level.decision_maker),
    person,
    moment: AT_THE_END,
    conditions: [],
    baseline: false,
    work: {
      script: sentenceAt(procedure?.automation_script, at('rollback_procedure', 'automation_script')),
      sentences: sentencesAt(procedure?.steps, at('rollback_procedure', 'steps')),
    },
    workContext: { label: 'covers steps without an undo: ', byHand: person, connection: null },
    checks: {
      script: null,
      sentences: sentencesAt(validation?.post_rollback_checks, at('validation', 'post_rollback_checks')),
      datasets: sentencesAt(validation?.test_dataset_ids, at('validation', 'test_dataset_ids')),
    },
    undo: null,
    limits: { timeoutMs: LEVEL_TIMEOUT_MS, retry: { attempts: 1, delayMs: 0 }, idempotent: false },
  };
}

function triggersOf(c: Compilation, level: RollbackLevel, pointer: string): readonly Requirement[] {
  return numbered(level.trigger_conditions).map(({ index, text }) => {
    const at = below(pointer, index);
    const found = alarmOf(c, text, { pointer: at, at: AT_THE_END, connection: null, baseline: true });
    if (found.kind === 'person') {
      c.coverByPerson(at, text, `shown when a person decides how far to roll back${found.why}`);
      return { text, probe: { how: 'person' } };
    }
    c.cover(at, text, 'automated', `watched in every step: ${found.how}`);
    return { text, probe: found.probe };
  });
}

/** Unlike the level's prose steps, which a rollback asks for only when a step is left to cover. */
function manualStepsOf(
  c: Compilation,
  level: RollbackLevel,
  pointer: string,
  person: string,
): readonly string[] {
  return numbered(level.rollback_procedure?.manual_steps).map(({ index, text }) => {
    c.coverByPerson(below(pointer, index), text, `manual step: ${person}`);
    return text;
  });
}
