/** Risks: whom they affect, what is shown of them, and the triggers of their contingencies, which are watched. */
import { inOrder, list, nonBlank, type StrategyDocument, sentences, type Texts } from '../document.js';
import type { Risk } from '../document-context.js';
import type { PlannedPrerequisite, PlannedRisk, WatchCondition } from '../plan.js';
import { below } from '../pointer.js';
import { usesOf } from '../uses.js';
import { alarmOf } from './alarm.js';
import type { Compilation } from './compilation.js';
import { AT_THE_END } from './facts.js';
import { datasetRequirement, type Place } from './requirement.js';

export interface CompiledRisk extends PlannedRisk {
  /** Fires when its contingency is due; null when no machine can tell. */
  readonly trigger: WatchCondition | null;
}

const AT = '/risk_mitigation/migration_risks';

export function compileRisks(c: Compilation): readonly CompiledRisk[] {
  const affected = new Affected(c.document);
  return list(c.document.risk_mitigation?.migration_risks).map((risk, index) => {
    const pointer = below(AT, index);
    const id = idOf(risk, index);
    const trigger = triggerOf(c, risk, id, below(pointer, 'contingency'));
    return { id, text: textOf(risk), measures: measuresOf(risk), ...affected.by(risk), trigger };
  });
}

/** The mitigation of a risk is tested before the first phase: by its dataset, unless the strategy says that it was. */
export function riskPrerequisites(c: Compilation): readonly PlannedPrerequisite[] {
  return list(c.document.risk_mitigation?.migration_risks).flatMap((risk, index) => {
    const validation = risk.mitigation?.validation;
    const dataset = nonBlank(validation?.test_dataset_id);
    if (dataset === null) return [];
    const owner = nonBlank(risk.contingency?.responsible_party);
    c.role(owner);
    const place: Place = {
      pointer: below(AT, index, 'mitigation', 'validation', 'test_dataset_id'),
      at: 0,
      connection: null,
      person: `asked of ${owner ?? 'anyone'}, before the first phase`,
      ...(validation?.tested === true
        ? { otherwise: { probe: { how: 'declared' }, how: 'tested: true in the strategy' } }
        : {}),
    };
    const requirements = [datasetRequirement(c, dataset, place)];
    const name = `mitigation of: ${nonBlank(risk.description) ?? idOf(risk, index)}`;
    return [{ id: idOf(risk, index), name, owner, deadline: null, blocked: false, requirements }];
  });
}

/** Answers for each step of a phase with the triggers that are watched in it. */
export function triggersOf(
  risks: readonly CompiledRisk[],
): (phase: string, step: string) => readonly WatchCondition[] {
  const watched = risks.flatMap(({ phases, steps, trigger }) =>
    trigger === null ? [] : [{ trigger, phases: new Set(phases), steps: new Set(steps) }],
  );
  return (phase, step) =>
    watched.flatMap(({ trigger, phases, steps }) => (phases.has(phase) || steps.has(step) ? [trigger] : []));
}

function idOf(risk: Risk, index: number): string {
  return nonBlank(risk.risk_id) ?? `risk ${index + 1}`;
}

function textOf({ category, probability, impact, description }: Risk): string {
  const details = [
    category?.replaceAll('_', ' '),
    probability ? `${probability} probability` : null,
    impact ? `${impact} impact` : null,
  ].filter((part) => part != null);
  const what = nonBlank(description);
  if (what === null) return details.join(', ');
  return details.length === 0 ? what : `${what} (${details.join(', ')})`;
}

function measuresOf({ mitigation, contingency }: Risk): readonly string[] {
  const detection = nonBlank(mitigation?.detection_method);
  const response = nonBlank(mitigation?.response_procedure);
  const action = nonBlank(contingency?.action);
  const trigger = nonBlank(contingency?.trigger);
  const responsible = nonBlank(contingency?.responsible_party);
  const untested = mitigation?.validation?.tested === false ? ['not tested yet'] : [];
  return [
    ...sentences(mitigation?.preventive_measures).map((text) => `prevented by: ${text}`),
    ...(detection === null ? [] : [`detected by: ${detection}`]),
    ...(response === null ? [] : [`response: ${response}`]),
    ...untested,
    ...(action === null
      ? []
      : [
          `${trigger === null ? 'contingency' : `if ${trigger}`}: ${action}${responsible === null ? '' : ` (${responsible})`}`,
        ]),
  ];
}

/** The phases and steps of a strategy, by every name that a risk may call them. */
class Affected {
  readonly #phases: readonly string[];
  readonly #phasesByName = new Map<string, number[]>();
  readonly #steps: readonly string[];
  /** By id, name, and the items that they use. */
  readonly #stepsByName = new Map<string, number[]>();

  constructor(document: StrategyDocument) {
    const phases = inOrder(document.migration_phases);
    const steps = phases.flatMap((phase) => list(phase.steps));
    this.#phases = phases.map(({ phase_id }) => phase_id);
    this.#steps = steps.map(({ step_id }) => step_id);
    for (const [place, { phase_id, name }] of phases.entries()) {
      for (const known of [phase_id, name]) push(this.#phasesByName, known, place);
    }
    for (const [place, step] of steps.entries()) {
      for (const known of [step.step_id, step.name, ...usesOf(step, '').map(({ id }) => id)])
        push(this.#stepsByName, known, place);
    }
  }

  /** All phases, where the strategy names neither a phase nor a step. */
  by(risk: Risk): Pick<PlannedRisk, 'phases' | 'steps'> {
    const phases = sentences(risk.affected_phases);
    const steps = sentences(risk.affected_steps);
    if (phases.length + steps.length === 0 || hasAll(risk.affected_phases) || hasAll(risk.affected_steps)) {
      return { phases: this.#phases, steps: [] };
    }
    return {
      phases: inTheirOrder(phases, this.#phasesByName, this.#phases),
      steps: inTheirOrder(steps, this.#stepsByName, this.#steps),
    };
  }
}

function push(places: Map<string, number[]>, name: string, place: number): void {
  const known = places.get(name);
  if (known === undefined) places.set(name, [place]);
  else known.push(place);
}

function inTheirOrder(
  names: readonly string[],
  places: ReadonlyMap<string, readonly number[]>,
  ids: readonly string[],
): readonly string[] {
  const found = new Set(names.flatMap((name) => places.get(name) ?? []));
  return [...found].sort((left, right) => left - right).flatMap((place) => ids[place] ?? []);
}

function hasAll(texts: Texts): boolean {
  return sentences(texts).some((text) => /^\s*all(?: phases| steps)?\s*$/i.test(text));
}

function triggerOf(c: Compilation, risk: Risk, id: string, pointer: string): WatchCondition | null {
  const { contingency } = risk;
  const text = nonBlank(contingency?.trigger);
  const action = nonBlank(contingency?.action);
  const responsible = nonBlank(contingency?.responsible_party);
  c.role(responsible);
  if (action !== null) {
    c.cover(below(pointer, 'action'), action, 'person', `asked of ${responsible ?? 'anyone'} when it is due`);
  }
  if (text === null) return null;
  const at = below(pointer, 'trigger');
  const found = alarmOf(c, text, { pointer: at, at: AT_THE_END, connection: null, baseline: true });
  if (found.kind === 'person') {
    c.coverByPerson(at, text, `shown at the gates and failures that it affects${found.why}`);
    return null;
  }
  c.cover(at, text, 'automated', `watched in the steps that it affects: ${found.how}`);
  const asked = responsible === null ? {} : { responsible };
  const due = action === null ? '' : `; contingency: ${action}`;
  return { text: `${id}: ${text}${due}`, probe: found.probe, level: null, onFire: 'fail', ...asked };
}
