/** The dashboards of the monitoring: linked where people look at a run. */
import { list, nonBlank, sentences } from '../document.js';
import type { Plan, PlannedDashboard } from '../plan.js';
import { below } from '../pointer.js';
import type { Compilation } from './compilation.js';

const AT = '/monitoring_and_observability/dashboards';

export function compileDashboards(c: Compilation): Pick<Plan, 'dashboards'> {
  const dashboards = list(c.document.monitoring_and_observability?.dashboards).flatMap(
    (dashboard, index): PlannedDashboard[] => {
      const address = nonBlank(dashboard.url)?.trim() ?? null;
      const name = nonBlank(dashboard.dashboard_name) ?? address;
      if (name === null) return [];
      const link = address !== null && isWebAddress(address);
      if (address !== null && !link) {
        c.report(below(AT, index, 'url'), {
          code: 'not-linked',
          severity: 'warning',
          message: `"${address.slice(0, 80)}" is no http or https address, so it is shown and not linked`,
          advice: 'Write the whole address, such as https://monitoring.example.com/shop.',
        });
      }
      return [
        {
          name,
          address,
          link,
          metrics: sentences(dashboard.metrics_displayed),
          audience: sentences(dashboard.audience),
        },
      ];
    },
  );
  return dashboards.length === 0 ? {} : { dashboards };
}

/** Anything else, such as `javascript:`, must never become a link. */
function isWebAddress(address: string): boolean {
  return /^https?:\/\/[^/\s]/i.test(address) && URL.canParse(address);
}
