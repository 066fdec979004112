import { below } from '../pointer.js';
import { SlipIndex } from '../slip.js';
import type { Findings } from './findings.js';
import type { Inventory } from './inventory.js';

/** The `x-` keys that sluice reads, all of them on a step. */
const STEP_KEYS = ['x-uses', 'x-connection', 'x-timeout', 'x-retry', 'x-idempotent', 'x-soak'] as const;
const SPELLINGS = new SlipIndex(STEP_KEYS);

/** Where authors put such a key by mistake. */
const PARTS_OF_STEP = ['execution_details', 'validation', 'rollback_procedure', 'monitoring'] as const;
const PARTS_OF_PHASE = ['validation_gate', 'rollback_point'] as const;

/** `x-` keys are free, except those that sluice would read if they were spelled right or stood on a step. */
export function checkExtensionKeys(inventory: Inventory, findings: Findings): void {
  for (const { phase, pointer, steps } of inventory.phases) {
    checkElsewhere(phase, pointer, findings);
    for (const part of PARTS_OF_PHASE) checkElsewhere(phase[part], below(pointer, part), findings);
    for (const { step, pointer: place } of steps) {
      checkSpelling(step, place, findings);
      for (const part of PARTS_OF_STEP) checkElsewhere(step[part], below(place, part), findings);
    }
  }
}

function checkSpelling(step: object, pointer: string, findings: Findings): void {
  for (const key of extensionKeys(step)) {
    const meant = isStepKey(key) ? null : SPELLINGS.meant(key);
    if (meant === null) continue;
    findings.warning(
      'unknown-key',
      below(pointer, key),
      `the key "${key}" is not read by sluice`,
      `Did you mean "${meant}"?`,
    );
  }
}

function checkElsewhere(value: object | null | undefined, pointer: string, findings: Findings): void {
  for (const key of extensionKeys(value ?? {})) {
    const meant = isStepKey(key) ? key : SPELLINGS.meant(key);
    if (meant === null) continue;
    const message = `the key "${key}" is not read here: "${meant}" is a key of a step`;
    findings.warning('misplaced-key', below(pointer, key), message, 'Move it to the step.');
  }
}

function extensionKeys(value: object): readonly string[] {
  return Object.keys(value).filter((key) => key.startsWith('x-'));
}

function isStepKey(key: string): boolean {
  return STEP_KEYS.some((known) => known === key);
}
