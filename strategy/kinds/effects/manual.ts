/** What only a person can do. */

import type { ManualAction } from '../../plan.js';
import { NEEDS_NOTHING } from '../needs.js';
import { oneLine } from '../text.js';
import type { EffectKind } from './kind.js';

export const manual: EffectKind<ManualAction> = {
  runs: 'person',
  needs: () => NEEDS_NOTHING,
  title: ({ items }) => `by hand: ${items.join('; ')}`,
  means: () => 'by hand',
  describe: ({ items }) => `by hand: ${items.map(oneLine).join('; ')}`,
};
