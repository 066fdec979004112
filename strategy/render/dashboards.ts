/** The dashboards of a plan or a run, a line each. */
import { oneLine } from '../kinds/text.js';
import type { PlannedDashboard } from '../plan.js';

export function describeDashboards(dashboards: readonly PlannedDashboard[] = []): readonly string[] {
  return dashboards.map((dashboard) => {
    const { name, address } = dashboard;
    const shown =
      address === null || address === name ? oneLine(name) : `${oneLine(name)}: ${oneLine(address)}`;
    const details = describeAudience(dashboard);
    return `dashboard ${shown}${details === '' ? '' : ` (${details})`}`;
  });
}

/** What it shows and for whom; empty where the strategy does not say. */
export function describeAudience({ metrics, audience }: PlannedDashboard): string {
  return [
    ...(metrics.length === 0 ? [] : [`shows ${metrics.map(oneLine).join(', ')}`]),
    ...(audience.length === 0 ? [] : [`for ${audience.map(oneLine).join(', ')}`]),
  ].join('; ');
}
