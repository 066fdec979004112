/**
 * `x-sync`: the item itself copies the rows that are there and brings over what changes, in rounds, until both sides are in step.
 * `ITEM/cut-over` does the last round while nobody writes and lets the target take over; its undo brings back what was written since.
 * `ITEM/finish` ends it.
 */
import { nonBlank, numbered } from '../../document.js';
import { meansOf } from '../../kinds/effects/index.js';
import type { Action, ObserveAction, Procedure, RowsAction, SyncAction, SyncDetection } from '../../plan.js';
import { below } from '../../pointer.js';
import { parseDuration } from '../../sentence/duration.js';
import { isOutbox } from '../../uses.js';
import type { Compilation } from '../compilation.js';
import { shorten } from '../reporter.js';
import { requirementOf } from '../requirement.js';
import {
  backRulesOf,
  type DataItem,
  rulesOf,
  sidesOf,
  tablePairsOf,
  type Unreadable,
} from './data-tables.js';
import { askItem, compileItem, type Using } from './item.js';
import { isInPlace, twiceIn } from './mirror.js';
import { probeOf, reconciliationOf } from './reconciliation.js';
import { type RowLimits, rowLimitsOf } from './row-limits.js';
import type { Way } from './schema-change.js';

const INTERVAL_MS = 60_000;
/** An outbox is read all the time. */
const OUTBOX_MS = 1_000;
const MAX_LAG_MS = 30_000;
const BATCH_SIZE = 10_000;

/** What the item itself does. */
export function readSync(c: Compilation, item: DataItem, connection: string | null): Way | Unreadable {
  const found = find(c, item, connection);
  if ('why' in found) return found;
  const { syncs, limits } = found;
  const of = (what: SyncAction['do']): readonly SyncAction[] => syncs.map((sync) => ({ ...sync, do: what }));
  const joins = syncs.map((sync) => join(sync, limits));
  sayLimits(c, item, found.syncs);
  return {
    // All triggers before the first row: what is written meanwhile is brought over by the rounds.
    apply: [...of('start'), ...joins, ...of('rounds')],
    undo: [
      ...of('undo').toReversed(),
      ...joins.toReversed().map((rows): RowsAction => ({ ...rows, direction: 'undo' })),
    ],
  };
}

/** The step after which the target takes the writes. */
export function compileSyncCutOver(c: Compilation, item: DataItem, using: Using): Procedure {
  const own = migrationOf(item);
  const found = find(c, own, using.workContext.connection);
  if ('why' in found) return askItem(c, item, using, found.why);
  const read = reconciliationOf(c, own);
  if ('why' in read) return askItem(c, item, using, read.why);
  const tables = numbered(item.fields.source?.tables)
    .map(({ text }) => text)
    .join(', ');
  const written = found.syncs.some(({ conflicts }) => conflicts !== null);
  const both = written
    ? `${tables}, ${numbered(item.fields.target?.tables ?? item.fields.source?.tables)
        .map(({ text }) => text)
        .join(', ')}`
    : tables;
  const place = { at: using.moment, connection: using.workContext.connection, person: using.person };
  const fence = requirementOf(c, `nothing writes to ${written ? both : tables}`, {
    ...place,
    pointer: below(item.pointer, 'x-sync'),
  });
  const stopped = observed(`that writers of ${own.id} have stopped`, [fence]);
  const equal = observed(`both sides of ${own.id}`, [
    { text: `Reconciliation of ${own.id} passes`, probe: probeOf(read) },
  ]);
  const of = (what: SyncAction['do']): readonly SyncAction[] =>
    found.syncs.map((sync) => ({ ...sync, do: what }));
  const rounds = of('rounds').map((sync): SyncAction => ({ ...sync, periodMs: 0 }));
  const actions: readonly Action[] = [...rounds, stopped, ...of('last'), equal];
  c.cover(
    item.pointer,
    `cut-over of ${own.id}`,
    'automated',
    'the last round, compared, while nobody writes',
  );
  const returns = found.syncs.every((sync) => sync.returns);
  const procedure = partOf(c, actions, using);
  return {
    ...procedure,
    undo: returns
      ? { kind: 'actions', actions: of('back').toReversed(), checks: [] }
      : { kind: 'impossible' },
  };
}

/** The step, or the cleanup task, after which nobody can switch back. */
export function compileSyncFinish(c: Compilation, item: DataItem, using: Using): Procedure {
  const found = find(c, migrationOf(item), using.workContext.connection);
  if ('why' in found) return askItem(c, item, using, found.why);
  const actions = found.syncs.toReversed().map((sync): Action => ({ ...sync, do: 'finish' }));
  for (const action of actions)
    c.cover(item.pointer, `end of the rounds of ${item.id}`, 'automated', meansOf(action));
  return { ...partOf(c, actions, using), undo: { kind: 'impossible' } };
}

function partOf(c: Compilation, actions: readonly Action[], using: Using): Procedure {
  return compileItem(c, { work: {}, actions, undo: { allowed: null, work: {}, test: null } }, using);
}

function observed(what: string, requirements: ObserveAction['requirements']): ObserveAction {
  return { kind: 'observe', what, requirements, afterwards: [], conditions: [], soakMs: 0 };
}

/** The item that a later part belongs to. */
function migrationOf(item: DataItem): DataItem {
  return { ...item, id: nonBlank(item.fields.migration_id) ?? item.id };
}

interface Found {
  readonly syncs: readonly SyncAction[];
  readonly limits: RowLimits;
}

function find(c: Compilation, item: DataItem, stepConnection: string | null): Found | Unreadable {
  const { transformation_logic, type, rollback } = item.fields;
  if (nonBlank(transformation_logic?.code_location) !== null) {
    return { why: 'code_location is not run by rounds; write its rules as "COLUMN = SQL"' };
  }
  if (type === 'data_archival' || type === 'data_cleanup' || type === 'schema_change') {
    return { why: `x-sync keeps both sides, and ${type} does not` };
  }
  const sides = sidesOf(c, item, stepConnection);
  if ('why' in sides) return sides;
  const pairs = tablePairsOf(item);
  if ('why' in pairs) return pairs;
  if (sides.from === sides.to && pairs.some(isInPlace))
    return { why: 'x-sync needs a target table for each source table' };
  const rules = rulesOf(c, item);
  if ('why' in rules) return rules;
  const back = backRulesOf(item);
  const twice = twiceIn(back);
  if (twice !== null) return { why: `two rules set the column "source.${twice}"` };
  const limits = rowLimitsOf(c, item);
  if ('why' in limits) return limits;
  const settings = settingsOf(c, item);
  if ('why' in settings) return settings;
  // An outbox has no cut-over: clients move by themselves.
  const returns = rollback?.can_rollback !== false && !isOutbox(item.fields);
  if (settings.conflicts !== null && rules.where !== null) {
    return {
      why: 'a rule "where SQL" and x-conflicts do not go together: a row that the rule keeps out has no other side',
    };
  }
  const own = { item: item.id, connection: sides.from, to: sides.to, ...rules, back, returns, ...settings };
  return {
    limits,
    syncs: pairs.map(({ from, to }) => ({ kind: 'sync', ...own, source: from, target: to, do: 'start' })),
  };
}

type Settings = Pick<
  SyncAction,
  'detect' | 'conflicts' | 'intervalMs' | 'maxLagMs' | 'periodMs' | 'batchSize' | 'reviewer' | 'compares'
>;

function settingsOf(c: Compilation, { pointer, fields }: DataItem): Settings | Unreadable {
  const { 'x-sync': written, execution_plan, migration_approach } = fields;
  const outbox = isOutbox(fields);
  // Clients of a dual write use either side.
  const both = outbox && migration_approach?.method === 'dual_write';
  const conflicts = fields['x-conflicts'] ?? (both ? 'manual' : null);
  const detect = detectionOf(written?.detect ?? 'tracking', nonBlank(written?.column));
  if ('why' in detect) return detect;
  if (conflicts !== null && detect.by !== 'tracking') {
    return { why: 'x-conflicts needs "detect: tracking": nothing else tells which side changed a row' };
  }
  const times: { readonly [key in 'interval' | 'maxLag']: number | null } = {
    interval: durationOf(written?.interval, outbox ? OUTBOX_MS : INTERVAL_MS),
    maxLag: durationOf(written?.maxLag, MAX_LAG_MS),
  };
  for (const key of ['interval', 'maxLag'] as const) {
    if (times[key] === null) {
      return {
        why: `x-sync.${key} "${shorten(written?.[key] ?? '')}" is not understood; write it as "30 s"`,
      };
    }
  }
  const period = periodOf(c, pointer, fields);
  if ('why' in period) return period;
  const reviewer = nonBlank(written?.reviewer);
  c.role(reviewer);
  return {
    detect,
    conflicts,
    ...(conflicts === 'manual' && { reviewer }),
    intervalMs: times.interval ?? INTERVAL_MS,
    maxLagMs: times.maxLag ?? MAX_LAG_MS,
    periodMs: period.ms,
    ...(outbox && { compares: true }),
    batchSize: written?.batchSize ?? execution_plan?.batch_size ?? BATCH_SIZE,
  };
}

/** For how long the rounds go on at least. */
function periodOf(
  c: Compilation,
  pointer: string,
  fields: DataItem['fields'],
): { readonly ms: number } | Unreadable {
  const keys = isOutbox(fields)
    ? (['dual_write_period', 'shadow_write_validation'] as const)
    : (['dual_write_period'] as const);
  let ms = 0;
  for (const key of keys) {
    const written = nonBlank(fields.migration_approach?.[key]);
    if (written === null) continue;
    const period = parseDuration(written);
    if (period === null) {
      return { why: `the ${key} "${shorten(written)}" is not understood; write it as "2 days"` };
    }
    c.cover(below(pointer, 'migration_approach', key), written, 'automated', 'rounds go on for it');
    ms = Math.max(ms, period);
  }
  return { ms };
}

function durationOf(text: string | number | null | undefined, otherwise: number): number | null {
  const written = text == null ? null : nonBlank(String(text));
  if (written === null) return otherwise;
  const ms = parseDuration(written);
  return ms !== null && ms > 0 ? ms : null;
}

function detectionOf(by: SyncDetection['by'], column: string | null): SyncDetection | Unreadable {
  if (by !== 'timestamp') return { by };
  return column === null
    ? { why: 'x-sync.column must name the column that says when a row changed' }
    : { by, column };
}

/** What a way of detecting changes cannot see. */
function sayLimits(c: Compilation, item: DataItem, syncs: readonly SyncAction[]): void {
  const [first] = syncs;
  if (first === undefined) return;
  const { detect, conflicts } = first;
  const at = below(item.pointer, 'x-sync');
  const limit =
    detect.by === 'timestamp'
      ? `a row that is deleted, or changed without a new ${detect.column}, is seen by a comparison only: every tenth round, and at the cut-over`
      : detect.by === 'hash'
        ? 'every round reads both tables whole'
        : null;
  const how =
    conflicts === null ? 'nobody may write to the target before the cut-over' : `conflicts: ${conflicts}`;
  c.cover(at, `x-sync: ${detect.by}`, 'automated', limit === null ? how : `${how}; ${limit}`);
}

function join(
  { item, connection, to, source, target, set, omit, where, batchSize }: SyncAction,
  limits: RowLimits,
): RowsAction {
  const change = { do: 'join', target } as const;
  const place = to === connection ? { connection } : { connection, to };
  return {
    kind: 'rows',
    item,
    ...place,
    source,
    change,
    set,
    omit,
    where,
    direction: 'apply',
    ...limits,
    batchSize,
  };
}
