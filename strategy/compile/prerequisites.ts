/** What must hold before anything begins: the prerequisites, and the sentences about when a migration may run. */
import { list, nonBlank, numbered, type Prerequisite, type Text } from '../document.js';
import { parseIsoDate } from '../iso-date.js';
import type { Constraint, PlannedPrerequisite, Requirement } from '../plan.js';
import { below } from '../pointer.js';
import type { Compilation } from './compilation.js';
import { datasetRequirement, type Place, requirementOf } from './requirement.js';

export function compilePrerequisites(c: Compilation): readonly PlannedPrerequisite[] {
  return list(c.document.prerequisites).map((prerequisite, index) =>
    compilePrerequisite(c, prerequisite, below('/prerequisites', index)),
  );
}

function compilePrerequisite(
  c: Compilation,
  prerequisite: Prerequisite,
  pointer: string,
): PlannedPrerequisite {
  const { validation, prerequisite_id: id } = prerequisite;
  const owner = nonBlank(prerequisite.owner);
  c.role(owner);
  const place = (at: string): Place => ({
    pointer: at,
    at: c.facts.momentOfPrerequisite(id),
    connection: null,
    person: `asked of ${owner ?? 'anyone'}`,
    ...(validation?.status === 'verified'
      ? { otherwise: { probe: { how: 'declared' }, how: 'status: verified in the strategy' } }
      : {}),
  });
  const requirements: Requirement[] = [];
  const method = nonBlank(validation?.verification_method);
  const test = nonBlank(validation?.verification_test_id);
  const at = below(pointer, 'validation');
  if (method !== null) requirements.push(requirementOf(c, method, place(below(at, 'verification_method'))));
  if (test !== null) requirements.push(datasetRequirement(c, test, place(below(at, 'verification_test_id'))));
  if (method === null && test === null) {
    // It asks for something all the same, and says how in no other words than these.
    const [key, text] = (['description', 'name', 'prerequisite_id'] as const)
      .map((field) => [field, nonBlank(prerequisite[field])] as const)
      .find(([, value]) => value !== null) ?? ['prerequisite_id', id];
    requirements.push(requirementOf(c, text ?? id, place(below(pointer, key))));
  }
  return {
    id,
    name: nonBlank(prerequisite.name) ?? id,
    owner,
    deadline: deadlineOf(prerequisite.deadline),
    blocked: validation?.status === 'blocked',
    requirements,
  };
}

/** The instant at which the day, month or moment is over: a run compares it with its clock and reads no dates. */
function deadlineOf(text: Text): string | null {
  const date = parseIsoDate(nonBlank(text) ?? '');
  return date === null ? null : new Date(date.until).toISOString();
}

export function compileConstraints(c: Compilation): readonly Constraint[] {
  const constraints = c.document.migration_overview?.constraints;
  const pointer = '/migration_overview/constraints';
  const window = nonBlank(constraints?.migration_window);
  coverDowntime(c, constraints?.downtime_allowed ?? null, constraints?.max_downtime_duration, pointer);
  return [
    ...(window === null ? [] : [constraintOf(c, window, below(pointer, 'migration_window'))]),
    ...numbered(constraints?.business_constraints).map(({ index, text }) =>
      constraintOf(c, text, below(pointer, 'business_constraints', index)),
    ),
  ];
}

function coverDowntime(c: Compilation, allowed: boolean | null, most: Text, pointer: string): void {
  const how =
    'words only: this version does not measure downtime; bind a metric and write an alert condition';
  if (allowed !== null) {
    const text = `downtime_allowed: ${allowed}`;
    c.cover(below(pointer, 'downtime_allowed'), text, 'not-carried-out', how);
  }
  const duration = nonBlank(most);
  if (duration !== null) c.cover(below(pointer, 'max_downtime_duration'), duration, 'not-carried-out', how);
}

function constraintOf(c: Compilation, text: string, pointer: string): Constraint {
  const window = c.bindings.windows.get(text);
  if (window !== undefined) {
    c.bindings.used.add(`windows/${text}`);
    c.cover(pointer, text, 'automated', 'window binding');
    return { kind: 'window', text, window };
  }
  const freeze = c.bindings.freezes.get(text);
  if (freeze !== undefined) {
    c.bindings.used.add(`freezes/${text}`);
    c.cover(pointer, text, 'automated', 'freeze binding');
    return { kind: 'freeze', text, freeze };
  }
  c.coverByPerson(pointer, text, 'asked of anyone, before the first phase');
  return { kind: 'person', text };
}
