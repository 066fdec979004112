/**
 * Where each validation gate stands. Every one has a place in a phase: behind a step, or before the first one. A gate
 * of a whole phase comes after its last step and before the gate of the phase itself, whose approvers so see its result.
 */
import { inOrder, list, nonBlank, type StrategyDocument } from '../document.js';
import type { StrategyGate } from '../document-context.js';
import { below } from '../pointer.js';
import { type Location, parseLocation } from '../sentence/location.js';
import { suggest } from '../suggest.js';
import { PhaseNumbers } from './phase-numbers.js';
import type { Finding } from './reporter.js';

export interface GatePlace {
  /** The id of the phase. */
  readonly phase: string;
  /** The id of the step after which it is evaluated; null before the first. */
  readonly after: string | null;
}

export interface FoundGate {
  readonly gate: StrategyGate;
  readonly id: string;
  readonly pointer: string;
  /** Null for a location that is not understood, which `finding` tells. */
  readonly place: GatePlace | null;
  readonly finding: Finding | null;
}

const AT = '/validation_strategy/validation_gates';

/** In the order of the file. */
export function findGates(document: StrategyDocument): readonly FoundGate[] {
  const gates = list(document.validation_strategy?.validation_gates);
  if (gates.length === 0) return [];
  const places = new Places(document);
  return gates.map((gate, index) => {
    const id = nonBlank(gate.gate_id) ?? `validation gate ${index + 1}`;
    const found = places.find(nonBlank(gate.location), id);
    const outcome = 'code' in found ? { place: null, finding: found } : { place: found, finding: null };
    return { gate, id, pointer: below(AT, index), ...outcome };
  });
}

interface KnownPhase {
  readonly id: string;
  readonly name: string;
  readonly steps: readonly { readonly id: string; readonly name: string }[];
}

class Places {
  readonly #phases: readonly KnownPhase[];
  readonly #numbers: PhaseNumbers;
  /** Both in lower case. */
  readonly #byId = new Map<string, Named[]>();
  readonly #byName = new Map<string, Named[]>();

  constructor(document: StrategyDocument) {
    this.#numbers = new PhaseNumbers(document);
    this.#phases = inOrder(document.migration_phases).map(({ phase_id, name, steps }) => ({
      id: phase_id,
      name,
      steps: inOrder(list(steps)).map((step) => ({ id: step.step_id, name: step.name })),
    }));
    for (const phase of this.#phases) {
      const steps = phase.steps.map((step) => ({ phase, step: step.id, ...step }));
      for (const each of [{ phase, step: null, id: phase.id, name: phase.name }, ...steps]) {
        push(this.#byId, each.id.toLowerCase(), each);
        push(this.#byName, each.name.toLowerCase(), each);
      }
    }
  }

  find(text: string | null, gate: string): GatePlace | Finding {
    if (text === null) return unclear(`the validation gate "${gate}" has no location`, this.#known());
    const location = parseLocation(text);
    const found = location === null ? [] : this.#placesOf(location);
    const [place, second] = found;
    if (place === undefined) {
      const name = location !== null && 'name' in location ? location.name : text;
      const meant = suggest(name, this.#names());
      const advice = meant === null ? this.#known() : `Did you mean "${meant}"?`;
      return unclear(`the location "${text}" of the validation gate "${gate}" is no phase or step`, advice);
    }
    if (second === undefined) return place;
    return unclear(
      `the location "${text}" of the validation gate "${gate}" may mean more than one phase or step`,
      'Write the id of the phase or step.',
    );
  }

  #placesOf(location: Location): readonly GatePlace[] {
    const [first] = this.#phases;
    const last = this.#phases.at(-1);
    switch (location.kind) {
      case 'beginning':
        return first === undefined ? [] : [{ phase: first.id, after: null }];
      case 'end':
        return last === undefined ? [] : [endOf(last)];
      case 'before':
        return this.#named(location.name, location.kindOf).map((name) => this.#before(name));
      case 'after':
        return this.#named(location.name, location.kindOf).map(afterwards);
      case 'between': {
        const befores = this.#named(location.next, null).map((next) => JSON.stringify(this.#before(next)));
        return this.#named(location.name, null)
          .map(afterwards)
          .filter((place) => befores.includes(JSON.stringify(place)));
      }
      default:
        return location satisfies never;
    }
  }

  /** What has this id; else what has it but for case; else what has this name, or this number. */
  #named(name: string, kind: 'phase' | 'step' | null): readonly Named[] {
    const ofKind = ({ step }: Named): boolean => kind === null || (kind === 'step') === (step !== null);
    const lower = name.toLowerCase();
    const alike = (this.#byId.get(lower) ?? []).filter(ofKind);
    const ways = [
      alike.filter(({ id }) => id === name),
      alike,
      (this.#byName.get(lower) ?? []).filter(ofKind),
    ];
    const found = ways.find((way) => way.length > 0);
    if (found !== undefined) return found;
    // "Step back" may be the name of a step.
    const whole = kind === null ? [] : this.#named(`${kind} ${name}`, null);
    if (whole.length > 0) return whole;
    if (kind !== 'phase' || !/^\d{1,9}$/.test(name)) return [];
    const numbered = this.#numbers.find(Number(name));
    return 'code' in numbered
      ? []
      : (this.#byId.get(numbered.id.toLowerCase()) ?? []).filter(
          ({ id, step }) => step === null && id === numbered.id,
        );
  }

  /** The end of the phase before, so that its failure takes that one back. */
  #before({ phase, step }: Named): GatePlace {
    const place = phase.steps.findIndex(({ id }) => id === step);
    if (step !== null) return { phase: phase.id, after: phase.steps[place - 1]?.id ?? null };
    const earlier = this.#phases[this.#phases.indexOf(phase) - 1];
    return earlier === undefined ? { phase: phase.id, after: null } : endOf(earlier);
  }

  #names(): readonly string[] {
    return this.#phases.flatMap(({ id, name, steps }) => [
      id,
      name,
      ...steps.flatMap((step) => [step.id, step.name]),
    ]);
  }

  #known(): string {
    const ids = this.#phases.map(({ id }) => id).join(', ');
    return `Write "after ID" or "before ID" with the id of a phase or step. Phases: ${ids}.`;
  }
}

interface Named {
  readonly phase: KnownPhase;
  readonly step: string | null;
  readonly id: string;
  readonly name: string;
}

function push(known: Map<string, Named[]>, key: string, each: Named): void {
  const alike = known.get(key);
  if (alike === undefined) known.set(key, [each]);
  else alike.push(each);
}

function afterwards({ phase, step }: Named): GatePlace {
  return step === null ? endOf(phase) : { phase: phase.id, after: step };
}

function endOf({ id, steps }: KnownPhase): GatePlace {
  return { phase: id, after: steps.at(-1)?.id ?? null };
}

function unclear(message: string, advice: string): Finding {
  return { code: 'unclear-location', message, advice };
}
