/**
 * Sentences about the run's own state, such as "STEP-3-1 successful" or "Phase 1 validation gate passed".
 *
 * Everything that can be such a fact has a moment, counted in the order of a run. A sentence evaluated at a moment may
 * only refer to earlier ones: otherwise it would wait for itself, or for something that comes later.
 */
import { inOrder, list, type StrategyDocument } from '../document.js';
import type { Fact } from '../plan.js';
import { suggest } from '../suggest.js';
import type { Classified } from './classified.js';
import { parseFactSentence, standsForId } from './fact-sentence.js';
import type { FoundGate } from './gate-places.js';
import { PhaseNumbers } from './phase-numbers.js';
import { type Finding, meant } from './reporter.js';

/** A sentence evaluated when all is done may refer to everything. */
export const AT_THE_END = Number.POSITIVE_INFINITY;

interface Known {
  readonly fact: Fact;
  readonly moment: number;
}

export class FactTable {
  readonly #steps = new Map<string, Known>();
  readonly #phases = new Map<string, Known>();
  readonly #gates = new Map<string, Known>();
  readonly #prerequisites = new Map<string, Known>();
  readonly #gateOfPhase = new Map<string, Known>();
  readonly #phaseNumbers: PhaseNumbers;
  readonly #startOfPhase = new Map<string, number>();
  readonly #families = new Set(['step', 'phase', 'gate', 'prereq', 'prerequisite']);
  #lastGate: { readonly id: string; readonly moment: number } | null = null;

  /** `gates`: the validation gates within phases. */
  constructor(document: StrategyDocument, gates: readonly FoundGate[]) {
    let moment = 0;
    this.#phaseNumbers = new PhaseNumbers(document);
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
      moment = this.#passGates(gates, phase.phase_id, null, moment);
      for (const { step_id: step } of inOrder(list(phase.steps))) {
        moment += 1;
        remember(this.#steps, step, { fact: { kind: 'step-completed', step }, moment });
        moment = this.#passGates(gates, phase.phase_id, step, moment);
      }
      if (phase.validation_gate) {
        moment += 1;
        const known: Known = { fact: { kind: 'gate-passed', gate: phase.validation_gate.gate_id }, moment };
        remember(this.#gates, phase.validation_gate.gate_id, known);
        remember(this.#gateOfPhase, phase.phase_id, known);
        this.#lastGate = { id: phase.validation_gate.gate_id, moment };
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

  /** The moment after the validation gates that stand here. */
  #passGates(gates: readonly FoundGate[], phase: string, after: string | null, from: number): number {
    let moment = from;
    if (gates.length === 0) return moment;
    for (const { id, place } of gates) {
      if (place?.phase !== phase || place.after !== after) continue;
      moment += 1;
      remember(this.#gates, id, { fact: { kind: 'gate-passed', gate: id }, moment });
      this.#lastGate = { id, moment };
    }
    return moment;
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
    const sentence = parseFactSentence(text);
    if (sentence === null) return { kind: 'open' };
    switch (sentence.kind) {
      case 'all-gates':
        return this.#ofAllGates(text, at);
      case 'phase-number': {
        const found = this.#phaseNumbers.find(sentence.number);
        if ('code' in found)
          return { kind: 'problem', finding: { ...found, message: `"${text}" ${found.message}` } };
        return withReason(this.#ofPhase(found.id, sentence.gate, text, at), found.why);
      }
      case 'name':
        return this.#ofName(sentence.name, sentence.marked, sentence.gate, text, at);
    }
  }

  /** At the last gate, which cannot have passed itself, the sentence means the others. */
  #ofAllGates(text: string, at: number): Classified {
    const last = this.#lastGate;
    const fact: Fact =
      last?.moment === at ? { kind: 'all-gates-passed', except: last.id } : { kind: 'all-gates-passed' };
    return this.#judge({ fact, moment: last === null || last.moment === at ? 0 : last.moment }, text, at);
  }

  #ofPhase(id: string, gate: boolean, text: string, at: number): Classified {
    const known = gate ? lookUp(this.#gateOfPhase, id) : lookUp(this.#phases, id);
    if (known !== undefined) return this.#judge(known, text, at);
    return problem(
      'unknown-reference',
      `"${text}" refers to the gate of "${id}", which has none`,
      `Add a validation_gate to the phase, or write "${id} completed".`,
    );
  }

  #ofName(name: string, marked: boolean, gate: boolean, text: string, at: number): Classified {
    const phase = lookUp(this.#phases, name);
    const known =
      phase ?? lookUp(this.#steps, name) ?? lookUp(this.#gates, name) ?? lookUp(this.#prerequisites, name);
    if (known !== undefined && !marked && !standsForId(name, idOf(known.fact))) {
      return { kind: 'open', doubt: unmarked(text, idOf(known.fact)) };
    }
    if (phase !== undefined) return this.#ofPhase(name, gate, text, at);
    if (known !== undefined) return this.#judge(known, text, at);
    if (!this.#looksLikeId(name)) return { kind: 'open' };
    const ids = this.ids();
    return problem(
      'unknown-reference',
      `"${text}" refers to "${name}", which does not exist`,
      meant(suggest(name, ids), ids, 'such id'),
    );
  }

  /** The ids that sentences can refer to. */
  ids(): readonly string[] {
    return [this.#steps, this.#phases, this.#gates, this.#prerequisites].flatMap((table) => [
      ...new Set([...table.values()].map(({ fact }) => idOf(fact))),
    ]);
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

function unmarked(text: string, id: string): Finding {
  return {
    code: 'unmarked-id',
    severity: 'warning',
    message: `"${text}" may refer to "${id}" or use it as a plain word: a person is asked`,
    advice: `To have sluice read it from the run, put the id in quotes: '"${id}" completed'.`,
  };
}

/** Adds to the coverage why a number means this phase. */
function withReason(found: Classified, why: string): Classified {
  return found.kind === 'probe' ? { ...found, how: `${found.how} (${why})` } : found;
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
