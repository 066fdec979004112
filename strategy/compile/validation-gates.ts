/** The validation gates within phases: what must hold there, who answers, and what follows when it does not. */
import { list, nonBlank } from '../document.js';
import type { StrategyGate } from '../document-context.js';
import type { FailureResponse, Requirement, ValidationGate } from '../plan.js';
import { below } from '../pointer.js';
import { boundChannels } from './channel-names.js';
import type { Compilation } from './compilation.js';
import type { FoundGate, GatePlace } from './gate-places.js';
import { measuredRequirement } from './measured.js';
import { shorten } from './reporter.js';
import { datasetRequirement, type Place } from './requirement.js';
import { rolesNamed } from './roles.js';

export interface CompiledGates {
  /** By the id of the phase, in the order of the file. */
  readonly byPhase: ReadonlyMap<string, readonly ValidationGate[]>;
  /** Who hears that a gate has failed. */
  readonly failures: readonly { readonly gate: string; readonly channels: readonly string[] }[];
}

const RESPONSES = {
  block: 'block',
  rollback: 'rollback',
  manual_review: 'manual_decision',
} as const satisfies Readonly<Record<string, FailureResponse>>;

export function compileGates(c: Compilation): CompiledGates {
  const byPhase = new Map<string, ValidationGate[]>();
  const failures: { gate: string; channels: readonly string[] }[] = [];
  for (const found of c.gates) {
    const { gate, id, pointer, place, finding } = found;
    if (finding !== null)
      c.report(nonBlank(gate.location) === null ? pointer : below(pointer, 'location'), finding);
    if (place === null) continue;
    const gates = byPhase.get(place.phase) ?? [];
    byPhase.set(place.phase, [...gates, compileGate(c, found, place)]);
    const at = below(pointer, 'failure_handling', 'notification');
    const channels = boundChannels(c, at, gate.failure_handling?.notification);
    if (channels.length > 0) failures.push({ gate: id, channels });
  }
  return { byPhase, failures };
}

function compileGate(c: Compilation, found: FoundGate, { phase, after }: GatePlace): ValidationGate {
  const { gate, id, pointer } = found;
  const approvers = approversAt(c, phase, after);
  const [responsible = null] = approvers;
  for (const role of approvers) c.role(role);
  const requirements = requirementsOf(c, found, `asked of ${approvers.join(', ') || 'anyone'}, at ${id}`);
  const { type, failure_handling: handling } = gate;
  if (type === 'automated') warnOfPeople(c, found, requirements);
  const signed = type === 'manual' || type === 'hybrid';
  if (signed)
    c.cover(below(pointer, 'type'), 'approval', 'person', `approved by ${approvers.join(', ') || 'anyone'}`);
  const escalation = escalationOf(c, gate, below(pointer, 'failure_handling', 'escalation'));
  return {
    id,
    name: nonBlank(gate.name) ?? id,
    after,
    requirements,
    approval: signed ? { approvers } : null,
    responsible,
    failureResponse: RESPONSES[handling?.response ?? 'manual_review'],
    ...(escalation === null ? {} : { escalation }),
  };
}

/** After a step that is not the last: who answers for the step. Else who approves the gate of the phase. */
function approversAt(c: Compilation, phase: string, after: string | null): readonly string[] {
  const planned = c.document.migration_phases.find(({ phase_id }) => phase_id === phase);
  const step = list(planned?.steps).find(({ step_id }) => step_id === after);
  const responsible = nonBlank(step?.responsible_party);
  const approvers = (planned?.validation_gate?.approvers ?? []).flatMap((role) => nonBlank(role) ?? []);
  const last = list(planned?.steps).every(({ order }) => order <= (step?.order ?? Number.NEGATIVE_INFINITY));
  const isOfStep = responsible !== null && !(last && approvers.length > 0);
  return isOfStep ? [responsible] : approvers;
}

function requirementsOf(
  c: Compilation,
  { gate, id, pointer }: FoundGate,
  person: string,
): readonly Requirement[] {
  const place = (at: string): Place => ({
    pointer: at,
    at: c.facts.momentOfGate(id),
    connection: null,
    person,
  });
  return list(gate.criteria).flatMap((each, index) => {
    const at = below(pointer, 'criteria', index);
    const { criterion, measurement, threshold, test_dataset_id: tested } = each;
    const entry = {
      criterion,
      measurement,
      target: threshold,
      targetKey: 'threshold',
      period: null,
    } as const;
    const dataset = nonBlank(tested);
    return [
      ...(gate.type === 'manual' ? byHand(c, each, at, person) : measuredRequirement(c, entry, at, place)),
      ...(dataset === null ? [] : [datasetRequirement(c, dataset, place(below(at, 'test_dataset_id')))]),
    ];
  });
}

type Criterion = NonNullable<NonNullable<StrategyGate['criteria']>[number]>;

/** A manual gate is a person's word, also where a machine could tell. */
function byHand(c: Compilation, each: Criterion, pointer: string, person: string): readonly Requirement[] {
  const measurement = nonBlank(each.measurement);
  const parts = [
    nonBlank(each.criterion),
    nonBlank(each.threshold),
    measurement === null ? null : `measured by ${measurement}`,
  ].filter((part) => part !== null);
  const [first, ...others] = parts;
  if (first === undefined) return [];
  const text = others.length === 0 ? first : `${first} (${others.join('; ')})`;
  const key =
    nonBlank(each.criterion) !== null ? 'criterion' : measurement === null ? 'threshold' : 'measurement';
  c.cover(below(pointer, key), text, 'person', `${person}: the gate is manual`);
  return [{ text, probe: { how: 'person' } }];
}

function warnOfPeople(
  c: Compilation,
  { id, pointer }: FoundGate,
  requirements: readonly Requirement[],
): void {
  const [open] = requirements.filter(({ probe }) => probe.how === 'person');
  if (open === undefined) return;
  c.report(below(pointer, 'type'), {
    code: 'not-automated',
    severity: 'warning',
    message: `the validation gate "${id}" is automated, and no machine reads "${shorten(open.text)}": a person is asked`,
    advice: 'Bind it under "checks" or "metrics", or write type: hybrid.',
  });
}

/** The role in "VP Engineering", "Escalate to VP Engineering" or "Page the On-call engineer"; other words are shown. */
function escalationOf(
  c: Compilation,
  gate: StrategyGate,
  pointer: string,
): Exclude<ValidationGate['escalation'], undefined> | null {
  const text = nonBlank(gate.failure_handling?.escalation);
  if (text === null) return null;
  const named = /^(?:(?:escalate(?: it)? to|notify|page|inform|call|contact|ask) )?(?:the )?(.+?)\.?$/i.exec(
    text.trim(),
  )?.[1];
  const known = [...rolesNamed(c.document), ...Object.keys(c.bindings.planned.roles)];
  const role = known.find((each) => each.toLowerCase() === named?.toLowerCase()) ?? null;
  c.role(role);
  const how =
    role === null ? 'shown to whoever decides about its failure' : `${role} decides about its failure`;
  c.cover(pointer, text, 'person', how);
  return { text, role };
}
