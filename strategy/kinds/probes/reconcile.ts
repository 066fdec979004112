/** Both sides of a data migration, compared in their databases. */
import { describeMethod, percentText } from '../../reconcile/wording.js';
import { NEEDS_NOTHING } from '../needs.js';
import type { ProbeKind, ProbeOf } from './kind.js';

export const reconcile: ProbeKind<ProbeOf<'reconcile'>> = {
  label: 'a comparison of both sides',
  needsHost: () => false,
  needs: ({ source, target }) => ({ ...NEEDS_NOTHING, connections: [...new Set([source, target])] }),
  describe: ({ item, source, target, method, threshold }) => {
    const where = source === target ? `on ${source}` : `between ${source} and ${target}`;
    return `reconcile ${item} ${where}: ${describeMethod(method)}, ${percentText(threshold)} equal`;
  },
  passesWhenWell: () => 'it passes when both sides are equal',
};
