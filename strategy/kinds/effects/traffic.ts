/** The share of a route's requests that goes to the new version. */

import type { TrafficAction, TrafficSource } from '../../plan.js';
import { NEEDS_NOTHING } from '../needs.js';
import { oneLine } from '../text.js';
import type { EffectKind } from './kind.js';

export const traffic: EffectKind<TrafficAction> = {
  runs: 'host',
  needs: () => ({ ...NEEDS_NOTHING, environment: true }),
  title: describe,
  means: ({ source }) => `traffic through ${describeSource(source)}`,
  describe: (action) => `${describe(action)}, through ${describeSource(action.source)}`,
};

function describe({ route, change }: TrafficAction): string {
  switch (change.do) {
    case 'shift':
      return `traffic ${route}: ${change.percent}% to the new version`;
    case 'restore':
      return `traffic ${route}: as it was before the step`;
    default:
      return change satisfies never;
  }
}

function describeSource(source: TrafficSource): string {
  switch (source.kind) {
    case 'nginx':
    case 'haproxy':
      return `${source.kind} (${source.file})`;
    case 'command':
      return `the command ${oneLine(source.set)}`;
    case 'http':
      return `PUT ${source.url}`;
    case 'flagd':
      return `the flag ${source.flag} (${source.file})`;
    case 'flag':
      return `the flag ${source.target.flag}`;
    default:
      return source satisfies never;
  }
}
