/** One setting in a configuration file. */

import type { ConfigFileAction } from '../../plan.js';
import { NEEDS_NOTHING } from '../needs.js';
import { oneLine } from '../text.js';
import type { EffectKind } from './kind.js';

export const configFile: EffectKind<ConfigFileAction> = {
  runs: 'host',
  needs: () => NEEDS_NOTHING,
  title: (action) => `${action.item}: ${describe(action)}`,
  means: ({ file }) => `configuration file ${file}`,
  describe: (action) => `configuration ${action.item}: ${describe(action)}`,
};

function describe({ file, path, change }: ConfigFileAction): string {
  const setting = path.join('.');
  switch (change.do) {
    case 'set': {
      const from = change.expected === null ? '' : `from ${oneLine(change.expected)} `;
      return `set ${setting} ${from}to ${oneLine(change.value)} in ${file}`;
    }
    case 'remove':
      return `remove ${setting} from ${file}`;
    case 'move':
      return `move ${change.from.join('.')} to ${setting} in ${file}`;
    case 'restore':
      return `restore ${file} as it was before ${setting} was changed`;
    default:
      return change satisfies never;
  }
}
