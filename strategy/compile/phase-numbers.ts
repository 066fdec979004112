/** Which phase "Phase 2" is: the one of that name, else the one at that place. */
import { inOrder, type StrategyDocument } from '../document.js';
import type { Finding } from './reporter.js';

export class PhaseNumbers {
  /** By the number in an id or name such as "PHASE-2" or "Phase 2: rollout". */
  readonly #named = new Map<number, string>();
  readonly #byOrder = new Map<number, string>();
  readonly #ids: readonly string[];

  constructor(document: StrategyDocument) {
    const phases = inOrder(document.migration_phases);
    this.#ids = phases.map(({ phase_id: id }) => id);
    for (const { phase_id: id, name, order } of phases) {
      this.#byOrder.set(order, id);
      for (const text of [id, name]) {
        const number = /^phase[\s_-]?(\d{1,9})(?![\w.-])/i.exec(text)?.[1];
        if (number !== undefined && !this.#named.has(Number(number))) this.#named.set(Number(number), id);
      }
    }
  }

  /** The phase and why it is that one; a problem whose message continues the quoted sentence. */
  find(number: number): { readonly id: string; readonly why: string } | Finding {
    const named = this.#named.get(number);
    const ordered = this.#byOrder.get(number);
    const placed = this.#ids[number - 1];
    if (named !== undefined) {
      if (ordered === undefined || ordered === named) return { id: named, why: `the phase named ${number}` };
      return ambiguous(`the phase with order ${number}, "${ordered}"`, `"${named}" by its name`);
    }
    if (ordered !== undefined) {
      if (ordered === placed) return { id: ordered, why: `the phase with order ${number}` };
      return ambiguous(
        `the phase with order ${number}, "${ordered}"`,
        placed === undefined ? 'none by its place' : `"${placed}" by its place`,
      );
    }
    if (placed !== undefined)
      return { id: placed, why: `phase ${number} of ${this.#ids.length} by its place` };
    return {
      code: 'unknown-reference',
      message: `refers to phase ${number}, which does not exist`,
      advice: `Known phases: ${this.#ids.join(', ')}.`,
    };
  }
}

function ambiguous(one: string, other: string): Finding {
  return {
    code: 'ambiguous-reference',
    message: `may mean ${one}, or ${other}`,
    advice: 'Write the id of the phase.',
  };
}
