/** The place that a setting is kept in. */
import type { SettingTarget } from '../../../strategy/plan.js';
import { openCommandFlag } from './command-flag.js';
import { openDatabaseSetting } from './database-setting.js';
import { openHttpFlag } from './http-flag.js';
import type { SettingStore, StoreContext } from './store.js';

/** Throws what opening one of them throws; nothing has been changed then. */
export function openStore(target: SettingTarget, context: StoreContext): Promise<SettingStore> {
  switch (target.store) {
    case 'database':
      return openDatabaseSetting(target, context);
    case 'http':
      return openHttpFlag(target, context);
    case 'command':
      return Promise.resolve(openCommandFlag(target, context));
    default:
      return target satisfies never;
  }
}
