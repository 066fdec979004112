/**
 * An `online` data migration: the item itself copies tables to another database and keeps both in step by logical replication;
 * `ITEM/cut-over` lets the target take the writes, and its undo lets the source take them again; `ITEM/finish` ends the stream.
 */
import { nonBlank, numbered } from '../../document.js';
import { meansOf } from '../../kinds/effects/index.js';
import type { ColumnRule, Procedure, StreamAction, WatchCondition } from '../../plan.js';
import { parseByteSize, printByteSize } from '../../sentence/byte-size.js';
import { parseDuration } from '../../sentence/duration.js';
import { parseRowRule } from '../../sentence/row-rule.js';
import type { Compilation } from '../compilation.js';
import { shorten } from '../reporter.js';
import { requirementOf } from '../requirement.js';
import {
  type DataItem,
  isExpression,
  rulesOf,
  sidesOf,
  tablePairsOf,
  type Unreadable,
} from './data-tables.js';
import { askItem, compileItem, type Using } from './item.js';
import { reconciliationOf } from './reconciliation.js';
import type { Way } from './schema-change.js';
import { isQuotable } from './sql-text.js';
import { writersSentence } from './writers.js';

const MAX_LAG_MS = 30_000;
const MAX_WAL_BYTES = 10e9;

/** What the item itself does. */
export function readOnline(c: Compilation, item: DataItem, connection: string | null): Way | Unreadable {
  const stream = readStream(c, item, connection);
  if ('why' in stream) return stream;
  c.streams.set(stream.item, slotConditions(stream));
  return { apply: [stream], undo: [{ ...stream, direction: 'undo' }] };
}

/** The step that lets the target take the writes. It compares both sides first, while nobody writes. */
export function compileCutOver(c: Compilation, item: DataItem, using: Using): Procedure {
  const migration = migrationOf(item);
  const stream = readStream(c, migration, using.workContext.connection);
  if ('why' in stream) return askItem(c, item, using, stream.why);
  const compare = reconciliationOf(c, migration);
  if ('why' in compare) return askItem(c, item, using, compare.why);
  const action: StreamAction = { ...stream, part: 'cut-over', compare };
  c.cover(item.pointer, `cut-over of ${migration.id}`, 'automated', meansOf(action));
  const procedure = partOf(c, action, using);
  const allowed = item.fields.rollback?.can_rollback ?? null;
  const writers = writersSentence(item);
  const place = { at: using.moment, connection: using.workContext.connection, person: using.person };
  return {
    ...procedure,
    conditions: writers.map(({ text, pointer }) => requirementOf(c, text, { ...place, pointer })),
    undo:
      allowed === false
        ? { kind: 'impossible' }
        : { kind: 'actions', actions: [{ ...action, direction: 'undo' }], checks: [] },
  };
}

/** The step, or the cleanup task, after which nobody can switch back. */
export function compileStreamFinish(c: Compilation, item: DataItem, using: Using): Procedure {
  const stream = readStream(c, migrationOf(item), using.workContext.connection);
  if ('why' in stream) return askItem(c, item, using, stream.why);
  const action: StreamAction = { ...stream, part: 'finish' };
  c.streams.delete(action.item);
  c.cover(item.pointer, `end of the stream of ${stream.item}`, 'automated', meansOf(action));
  return { ...partOf(c, action, using), undo: { kind: 'impossible' } };
}

function partOf(c: Compilation, action: StreamAction, using: Using): Procedure {
  const undo = { allowed: null, work: {}, test: null };
  return compileItem(c, { work: {}, actions: [action], undo }, using);
}

/** The item that a later part belongs to. */
function migrationOf(item: DataItem): DataItem {
  return { ...item, id: nonBlank(item.fields.migration_id) ?? item.id };
}

/** How often the slots are looked at while they are as they should be. */
const SLOTS_EVERY_MS = 60_000;

/** What every step is watched for until the stream is finished: a slot that nobody reads fills the disk of its server. */
function slotConditions({ item, connection, to, maxWalBytes }: StreamAction): readonly WatchCondition[] {
  const condition = (bytes: number, onFire: WatchCondition['onFire']): WatchCondition => ({
    text: `a replication slot of ${item} is gone, or holds back more than ${printByteSize(bytes)} of WAL`,
    probe: {
      ...{ how: 'slots', inverted: true, item },
      ...{ source: connection, target: to, maxWalBytes: bytes },
    },
    level: null,
    onFire,
    everyMs: SLOTS_EVERY_MS,
  });
  return [condition(maxWalBytes, 'fail'), condition(Math.ceil(maxWalBytes / 2), 'notify')];
}

function readStream(c: Compilation, item: DataItem, connection: string | null): StreamAction | Unreadable {
  const { transformation_logic, execution_plan, type } = item.fields;
  if (type === 'data_archival' || type === 'data_cleanup') {
    return { why: `a ${type} is not done online: its rows do not stay in the source` };
  }
  if (nonBlank(transformation_logic?.code_location) !== null) {
    return { why: 'code_location is not run on a stream; write rules "COLUMN = SQL"' };
  }
  if (nonBlank(execution_plan?.rate_limit) !== null) {
    return { why: 'a rate_limit cannot be put on the initial copy of Postgres; remove it' };
  }
  if (item.fields['x-throttle'] != null) {
    return { why: 'x-throttle cannot hold back the initial copy of Postgres; remove it' };
  }
  const sides = sidesOf(c, item, connection);
  if ('why' in sides) return sides;
  if (sides.from === sides.to) {
    return { why: 'the method online needs two connections: name another one as target.system' };
  }
  const pairs = tablePairsOf(item);
  if ('why' in pairs) return pairs;
  const renamed = pairs.find(({ from, to }) => from.schema !== to.schema || from.table !== to.table);
  if (renamed !== undefined) {
    return {
      why: `Postgres replicates a table to one of the same name: call it ${renamed.from.schema}.${renamed.from.table} on both sides, and rename it after the migration`,
    };
  }
  const rules = rulesOf(c, item);
  if ('why' in rules) return rules;
  if (rules.where !== null) {
    return { why: 'a rule "where SQL" is not for the method online; delete these rows before or after it' };
  }
  const unquotable = rules.set.find(({ value }) => !isQuotable(value));
  if (unquotable !== undefined)
    return { why: `the rule for "${unquotable.column}" cannot stand in a trigger` };
  const settings = readSettings(c, item);
  if ('why' in settings) return settings;
  const tables = pairs.map(({ from }) => from);
  return {
    kind: 'stream',
    item: item.id,
    connection: sides.from,
    to: sides.to,
    tables,
    set: rules.set,
    omit: rules.omit,
    part: 'start',
    direction: 'apply',
    compare: null,
    ...settings,
  };
}

type Settings = Pick<StreamAction, 'back' | 'maxLagMs' | 'maxWalBytes' | 'relay'>;

function readSettings(c: Compilation, { fields }: DataItem): Settings | Unreadable {
  const settings = fields['x-stream'];
  const lag = nonBlank(settings?.maxLag);
  const maxLagMs = lag === null ? MAX_LAG_MS : parseDuration(lag);
  if (maxLagMs === null || maxLagMs <= 0) {
    return { why: `x-stream.maxLag "${shorten(lag ?? '')}" is not understood; write it as "30 s"` };
  }
  const wal = nonBlank(settings?.maxWal);
  const maxWalBytes = wal === null ? MAX_WAL_BYTES : parseByteSize(wal);
  if (maxWalBytes === null) {
    return { why: `x-stream.maxWal "${shorten(wal ?? '')}" is not understood; write it as "10 GB"` };
  }
  const back: ColumnRule[] = [];
  for (const { text } of numbered(settings?.reverse)) {
    const rule = parseRowRule(text);
    if (rule?.kind !== 'set' || !isExpression(c, rule.value) || !isQuotable(rule.value)) {
      return {
        why: `the rule "${shorten(text)}" of x-stream.reverse is not understood; write "COLUMN = SQL"`,
      };
    }
    back.push({ column: rule.column, value: rule.value });
  }
  const relay = settings?.relay === true ? ({ relay: true } as const) : {};
  return { back, maxLagMs, maxWalBytes, ...relay };
}

/** True when the strategy asks for it. */
export function isOnline({ fields: { type, migration_approach } }: DataItem): boolean {
  return migration_approach?.method === 'online' && type !== 'schema_change';
}
