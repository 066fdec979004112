/**
 * `dual_write` and `shadow_write` within one database: triggers first, then the rows that are there, then both sides are compared
 * until the period is over. `ITEM/finish`, used by a later step, ends the triggers.
 */
import { nonBlank } from '../../document.js';
import type {
  Action,
  ColumnRule,
  MirrorAction,
  ObserveAction,
  Procedure,
  Requirement,
  RowsAction,
} from '../../plan.js';
import { below } from '../../pointer.js';
import { describeDuration } from '../../render/duration.js';
import { parseDuration } from '../../sentence/duration.js';
import type { Compilation } from '../compilation.js';
import { opposite } from '../continuous.js';
import { requirementOf } from '../requirement.js';
import {
  backRulesOf,
  type DataItem,
  rulesOf,
  sidesOf,
  type TablePair,
  tablePairsOf,
  type Unreadable,
} from './data-tables.js';
import { askItem, compileItem, type Using } from './item.js';
import { howOf, limitOf, probeOf, reconciliationOf, repeatedly } from './reconciliation.js';
import { type RowLimits, rowLimitsOf } from './row-limits.js';
import type { Way } from './schema-change.js';

/** How often both sides are compared during the period, in milliseconds. */
const COMPARED_EVERY_MS = 900_000;

export function isMirrored({ fields }: DataItem): boolean {
  const method = fields.migration_approach?.method;
  return method === 'dual_write' || method === 'shadow_write';
}

/** What the item itself does. */
export function readMirror(c: Compilation, item: DataItem, using: Using): Way | Unreadable {
  const found = find(c, item, using.workContext.connection);
  if ('why' in found) return found;
  const observed = observation(c, item, using);
  if ('why' in observed) return observed;
  const { mirrors, limits } = found;
  const joins = mirrors.map((mirror) => join(mirror, limits));
  const settles = mirrors.filter(({ method }) => method === 'shadow_write');
  return {
    // Table by table: a row that is written finds what it refers to on both sides.
    apply: [
      ...mirrors.flatMap((mirror, index) => [mirror, ...joins.slice(index, index + 1)]),
      ...settles.map((mirror): MirrorAction => ({ ...mirror, do: 'settle' })),
      observed,
    ],
    // No trigger must take the rows that are deleted to the source.
    undo: [
      ...mirrors.toReversed().map((mirror): MirrorAction => ({ ...mirror, do: 'undo' })),
      ...joins.toReversed().map((rows): RowsAction => ({ ...rows, direction: 'undo' })),
    ],
  };
}

/** The step that ends the triggers. What is written afterwards is on one side only, so there is no way back. */
export function compileFinish(c: Compilation, item: DataItem, using: Using): Procedure {
  const found = find(c, item, using.workContext.connection);
  if ('why' in found) return askItem(c, item, using, found.why);
  const actions = found.mirrors.toReversed().map((mirror): Action => ({ ...mirror, do: 'finish' }));
  const procedure = compileItem(
    c,
    { work: {}, actions, undo: { allowed: null, work: {}, test: null } },
    using,
  );
  return { ...procedure, undo: { kind: 'impossible' } };
}

interface Found {
  readonly mirrors: readonly MirrorAction[];
  readonly limits: RowLimits;
}

function find(c: Compilation, item: DataItem, stepConnection: string | null): Found | Unreadable {
  const { transformation_logic, migration_approach, type, migration_id } = item.fields;
  const method = migration_approach?.method === 'shadow_write' ? 'shadow_write' : 'dual_write';
  if (nonBlank(transformation_logic?.code_location) !== null) {
    return { why: 'code_location is not run by triggers; write its rules as "COLUMN = SQL"' };
  }
  if (type === 'data_archival' || type === 'data_cleanup') {
    return { why: `${method} keeps both sides, and ${type} does not` };
  }
  const sides = sidesOf(c, item, stepConnection);
  if ('why' in sides) return sides;
  if (sides.from !== sides.to) {
    return { why: `${method} works within one database, where a transaction writes both sides` };
  }
  const pairs = tablePairsOf(item);
  if ('why' in pairs) return pairs;
  if (pairs.some(isInPlace)) return { why: `${method} needs a target table for each source table` };
  const rules = rulesOf(c, item);
  if ('why' in rules) return rules;
  const back = backRulesOf(item);
  if (back.length > 0 && method === 'shadow_write') {
    return { why: 'a rule "source.COLUMN = SQL" is for dual_write: a shadow is not written by clients' };
  }
  const twice = twiceIn(back);
  if (twice !== null) return { why: `two rules set the column "source.${twice}"` };
  const limits = rowLimitsOf(c, item);
  if ('why' in limits) return limits;
  const own = {
    item: nonBlank(migration_id) ?? item.id,
    connection: sides.from,
    method,
    ...rules,
    back,
  } as const;
  return {
    mirrors: pairs.map(({ from, to }) => ({ kind: 'mirror', ...own, source: from, target: to, do: 'start' })),
    limits,
  };
}

export function isInPlace({ from, to }: TablePair): boolean {
  return from.schema === to.schema && from.table === to.table;
}

/** The first column that two rules set. */
export function twiceIn(rules: readonly ColumnRule[]): string | null {
  const names = rules.map(({ column }) => column);
  return names.find((name, index) => names.indexOf(name) !== index) ?? null;
}

function join(
  { item, connection, source, target, set, omit, where }: MirrorAction,
  limits: RowLimits,
): RowsAction {
  const change = { do: 'join', target } as const;
  return { kind: 'rows', item, connection, source, change, set, omit, where, direction: 'apply', ...limits };
}

/** Both sides are compared at the beginning, during the period and at its end. */
function observation(c: Compilation, item: DataItem, using: Using): ObserveAction | Unreadable {
  const { migration_approach } = item.fields;
  const at = (key: string): string => below(item.pointer, 'migration_approach', key);
  const read = reconciliationOf(c, item);
  if ('why' in read) return read;
  const text = `Reconciliation of ${item.id} passes`;
  const probe = probeOf(read);
  const watched = repeatedly(probe);
  const requirements: Requirement[] = [{ text, probe }];
  const afterwards: Requirement[] = [];
  const place = { at: using.moment, connection: using.workContext.connection, person: using.person };
  let soakMs = 0;
  for (const key of ['dual_write_period', 'shadow_write_validation'] as const) {
    const written = nonBlank(migration_approach?.[key]);
    if (written === null) continue;
    const period = parseDuration(written);
    if (period !== null) {
      soakMs = Math.max(soakMs, period);
      c.cover(
        at(key),
        written,
        'automated',
        `${howOf(read)}, for ${describeDuration(period)}${limitOf(watched)}`,
      );
    } else if (key === 'dual_write_period') {
      c.coverByPerson(at(key), written, using.person);
      requirements.push({
        text: `the period of writes to both sides is over: ${written}`,
        probe: { how: 'person' },
      });
    } else {
      afterwards.push(requirementOf(c, written, { ...place, pointer: at(key) }));
    }
  }
  return {
    kind: 'observe',
    what: `both sides of ${item.id}`,
    requirements: soakMs === 0 ? [...requirements, ...afterwards] : requirements,
    afterwards,
    conditions: [
      {
        text: `both sides differ: ${text} does not hold`,
        probe: opposite(watched),
        level: null,
        onFire: 'fail',
        everyMs: Math.min(COMPARED_EVERY_MS, Math.max(1_000, soakMs)),
      },
    ],
    soakMs,
  };
}
