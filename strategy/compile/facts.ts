/**
 * Sentences about the run's own state, such as "STEP-3-1 successful" or "Phase 1 validation gate passed".
 *
 * Everything that can be such a fact has a moment, counted in the order of a run. A sentence evaluated at a moment may
 * only speak of earlier ones: otherwise it would wait for itself, or for something that comes later.
 */
import { list, type StrategyDocument } from '../document.js';
import type { Fact } from '../plan.js';
import { suggest } from '../suggest.js';
import type { Classified } from './classified.js';
import { meant } from './reporter.js';

/** A sentence evaluated when all is done may speak of everything. */
export const AT_THE_END = Number.POSITIVE_INFINITY;

interface Known {
  readonly fact: Fact;
  readonly moment: number;
}

const DONE =
  '(?:is |was |has |has been )?(?:successful|successfully completed|succeeded|completed|complete|finished|done|passed|verified)';
const PHASE_NUMBER = new RegExp(`^phase (\\d{1,9})(?: (?:validation )?(gate))? ${DONE}$`, 'i');
const BY_ID = new RegExp(
  `^(?:(?:step|phase|gate|prerequisite) )?(\\S{1,200})(?: (?:validation )?(gate))? ${DONE}$`,
  'i',
);
const ALL_GATES = new RegExp(`^all (?:validation )?gates (?:are |were |have )?${DONE}$`, 'i');

export class FactTable {
  readonly #steps = new Map<string, Known>();
  readonly #phases = new Map<string, Known>();
  readonly #gates = new Map<string, Known>();
  readonly #prerequisites = new Map<string, Known>();
  readonly #gateOfPhase = new Map<string, Known>();
  readonly #phaseByOrder = new Map<number, string>();
  readonly #startOfPhase = new Map<string, number>();
  readonly #families = new Set(['step', 'phase', 'gate', 'prereq', 'prerequisite']);
  #lastGate = 0;

  constructor(document: StrategyDocument) {
    let moment = 0;
    for (const { prerequisite_id: id } of list(document.prerequisites)) {
      moment += 1;
      remember(this.#prerequisites, id, {
        fact: { kind: 'prerequisite-verified', prerequisite: id },
        moment,
      });
    }
    for (const phase of inOrder(document.migration_phases)) {
      moment += 1;
      this.#startOfPhase.set(phase.phase_id, moment);
      this.#phaseByOrder.set(phase.order, phase.phase_id);
      for (const { step_id: step } of inOrder(list(phase.steps))) {
        moment += 1;
        remember(this.#steps, step, { fact: { kind: 'step-completed', step }, moment });
      }
      if (phase.validation_gate) {
        moment += 1;
        const known: Known = { fact: { kind: 'gate-passed', gate: phase.validation_gate.gate_id }, moment };
        remember(this.#gates, phase.validation_gate.gate_id, known);
        remember(this.#gateOfPhase, phase.phase_id, known);
        this.#lastGate = moment;
      }
      moment += 1;
      const fact: Fact = { kind: 'phase-completed', phase: phase.phase_id };
      remember(this.#phases, phase.phase_id, { fact, moment });
    }
    for (const table of [this.#steps, this.#phases, this.#gates, this.#prerequisites]) {
      for (const id of table.keys()) this.#families.add(familyOf(key(id)));
      this.#families.delete('');
    }
  }

  momentOfPrerequisite(id: string): number {
    return lookUp(this.#prerequisites, id)?.moment ?? 0;
  }

  momentOfPhaseStart(id: string): number {
    return this.#startOfPhase.get(id) ?? 0;
  }

  momentOfStep(id: string): number {
    return lookUp(this.#steps, id)?.moment ?? 0;
  }

  momentOfGate(id: string): number {
    return lookUp(this.#gates, id)?.moment ?? 0;
  }

  /** The fact a sentence states, checked against the moment at which it is evaluated; `open` when it states none. */
  classify(text: string, at: number): Classified {
    if (text.length > 300) return { kind: 'open' };
    if (ALL_GATES.test(text))
      return this.#judge({ fact: { kind: 'all-gates-passed' }, moment: this.#lastGate }, text, at);
    const numbered = PHASE_NUMBER.exec(text);
    if (numbered !== null)
      return this.#ofPhaseNumber(Number(numbered[1]), numbered[2] !== undefined, text, at);
    const named = BY_ID.exec(text);
    return named === null ? { kind: 'open' } : this.#ofId(named[1] ?? '', named[2] !== undefined, text, at);
  }

  #ofPhaseNumber(number: number, gate: boolean, text: string, at: number): Classified {
    const byOrder = this.#phaseByOrder.get(number);
    const byId = this.#phases.has(`phase-${number}`) ? `phase-${number}` : undefined;
    if (byOrder !== undefined && byId !== undefined && key(byOrder) !== byId) {
      return problem(
        'ambiguous-reference',
        `"${text}" may mean the phase with order ${number}, "${byOrder}", or the one with the id "${byId.toUpperCase()}"`,
        'Write the id of the phase.',
      );
    }
    const id = byOrder ?? byId;
    if (id === undefined) {
      const orders = [...this.#phaseByOrder.keys()].map(String);
      return problem(
        'unknown-reference',
        `"${text}" speaks of phase ${number}, which there is not`,
        `Known phases: ${orders.join(', ')}.`,
      );
    }
    return this.#ofPhase(id, gate, text, at);
  }

  #ofPhase(id: string, gate: boolean, text: string, at: number): Classified {
    const known = gate ? lookUp(this.#gateOfPhase, id) : lookUp(this.#phases, id);
    if (known !== undefined) return this.#judge(known, text, at);
    return problem(
      'unknown-reference',
      `"${text}" speaks of the gate of "${id}", which has none`,
      `Add a validation_gate to the phase, or write "${id} completed".`,
    );
  }

  #ofId(id: string, gate: boolean, text: string, at: number): Classified {
    if (lookUp(this.#phases, id) !== undefined) return this.#ofPhase(id, gate, text, at);
    const known = lookUp(this.#steps, id) ?? lookUp(this.#gates, id) ?? lookUp(this.#prerequisites, id);
    if (known !== undefined) return this.#judge(known, text, at);
    if (!this.#looksLikeId(id)) return { kind: 'open' };
    const ids = [this.#steps, this.#phases, this.#gates, this.#prerequisites].flatMap((table) => [
      ...new Set([...table.values()].map(({ fact }) => idOf(fact))),
    ]);
    return problem(
      'unknown-reference',
      `"${text}" speaks of "${id}", which there is not`,
      meant(suggest(id, ids), ids, 'such id'),
    );
  }

  /** "STEP-9-9" is a reference that went wrong; "Backup" and the change number "CHG-42" are words. */
  #looksLikeId(text: string): boolean {
    return /[-_]|\d/.test(text) && /\d/.test(text) && this.#families.has(familyOf(key(text)));
  }

  #judge({ fact, moment }: Known, text: string, at: number): Classified {
    if (moment < at) return { kind: 'probe', probe: { how: 'state', fact }, how: describe(fact) };
    return problem(
      'never-holds',
      `"${shortName(fact)}" comes after the point at which "${text}" must hold, so the run would wait for itself`,
      'Refer to something earlier, or move the sentence.',
    );
  }
}

/** Phases or steps in the order in which they run, which their place in the file need not be. */
export function inOrder<T extends { readonly order: number }>(items: readonly T[]): readonly T[] {
  return [...items].sort((left, right) => left.order - right.order);
}

/** Ids are found as they are written, else without regard to case: "step-1-1 done" means STEP-1-1. */
function lookUp(table: ReadonlyMap<string, Known>, id: string): Known | undefined {
  return table.get(id) ?? table.get(key(id));
}

function remember(table: Map<string, Known>, id: string, known: Known): void {
  table.set(id, known);
  if (!table.has(key(id))) table.set(key(id), known);
}

function key(id: string): string {
  return id.toLowerCase();
}

/** The letters an id begins with: "step" of "STEP-1-2". */
function familyOf(id: string): string {
  return /^[a-z]+(?=[-_\d])/.exec(id)?.[0] ?? '';
}

function problem(code: string, message: string, advice: string): Classified {
  return { kind: 'problem', finding: { code, message, advice } };
}

function idOf(fact: Fact): string {
  switch (fact.kind) {
    case 'step-completed':
      return fact.step;
    case 'phase-completed':
      return fact.phase;
    case 'gate-passed':
      return fact.gate;
    case 'prerequisite-verified':
      return fact.prerequisite;
    case 'all-gates-passed':
      return '';
  }
}

function shortName(fact: Fact): string {
  return fact.kind === 'all-gates-passed' ? 'the last gate' : idOf(fact);
}

function describe(fact: Fact): string {
  return fact.kind === 'all-gates-passed' ? 'state of all gates' : `state of ${idOf(fact)}`;
}
