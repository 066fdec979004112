/** Tables that logical replication keeps in step on two databases. */
import type { StreamAction } from '../../plan.js';
import { NEEDS_NOTHING } from '../needs.js';
import { oneLine } from '../text.js';
import type { EffectKind } from './kind.js';
import { tableText } from './rows.js';

export const stream: EffectKind<StreamAction> = {
  runs: 'any',
  needs: ({ connection, to }) => ({ ...NEEDS_NOTHING, connections: [...new Set([connection, to])] }),
  title: (action) => `${action.item}: ${describe(action)}`,
  means: (action) => `${way(action)} ${place(action)}: ${describe(action)}`,
  describe: (action) => `stream ${action.item} ${place(action)}: ${describe(action)}`,
  lines: (action) => [
    `stream ${action.item} ${place(action)}: ${describe(action)}`,
    ...(isStart(action) ? [wayLine(action), ...rulesOf(action)] : []),
  ],
};

function way({ relay }: StreamAction): string {
  return relay === true ? 'by a relay through the worker' : 'by logical replication';
}

/** What is known before the servers are asked. */
function wayLine({ relay, item }: StreamAction): string {
  const between = `the worker carries changes only while ${item}, ${item}/cut-over or its undo runs; in between, slots hold them back`;
  return relay === true
    ? `  relayed, as x-stream.relay says: ${between}`
    : `  by subscriptions; where a server is older than Postgres 16 or cannot reach the other, relayed: ${between}`;
}

function place({ connection, to }: StreamAction): string {
  return `from ${connection} to ${to}`;
}

function isStart({ part, direction }: StreamAction): boolean {
  return part === 'start' && direction === 'apply';
}

function rulesOf({ set, back }: StreamAction): readonly string[] {
  return [
    ...set.map(({ column, value }) => `  ${column} = ${oneLine(value)}`),
    ...back.map(({ column, value }) => `  back: ${column} = ${oneLine(value)}`),
  ];
}

function describe({ tables, part, direction }: StreamAction): string {
  const names = tables.map(tableText).join(', ');
  const undo = direction === 'undo';
  switch (part) {
    case 'start':
      return undo ? `stop it, and empty ${names} there` : `copy ${names}, and keep both sides in step`;
    case 'cut-over':
      return undo ? `switch the writes of ${names} back` : `switch the writes of ${names} over`;
    case 'finish':
      return `stop keeping ${names} in step`;
    default:
      return part satisfies never;
  }
}
