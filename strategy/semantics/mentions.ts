import { list, numbered, type Texts } from '../document.js';
import { suggest } from '../suggest.js';
import type { Findings } from './findings.js';
import type { Inventory } from './inventory.js';

/** An id as people build them: a word, then a number, such as STEP-3-1. */
const ID = /(?<![\w-])([A-Za-z]+)[-_]\d[\w-]*/g;

/** More warnings of this kind would hide the others. */
const MAX_WARNINGS = 100;

/**
 * Sentences name ids that exist. Warnings only: a sentence is free to say what it likes, and what it does not evaluate
 * to is asked of a person.
 */
export function checkMentions(inventory: Inventory, findings: Findings): void {
  const mentions = new Mentions(inventory, findings);
  const { rollback_strategy, success_criteria } = inventory.document;
  for (const { phase, pointer, steps } of inventory.phases) {
    mentions.check(phase.start_condition, `${pointer}/start_condition`);
    for (const { step, pointer: place } of steps)
      mentions.check(step.preconditions, `${place}/preconditions`);
    mentions.check(phase.validation_gate?.criteria, `${pointer}/validation_gate/criteria`);
    mentions.text(
      phase.rollback_point?.rollback_procedure ?? '',
      `${pointer}/rollback_point/rollback_procedure`,
    );
  }
  const completion = success_criteria?.migration_complete_definition;
  mentions.check(completion?.criteria, '/success_criteria/migration_complete_definition/criteria');
  for (const [index, level] of list(rollback_strategy?.rollback_levels).entries()) {
    const pointer = `/rollback_strategy/rollback_levels/${index}`;
    mentions.check(level.trigger_conditions, `${pointer}/trigger_conditions`);
    mentions.check(level.rollback_procedure?.steps, `${pointer}/rollback_procedure/steps`);
  }
}

class Mentions {
  readonly #inventory: Inventory;
  readonly #findings: Findings;
  /** The words that ids of this file begin with: others may be ticket numbers. */
  readonly #prefixes = new Set<string>();
  #warnings = 0;

  constructor(inventory: Inventory, findings: Findings) {
    this.#inventory = inventory;
    this.#findings = findings;
    for (const { kind, id } of inventory.items) {
      if (kind !== 'step' && kind !== 'phase' && kind !== 'gate' && kind !== 'prerequisite') continue;
      for (const [, prefix] of id.matchAll(ID)) if (prefix !== undefined) this.#prefixes.add(prefix);
    }
  }

  check(texts: Texts, pointer: string): void {
    for (const { index, text } of numbered(texts)) this.text(text, `${pointer}/${index}`);
  }

  text(text: string, pointer: string): void {
    for (const [id, prefix] of text.matchAll(ID)) {
      if (prefix === undefined || !this.#prefixes.has(prefix) || this.#inventory.byId.has(id)) continue;
      if (this.#warnings++ >= MAX_WARNINGS) return;
      const meant = suggest(id, this.#inventory.byId.keys());
      const advice = meant === null ? 'A person will be asked.' : `Did you mean "${meant}"?`;
      this.#findings.warning(
        'unknown-mention',
        pointer,
        `the sentence names "${id}", which is not in this file`,
        advice,
      );
    }
  }
}
