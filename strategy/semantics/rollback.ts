import { parsePrefix } from '../compile/prefix.js';
import { list, nonBlank, type RollbackLevel, type StrategyDocument, sentences } from '../document.js';
import { checkDecisionMaker } from './approvals.js';
import type { Findings } from './findings.js';
import type { Inventory, PlacedStep } from './inventory.js';

/** What says that it can be rolled back has a way, and what says that it cannot has none; every level is defined once. */
export function checkRollback(inventory: Inventory, findings: Findings): void {
  const { document } = inventory;
  const levels = list(document.rollback_strategy?.rollback_levels);
  const isCovered = levels.some((level) => nonBlank(level.rollback_procedure?.automation_script) !== null);
  for (const { steps } of inventory.phases) for (const step of steps) checkStep(step, isCovered, findings);
  checkLevels(levels, findings);
  checkDataMigrations(document, findings);
}

function checkStep({ step, pointer }: PlacedStep, isCovered: boolean, findings: Findings): void {
  const procedure = step.rollback_procedure;
  if (!procedure) return;
  const steps = sentences(procedure.rollback_steps);
  const hasScript = nonBlank(procedure.rollback_script) !== null;
  const place = `${pointer}/rollback_procedure/can_rollback`;
  // Prose beside "can_rollback: false" says why, or what is lost.
  if (procedure.can_rollback === false && (hasScript || steps.some((text) => parsePrefix(text) !== null))) {
    const message = `the step "${step.step_id}" says that it cannot be rolled back, but also how to do it`;
    findings.error(
      'contradictory-rollback',
      place,
      message,
      'Write "can_rollback: true", or remove the script and the executable steps.',
    );
  }
  if (procedure.can_rollback !== true || hasScript || steps.length > 0) return;
  // A validation changes nothing, so that there is nothing to say.
  if (step.type === 'validation') return;
  const message = `the step "${step.step_id}" says that it can be rolled back, but not how`;
  const advice = 'Add "rollback_script" or "rollback_steps".';
  if (isCovered)
    findings.warning(
      'no-way-back',
      place,
      `${message}; only the script of a rollback level covers it`,
      advice,
    );
  else findings.error('no-way-back', place, message, advice);
}

function checkLevels(levels: readonly RollbackLevel[], findings: Findings): void {
  const seen = new Set<string>();
  for (const [index, level] of levels.entries()) {
    const pointer = `/rollback_strategy/rollback_levels/${index}`;
    if (seen.has(level.level)) {
      const message = `the rollback level "${level.level}" is defined twice`;
      findings.error(
        'duplicate-level',
        `${pointer}/level`,
        message,
        'Put everything about a level into one entry.',
      );
    }
    seen.add(level.level);
    checkDecisionMaker(
      level.level,
      level.approval_required === true,
      level.decision_maker,
      pointer,
      findings,
    );
  }
}

function checkDataMigrations(document: StrategyDocument, findings: Findings): void {
  for (const [index, migration] of list(document.data_migration?.migrations).entries()) {
    const { rollback } = migration;
    if (!rollback) continue;
    const place = `/data_migration/migrations/${index}/rollback/can_rollback`;
    const hasScript = nonBlank(rollback.rollback_script) !== null;
    if (rollback.can_rollback === true && !hasScript && !rollback.rollback_method) {
      const message = `the data migration "${migration.migration_id}" says that it can be rolled back, but not how`;
      findings.error('no-way-back', place, message, 'Add "rollback_script" or "rollback_method".');
    }
    if (rollback.can_rollback === false && hasScript) {
      const message = `the data migration "${migration.migration_id}" says that it cannot be rolled back, but also how to do it`;
      findings.error(
        'contradictory-rollback',
        place,
        message,
        'Write "can_rollback: true", or remove the script.',
      );
    }
  }
}
