/** Triggers that keep two tables of one database in step. */

import type { MirrorAction } from '../../plan.js';
import { NEEDS_NOTHING } from '../needs.js';
import { oneLine } from '../text.js';
import type { EffectKind } from './kind.js';
import { tableText } from './rows.js';

export const mirror: EffectKind<MirrorAction> = {
  runs: 'any',
  needs: ({ connection }) => ({ ...NEEDS_NOTHING, connections: [connection] }),
  title: (action) => `${action.item}: ${describe(action)}`,
  means: (action) => `by triggers on ${action.connection}: ${describe(action)}`,
  describe: line,
  lines: (action) => [
    line(action),
    ...(action.do === 'start' ? action.set : []).map(
      ({ column, value }) => `  ${column} = ${oneLine(value)}`,
    ),
    ...(action.do === 'start' ? action.back : []).map(
      ({ column, value }) => `  source.${column} = ${oneLine(value)}`,
    ),
  ],
};

function line(action: MirrorAction): string {
  return `triggers ${action.item} on ${action.connection}: ${describe(action)}`;
}

function describe({ source, target, method, where, do: what }: MirrorAction): string {
  const both = method === 'dual_write';
  const tables = `${tableText(source)} and ${tableText(target)}`;
  switch (what) {
    case 'start': {
      const chosen = where === null ? '' : ` where ${oneLine(where)}`;
      return both
        ? `keep ${tables} in step both ways${chosen}`
        : `write what changes in ${tableText(source)}${chosen} also to ${tableText(target)}`;
    }
    case 'settle':
      return `write again what ${tableText(target)} refused`;
    case 'finish':
      return `end the triggers of ${tables}`;
    case 'undo':
      return `drop the triggers of ${tables}`;
    default:
      return what satisfies never;
  }
}
