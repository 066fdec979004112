/** Tables that are backed up before an item changes them, and restored. */
import type { BackupAction } from '../../plan.js';
import { NEEDS_NOTHING } from '../needs.js';
import type { EffectKind } from './kind.js';
import { tableText } from './rows.js';

export const backup: EffectKind<BackupAction> = {
  runs: 'any',
  needs: ({ connection }) => ({ ...NEEDS_NOTHING, connections: [connection] }),
  title: (action) => `${action.item}: ${describe(action)}`,
  means: (action) => `in ${action.connection}: ${describe(action)}`,
  describe: (action) => `backup ${action.item} on ${action.connection}: ${describe(action)}`,
};

function describe({ tables, task }: BackupAction): string {
  const names = tables.map(tableText).join(', ');
  switch (task.do) {
    case 'make':
      return `back up ${names}, and prove that it can be restored`;
    case 'mark':
      return `note how it left ${names}`;
    case 'restore':
      return `restore ${names} from the backup, after a vote on the later writes that this loses`;
    default:
      return task satisfies never;
  }
}
