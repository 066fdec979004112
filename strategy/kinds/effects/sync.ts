/** Rounds that bring what changed in a table to another one. */

import type { SyncAction } from '../../plan.js';
import { describeDuration } from '../../render/duration.js';
import { NEEDS_NOTHING } from '../needs.js';
import { oneLine } from '../text.js';
import type { EffectKind } from './kind.js';
import { tableText } from './rows.js';

export const sync: EffectKind<SyncAction> = {
  runs: 'any',
  needs: ({ connection, to }) => ({ ...NEEDS_NOTHING, connections: [...new Set([connection, to])] }),
  title: (action) => `${action.item}: ${describe(action)}`,
  means: (action) => `in rounds ${place(action)}: ${describe(action)}`,
  describe: line,
  lines: (action) => [
    line(action),
    ...(action.do === 'rounds' ? action.set : []).map(
      ({ column, value }) => `  ${column} = ${oneLine(value)}`,
    ),
    ...(action.do === 'rounds' ? action.back : []).map(
      ({ column, value }) => `  source.${column} = ${oneLine(value)}`,
    ),
  ],
};

function line(action: SyncAction): string {
  return `rounds ${action.item} ${place(action)}: ${describe(action)}`;
}

function place({ connection, to }: SyncAction): string {
  return to === connection ? `on ${connection}` : `between ${connection} and ${to}`;
}

function describe({
  source,
  target,
  detect,
  conflicts,
  do: what,
  where,
  maxLagMs,
  periodMs,
  reviewer,
}: SyncAction): string {
  const [from, to] = [tableText(source), tableText(target)];
  const by = detect.by === 'timestamp' ? `the column ${detect.column}` : detect.by;
  switch (what) {
    case 'start':
      return `follow the changes of ${from} by ${by}`;
    case 'rounds': {
      const chosen = where === null ? '' : ` where ${oneLine(where)}`;
      const asked =
        reviewer === undefined ? '' : ` (asks ${reviewer === null ? 'who is responsible' : `"${reviewer}"`})`;
      const both = conflicts === null ? '' : `, both ways, ${conflicts}${asked}`;
      const goOn = periodMs === 0 ? '' : `, for ${describeDuration(periodMs)}`;
      return `bring the changes of ${from}${chosen} to ${to}${both}, until it is less than ${describeDuration(maxLagMs)} behind${goOn}`;
    }
    case 'last':
      return `bring the last changes of ${from} to ${to}`;
    case 'back':
      return `bring what was written to ${to} since back to ${from}`;
    case 'finish':
    case 'undo':
      return `end the rounds of ${from} and ${to}`;
    default:
      return what satisfies never;
  }
}
