/** A run as `status` prints it, whole. */

import { describeDashboards } from '../../strategy/render/dashboards.js';
import { describeDowntime } from '../../strategy/run/downtime.js';
import { describeRisks } from '../../strategy/run/risks.js';
import { describeTold } from '../../strategy/run/told.js';
import type { MigrationView } from '../../strategy/run/view.js';
import { describeWayBack } from '../../strategy/run/way-back.js';
import { describeTimeline } from '../../strategy/timeline/progress.js';
import type { Terminal } from '../terminal.js';
import { oneLine } from './text.js';
import { drawTree } from './tree.js';

export function describeStatus(view: MigrationView, terminal: Pick<Terminal, 'paint' | 'now'>): string[] {
  // Nothing is cut where it is not redrawn: reasons and evidence are read in full.
  const canvas = {
    width: Number.POSITIVE_INFINITY,
    height: null,
    now: terminal.now(),
    paint: terminal.paint,
  };
  const told = describeTold(view);
  const timeline = describeTimeline(view, canvas.now);
  const risks = describeRisks(view);
  const dashboards = describeDashboards(view.dashboards);
  return [
    ...drawTree(view, canvas),
    ...(view.downtime === undefined
      ? []
      : ['', `Downtime: ${describeDowntime(view.downtime, canvas.now.toISOString())}`]),
    ...(timeline.length === 0 ? [] : ['', ...timeline]),
    ...(told.length === 0 ? [] : ['', ...told.map(oneLine)]),
    ...(risks.length === 0 ? [] : ['', ...risks.map(oneLine)]),
    ...(dashboards.length === 0 ? [] : ['', ...dashboards]),
    '',
    ...describeWayBack(view),
  ];
}
