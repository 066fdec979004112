/** One setting of a database, or a feature flag behind an API or a command. */

import type { SettingAction, SettingTarget } from '../../plan.js';
import { NEEDS_NOTHING, type Needs } from '../needs.js';
import { oneLine } from '../text.js';
import type { EffectKind } from './kind.js';

export const setting: EffectKind<SettingAction> = {
  // What it found before is in its job folder.
  runs: 'host',
  needs: ({ target }) => needsOf(target),
  title: (action) => `${action.item}: ${describe(action)}`,
  means: ({ target }) => placeOf(target),
  describe: (action) => `configuration ${action.item}: ${describe(action)}`,
};

function needsOf(target: SettingTarget): Needs {
  switch (target.store) {
    case 'database':
      return { ...NEEDS_NOTHING, connections: [target.connection] };
    case 'command':
      return { ...NEEDS_NOTHING, environment: true };
    case 'http':
      return NEEDS_NOTHING;
    default:
      return target satisfies never;
  }
}

function describe({ target, change }: SettingAction): string {
  const name = target.store === 'database' ? target.setting : target.flag;
  const place = placeOf(target);
  switch (change.do) {
    case 'set': {
      const from = change.expected === null ? '' : `from ${oneLine(change.expected)} `;
      return `set ${name} ${from}to ${oneLine(change.value)}: ${place}`;
    }
    case 'remove':
      return `reset ${name}: ${place}`;
    case 'restore':
      return `restore ${name}: ${place}`;
    default:
      return change satisfies never;
  }
}

function placeOf(target: SettingTarget): string {
  switch (target.store) {
    case 'database': {
      const { connection, role, scope } = target;
      if (role === null)
        return scope === 'system' ? `the server of ${connection}` : `the database ${connection}`;
      return `role ${role} ${scope === 'database' ? 'in the database' : 'on the server'} of ${connection}`;
    }
    case 'http':
      return `flag server ${target.url}`;
    case 'command':
      return `flag command ${oneLine(target.set)}`;
    default:
      return target satisfies never;
  }
}
