/** What must hold before anything begins. */
import { list, nonBlank, type Prerequisite, type Text } from '../document.js';
import { parseIsoDate } from '../iso-date.js';
import type { PlannedPrerequisite, Requirement } from '../plan.js';
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
