import { list, numbered, type Texts } from '../document.js';
import { suggest } from '../suggest.js';
import { usesOf } from '../uses.js';
import type { Findings } from './findings.js';
import type { Inventory, Kind } from './inventory.js';

/** What `x-uses` can carry out. */
const USABLE: readonly Kind[] = [
  'deployment step',
  'data migration',
  'configuration change',
  'infrastructure change',
  'integration',
];

/** Words that stand where an id may, and name everything or nothing. */
const ALL = /^\s*all(?: phases| steps)?\s*$/i;
const NONE = /^\s*(?:none|nothing|n\/a|-+)\s*$/i;

/** With this many suggestions made, the file has another fault than slips of the hand. */
const MAX_SUGGESTIONS = 100;

/** Everything that is named by its id is defined somewhere in the file. */
export function checkReferences(inventory: Inventory, findings: Findings): void {
  const references = new References(inventory, findings);
  for (const { steps } of inventory.phases) {
    for (const { step, pointer } of steps) {
      for (const use of usesOf(step, pointer)) references.uses(use.id, use.pointer);
    }
  }
  const { execution_timeline, risk_mitigation, post_migration } = inventory.document;
  for (const [index, task] of list(post_migration?.cleanup_tasks).entries()) {
    for (const use of usesOf(task, `/post_migration/cleanup_tasks/${index}`))
      references.uses(use.id, use.pointer);
  }
  for (const [index, entry] of list(execution_timeline?.critical_path).entries()) {
    const pointer = `/execution_timeline/critical_path/${index}`;
    references.id(entry.step_id, ['step', 'deployment step'], `${pointer}/step_id`);
    references.dependencies(entry.dependencies, `${pointer}/dependencies`);
  }
  for (const [index, milestone] of list(execution_timeline?.milestones).entries()) {
    references.dependencies(milestone.dependencies, `/execution_timeline/milestones/${index}/dependencies`);
  }
  for (const [index, risk] of list(risk_mitigation?.migration_risks).entries()) {
    const pointer = `/risk_mitigation/migration_risks/${index}`;
    references.ids(risk.affected_phases, ['phase'], `${pointer}/affected_phases`);
    references.ids(risk.affected_steps, ['step', 'deployment step'], `${pointer}/affected_steps`);
  }
}

class References {
  readonly #inventory: Inventory;
  readonly #findings: Findings;
  #suggestions = 0;

  constructor(inventory: Inventory, findings: Findings) {
    this.#inventory = inventory;
    this.#findings = findings;
  }

  /** One of `kinds`, by its id or by its name. */
  id(id: string, kinds: readonly Kind[], pointer: string): void {
    if (this.#isDefined(id, kinds) || this.#inventory.names.has(id)) return;
    const message = `there is no ${kinds[0]} "${id}"`;
    this.#findings.error('unknown-reference', pointer, message, this.#advice(id, kinds));
  }

  ids(texts: Texts, kinds: readonly Kind[], pointer: string): void {
    for (const { index, text } of numbered(texts)) {
      if (!ALL.test(text) && !NONE.test(text)) this.id(text, kinds, `${pointer}/${index}`);
    }
  }

  /** What something waits for: any id of the file. Sentences of several words are for people. */
  dependencies(texts: Texts, pointer: string): void {
    for (const { index, text } of numbered(texts)) {
      if (
        /\s/.test(text.trim()) ||
        NONE.test(text) ||
        this.#inventory.byId.has(text) ||
        this.#inventory.names.has(text)
      )
        continue;
      const message = `this file has no id "${text}"`;
      this.#findings.error('unknown-reference', `${pointer}/${index}`, message, this.#advice(text, null));
    }
  }

  uses(id: string, pointer: string): void {
    const found = (this.#inventory.byId.get(id) ?? []).filter((item) => USABLE.includes(item.kind));
    if (found.length === 0) {
      const message = `there is no item "${id}" in the sections about code, data, configuration, infrastructure or integrations`;
      this.#findings.error('unknown-reference', pointer, message, this.#advice(id, USABLE));
    }
    if (found.length > 1) {
      const message = `"${id}" could be the ${found.map((item) => item.kind).join(' or the ')}`;
      this.#findings.error('ambiguous-reference', pointer, message, 'Give them different ids.');
    }
  }

  #isDefined(id: string, kinds: readonly Kind[]): boolean {
    return this.#inventory.byId.get(id)?.some((item) => kinds.includes(item.kind)) ?? false;
  }

  #advice(id: string, kinds: readonly Kind[] | null): string {
    if (this.#suggestions < MAX_SUGGESTIONS) {
      this.#suggestions++;
      const known = this.#inventory.items.filter((item) => kinds === null || kinds.includes(item.kind));
      const meant = suggest(id, new Set(known.map((item) => item.id)));
      if (meant !== null) return `Did you mean "${meant}"?`;
      if (known.length === 0) return 'Nothing of that kind is defined in this file.';
    }
    return 'Use an id that this file defines.';
  }
}
