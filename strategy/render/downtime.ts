/** Downtime, as reviewers of a plan read it. */
import type { Plan, PlannedStep } from '../plan.js';
import { describeDuration } from './duration.js';

export function describeDowntimeLimit(downtime: Plan['downtime']): readonly string[] {
  if (downtime === undefined) return [];
  const { limitMs } = downtime;
  if (limitMs === null) return ['downtime is measured, without a limit'];
  return limitMs === 0
    ? ['downtime is not allowed: a step that needs it stops before its first action']
    : [
        `downtime of ${describeDuration(limitMs)} is allowed; past it the run stops and rolls back as it does when a step fails`,
      ];
}

export function describeStepDowntime({ plannedMs }: NonNullable<PlannedStep['downtime']>): string {
  return `the service is down until the step is done${plannedMs === null ? '' : `, for ${describeDuration(plannedMs)} as planned`}`;
}
