/** The timeline of a strategy: what is to be reached by when, and the steps that decide how long it takes. */
import { list, nonBlank, type StrategyDocument, sentences } from '../document.js';
import { parseIsoDate } from '../iso-date.js';
import type { CriticalStep, Milestone } from '../plan.js';
import { parseEstimate, parseSoak } from '../sentence/soak.js';

/** A milestone, and the dependencies that no id of the strategy explains. */
export interface ReadMilestone extends Milestone {
  readonly unknown: readonly string[];
}

/**
 * The milestones in the order of the file. One that depends on an earlier milestone is reached with everything that
 * one depends on.
 */
export function readMilestones(document: StrategyDocument): readonly ReadMilestone[] {
  const parts = new Map(idsOf(document).map((id): [string, readonly string[]] => [id, [id]]));
  return list(document.execution_timeline?.milestones).map((milestone) => {
    const { milestone_id: id, name, target_date, dependencies } = milestone;
    const names = sentences(dependencies).filter((text) => text.toLowerCase() !== 'none');
    const own = names.flatMap((text) => parts.get(text) ?? []);
    parts.set(id, own);
    const due = parseIsoDate(nonBlank(target_date) ?? '');
    return {
      id,
      name: nonBlank(name) ?? id,
      due: due === null ? null : new Date(due.until).toISOString(),
      parts: [...new Set(own)],
      unknown: names.filter((text) => !parts.has(text)),
    };
  });
}

/** The critical path, without entries that name no step. */
export function readCriticalPath(document: StrategyDocument): readonly CriticalStep[] {
  const steps = new Set(
    list(document.migration_phases).flatMap(({ steps }) => list(steps).map(({ step_id }) => step_id)),
  );
  return list(document.execution_timeline?.critical_path)
    .filter(({ step_id }) => steps.has(step_id))
    .map(({ step_id, duration }) => ({ step: step_id, durationMs: lengthOf(nonBlank(duration)) }));
}

/** The work and the soak of an estimate such as "30 minutes, then 2 days observation". */
function lengthOf(text: string | null): number | null {
  if (text === null) return null;
  const soak = parseSoak(text);
  const work = parseEstimate(text);
  const soakMs = 'ms' in soak ? soak.ms : 0;
  return work === null && soakMs === 0 ? null : (work ?? 0) + soakMs;
}

function idsOf(document: StrategyDocument): readonly string[] {
  const prerequisites = list(document.prerequisites).map(({ prerequisite_id }) => prerequisite_id);
  const phases = list(document.migration_phases).flatMap(({ phase_id, steps, validation_gate: gate }) => [
    phase_id,
    ...list(steps).map(({ step_id }) => step_id),
    ...(gate?.gate_id == null ? [] : [gate.gate_id]),
  ]);
  const gates = list(document.validation_strategy?.validation_gates).flatMap(
    ({ gate_id }) => nonBlank(gate_id) ?? [],
  );
  return [...prerequisites, ...phases, ...gates];
}
