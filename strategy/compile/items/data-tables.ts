/** Which rows a data migration is about: its connections, its pairs of tables, and its rules. */
import { list, nonBlank, numbered } from '../../document.js';
import type { DataMigrationItem } from '../../document-changes.js';
import type { ColumnRule, RowsAction, TableName } from '../../plan.js';
import { parseRowRule, type RowRule } from '../../sentence/row-rule.js';
import type { Compilation } from '../compilation.js';
import { shorten } from '../reporter.js';
import type { Item } from './find.js';

export type DataItem = Item & { readonly fields: DataMigrationItem };

/** What stops a machine, and what would change that. */
export interface Unreadable {
  readonly why: string;
}

export interface Sides {
  /** Connections of the bindings. */
  readonly from: string;
  readonly to: string;
}

/** Without a system, a side is on the connection of the step, or on the only one. */
export function sidesOf(
  c: Compilation,
  { fields }: DataItem,
  stepConnection: string | null,
): Sides | Unreadable {
  const known = Object.keys(c.bindings.connections.sources);
  const from = nonBlank(fields.source?.system) ?? stepConnection ?? (known.length === 1 ? known[0] : null);
  const to = nonBlank(fields.target?.system) ?? from;
  for (const system of [from, to]) {
    if (system == null) return { why: 'name a connection of the bindings as source.system' };
    if (!known.includes(system)) {
      return { why: `"${shorten(system)}" is no connection of the bindings; add it under connections` };
    }
  }
  return from == null || to == null
    ? { why: 'name a connection of the bindings as source.system' }
    : { from, to };
}

export interface TablePair {
  readonly from: TableName;
  /** The same as `from` for what is changed in place. */
  readonly to: TableName;
}

/** They pair up by position. */
export function tablePairsOf({ fields: { source, target } }: DataItem): readonly TablePair[] | Unreadable {
  const sources = tablesOf(source?.tables, source?.schema ?? null);
  const targets = tablesOf(target?.tables, target?.schema ?? source?.schema ?? null);
  if (sources.length === 0) return { why: 'source.tables names no table' };
  if (targets.length > 0 && targets.length !== sources.length) {
    return {
      why: `${sources.length} source and ${targets.length} target tables: they pair up by position`,
    };
  }
  return sources.map((from, index) => ({ from, to: targets[index] ?? from }));
}

function tablesOf(tables: Parameters<typeof list<string | null>>[0], schema: string | null): TableName[] {
  return list(tables).flatMap((name) => {
    const table = nonBlank(name);
    if (table === null) return [];
    const [first = '', second] = table.split('.');
    return [
      second === undefined
        ? { schema: nonBlank(schema) ?? 'public', table }
        : { schema: first, table: second },
    ];
  });
}

export type Rules = Pick<RowsAction, 'set' | 'omit' | 'where'>;

export function rulesOf(c: Compilation, { fields }: DataItem): Rules | Unreadable {
  const read: RowRule[] = [];
  for (const { text } of numbered(fields.transformation_logic?.transformation_rules)) {
    const rule = parseRowRule(text);
    // What only a program carries out may be said in prose.
    if (rule === null && nonBlank(fields.transformation_logic?.code_location) !== null) continue;
    if (rule === null || !isSql(c, rule)) {
      const forms = 'write "COLUMN = SQL", "where SQL" or "omit COLUMN"';
      return { why: `the rule "${shorten(text)}" is not understood; ${forms}` };
    }
    read.push(rule);
  }
  const set = read.flatMap((rule) =>
    rule.kind === 'set' ? [{ column: rule.column, value: rule.value }] : [],
  );
  const twice = set.find(({ column }, index) => set.findIndex((rule) => rule.column === column) !== index);
  if (twice !== undefined) return { why: `two rules set the column "${twice.column}"` };
  const conditions = read.flatMap((rule) => (rule.kind === 'where' ? [`(${rule.condition}\n)`] : []));
  return {
    set,
    omit: read.flatMap((rule) => (rule.kind === 'omit' ? [rule.column] : [])),
    where: conditions.length === 0 ? null : conditions.join(' and '),
  };
}

/** The columns of the source, as they come from the target where that is written too. */
export function backRulesOf({ fields }: DataItem): readonly ColumnRule[] {
  return numbered(fields.transformation_logic?.transformation_rules).flatMap(({ text }) => {
    const rule = parseRowRule(text);
    return rule?.kind === 'back' ? [{ column: rule.column, value: rule.value }] : [];
  });
}

function isSql(c: Compilation, rule: RowRule): boolean {
  return rule.kind === 'omit' || isExpression(c, rule.kind === 'where' ? rule.condition : rule.value);
}

/** One expression of its own: it must not close the bracket that it is put into. */
export function isExpression(c: Compilation, text: string): boolean {
  return (
    c.surroundings.sqlError(`select ${text}\n`) === null &&
    c.surroundings.sqlError(`select (${text}\n)`) === null
  );
}

const WORKERS = 4;
const MOST_WORKERS = 32;

/** Connections that change disjoint ranges of one table at once. */
export function workersOf(written: DataMigrationItem['execution_plan']): number {
  if (written?.parallel_execution !== true) return 1;
  return Math.min(MOST_WORKERS, Math.max(1, Math.floor(written.max_parallel_workers ?? WORKERS)));
}
