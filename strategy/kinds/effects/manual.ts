/** What only a person can do. */

import type { ManualAction } from '../../plan.js';
import { oneLine } from '../text.js';
import type { EffectKind } from './kind.js';

export const manual: EffectKind<ManualAction> = {
  runs: 'person',
  title: ({ items }) => `by hand: ${items.join('; ')}`,
  means: () => 'by hand',
  describe: ({ items }) => `by hand: ${items.map(oneLine).join('; ')}`,
};
