/** Reads which rows a data migration is about and what becomes of them, when all of it is understood. */
import { nonBlank, numbered } from '../../document.js';
import type { RowsAction, RowsChange, ScriptFile } from '../../plan.js';
import { below } from '../../pointer.js';
import { parseRowRule } from '../../sentence/row-rule.js';
import type { Compilation } from '../compilation.js';
import { shorten } from '../reporter.js';
import {
  backRulesOf,
  type DataItem,
  type Rules,
  rulesOf,
  sidesOf,
  type TablePair,
  tablePairsOf,
  type Unreadable,
  workersOf,
} from './data-tables.js';
import { type RowLimits, rowLimitsOf } from './row-limits.js';

/** One action per table, or why a person has to do it. */
export type Rows = { readonly actions: readonly RowsAction[] } | Unreadable;

const BY_SCRIPT = 'write execution_script to automate it';

export function readRows(c: Compilation, item: DataItem, stepConnection: string | null): Rows {
  const { execution_plan, transformation_logic, migration_approach } = item.fields;
  const method = migration_approach?.method ?? null;
  if (method !== null && method !== 'offline' && method !== 'backfill') {
    return { why: `the method ${method} is not carried out by this version; ${BY_SCRIPT}` };
  }
  const program = programOf(c, nonBlank(transformation_logic?.code_location));
  if (program !== null && 'why' in program) return program;
  const sides = sidesOf(c, item, stepConnection);
  if ('why' in sides) return sides;
  const { from: connection, to } = sides;
  const between = connection !== to;
  const rules = rulesOf(c, item);
  if ('why' in rules) return rules;
  if (backRulesOf(item).length > 0) return { why: 'a rule "source.COLUMN = SQL" is for dual_write' };
  const limits = rowLimitsOf(c, item);
  if ('why' in limits) return limits;
  const pairs = tablePairsOf(item);
  if ('why' in pairs) return pairs;
  const workers = workersOf(execution_plan);
  const actions: RowsAction[] = [];
  if (between && item.fields.type === 'data_archival' && program === null) {
    return { actions: movingBetween(pairs, { item: item.id, connection, to, workers, limits, ...rules }) };
  }
  for (const pair of pairs) {
    const change = changeOf(item.fields.type ?? null, pair, rules, { between, program: program !== null });
    if ('why' in change) return change;
    const own = { item: item.id, connection, ...(between && { to }), source: pair.from, change, ...rules };
    const by = { ...(workers > 1 && { workers }), ...(program && { program }) };
    actions.push({ kind: 'rows', ...own, direction: 'apply', ...limits, ...by });
  }
  if (program !== null) coverProgram(c, item, program);
  return { actions };
}

interface Moving extends Rules, Required<Pick<RowsAction, 'item' | 'connection' | 'to' | 'workers'>> {
  readonly limits: RowLimits;
}

/**
 * Rows that leave one database for another. What is deleted is saved beside its table in the same transaction, and written to the
 * other database from there, so that each row is in one of three places at any moment. First of all, it is seen that it can be.
 */
function movingBetween(
  pairs: readonly TablePair[],
  { item, connection, to, set, omit, where, workers, limits }: Moving,
): readonly RowsAction[] {
  const own = { kind: 'rows', item, connection, direction: 'apply', ...limits } as const;
  const delivering = (pair: TablePair, check: boolean): RowsAction => {
    const change = { do: 'deliver', target: pair.to, ...(check && { check: true as const }) } as const;
    return { ...own, to, source: pair.from, change, set, omit, where: null };
  };
  return [
    ...pairs.map((pair) => delivering(pair, true)),
    ...pairs.flatMap((pair): readonly RowsAction[] => [
      {
        ...own,
        ...(workers > 1 && { workers }),
        ...{ source: pair.from, change: { do: 'delete' }, set: [], omit: [], where },
      },
      delivering(pair, false),
    ]),
  ];
}

/** Null without a code_location. */
export function programOf(c: Compilation, written: string | null): ScriptFile | Unreadable | null {
  if (written === null) return null;
  const script = c.scripts.find(written);
  if (script.kind === 'program') return script.file;
  const why =
    script.kind === 'problem' ? script.finding.message : `"${shorten(written)}" is SQL, which rules say`;
  return { why: `code_location: ${why}; name a program of the workspace` };
}

/** Rules in prose say what the program does. */
function coverProgram(c: Compilation, { fields, pointer }: DataItem, { path }: ScriptFile): void {
  const { code_location, transformation_rules } = fields.transformation_logic ?? {};
  const how = `by the program ${path}, with rows on its stdin`;
  const at = below(pointer, 'transformation_logic', 'code_location');
  c.cover(at, nonBlank(code_location) ?? '', 'automated', how);
  for (const { text, index } of numbered(transformation_rules)) {
    if (parseRowRule(text) !== null) continue;
    const rule = below(pointer, 'transformation_logic', 'transformation_rules', index);
    c.cover(rule, text, 'automated', how);
  }
}

function changeOf(
  type: DataItem['fields']['type'],
  { from, to }: TablePair,
  { set, where, omit }: Rules,
  { between, program }: { readonly between: boolean; readonly program: boolean },
): RowsChange | Unreadable {
  if (program && (type === 'data_archival' || type === 'data_cleanup')) {
    return { why: 'code_location is run for rows that are copied or updated' };
  }
  if (between) return { do: 'copy', target: to };
  const elsewhere = from.schema !== to.schema || from.table !== to.table;
  if (elsewhere) return { do: type === 'data_archival' ? 'archive' : 'copy', target: to };
  if (type === 'data_archival') return { why: 'an archival needs a target table' };
  if (omit.length > 0) return { why: 'a rule "omit COLUMN" is for copies' };
  if (set.length > 0 || program) return { do: 'update' };
  if (type === 'data_cleanup' && where !== null) return { do: 'delete' };
  const missing = type === 'data_cleanup' ? '"where SQL"' : '"COLUMN = SQL"';
  return { why: `no transformation rule ${missing} says what becomes of the rows` };
}
