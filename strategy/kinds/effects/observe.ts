/** What must hold before the next action. The run evaluates and watches it; no worker changes anything for it. */

import type { ObserveAction } from '../../plan.js';
import { describeDuration } from '../../render/duration.js';
import { NEEDS_NOTHING } from '../needs.js';
import { describeMachineProbe, isMachineProbe } from '../probes/index.js';
import { oneLine } from '../text.js';
import type { EffectKind } from './kind.js';

export const observe: EffectKind<ObserveAction> = {
  runs: 'run',
  needs: () => NEEDS_NOTHING,
  title: ({ what }) => `observe ${what}`,
  means: () => 'checks and watched metrics',
  describe,
  lines: (action) => [
    describe(action),
    ...[...action.requirements, ...action.afterwards].map(({ text, probe }) => {
      const how = isMachineProbe(probe) ? ` (${describeMachineProbe(probe)})` : '';
      return `  must hold: ${oneLine(text)}${how}`;
    }),
    ...action.conditions.map(({ text }) => `  must not hold: ${oneLine(text)}`),
  ],
};

function describe({ what, soakMs }: ObserveAction): string {
  return soakMs === 0 ? `check ${what}` : `observe ${what} for ${describeDuration(soakMs)}`;
}
