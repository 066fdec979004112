/** Reads which rows a data migration is about and what becomes of them, when all of it is understood. */
import { list, nonBlank, numbered } from '../../document.js';
import type { DataMigrationItem } from '../../document-changes.js';
import type { RowsAction, RowsChange, TableName } from '../../plan.js';
import { parseRowRate, parseRowRule, type RowRule } from '../../sentence/row-rule.js';
import type { Compilation } from '../compilation.js';
import { shorten } from '../reporter.js';
import type { Item } from './find.js';

export type DataItem = Item & { readonly fields: DataMigrationItem };

/** One action per table, or why a person has to do it and what would change that. */
export type Rows = { readonly actions: readonly RowsAction[] } | { readonly why: string };

const BY_SCRIPT = 'write execution_script to automate it';

export function readRows(c: Compilation, item: DataItem, stepConnection: string | null): Rows {
  const { source, target, execution_plan, transformation_logic, migration_approach } = item.fields;
  const method = migration_approach?.method ?? null;
  if (method !== null && method !== 'offline' && method !== 'backfill') {
    return { why: `the method ${method} is not carried out by this version; ${BY_SCRIPT}` };
  }
  if (item.fields.type === 'schema_change') {
    return {
      why: `a schema_change is not carried out by this version: write its SQL as commands of the step`,
    };
  }
  if (nonBlank(transformation_logic?.code_location) !== null) {
    return { why: `code_location is not run by this version; ${BY_SCRIPT}` };
  }
  const connection = connectionOf(c, item, stepConnection);
  if (typeof connection !== 'string') return connection;
  const rules = rulesOf(c, item);
  if ('why' in rules) return rules;
  const rate = nonBlank(execution_plan?.rate_limit);
  const ratePerSecond = rate === null ? null : parseRowRate(rate);
  if (rate !== null && ratePerSecond === null) {
    return { why: `the rate_limit "${shorten(rate)}" is not understood; write it as "500 rows/s"` };
  }
  const sources = tablesOf(source?.tables, source?.schema ?? null);
  const targets = tablesOf(target?.tables, target?.schema ?? source?.schema ?? null);
  if (sources.length === 0) return { why: 'source.tables names no table' };
  if (targets.length > 0 && targets.length !== sources.length) {
    return {
      why: `${sources.length} source and ${targets.length} target tables: they pair up by position`,
    };
  }
  const actions: RowsAction[] = [];
  for (const [index, from] of sources.entries()) {
    const to = targets[index] ?? from;
    const change = changeOf(item.fields.type ?? null, from, to, rules);
    if ('why' in change) return change;
    const batchSize = execution_plan?.batch_size ?? null;
    const own = { item: item.id, connection, source: from, change, ...rules };
    actions.push({ kind: 'rows', ...own, direction: 'apply', batchSize, ratePerSecond });
  }
  return { actions };
}

/** Both systems must be the same connection; without a system it is that of the step. */
function connectionOf(
  c: Compilation,
  { fields }: DataItem,
  stepConnection: string | null,
): string | { readonly why: string } {
  const known = Object.keys(c.bindings.connections.sources);
  const from = nonBlank(fields.source?.system) ?? stepConnection ?? (known.length === 1 ? known[0] : null);
  const to = nonBlank(fields.target?.system) ?? from;
  for (const system of [from, to]) {
    if (system == null) return { why: 'name a connection of the bindings as source.system' };
    if (!known.includes(system)) {
      return { why: `"${shorten(system)}" is no connection of the bindings; add it under connections` };
    }
  }
  if (from == null || from !== to) {
    return { why: `rows are not copied between connections by this version; ${BY_SCRIPT}` };
  }
  return from;
}

type Rules = Pick<RowsAction, 'set' | 'omit' | 'where'>;

function rulesOf(c: Compilation, { fields }: DataItem): Rules | { readonly why: string } {
  const read: RowRule[] = [];
  for (const { text } of numbered(fields.transformation_logic?.transformation_rules)) {
    const rule = parseRowRule(text);
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

/** One expression of its own: it must not close the bracket that it is put into. */
function isSql(c: Compilation, rule: RowRule): boolean {
  if (rule.kind === 'omit') return true;
  const text = rule.kind === 'set' ? rule.value : rule.condition;
  return (
    c.surroundings.sqlError(`select ${text}\n`) === null &&
    c.surroundings.sqlError(`select (${text}\n)`) === null
  );
}

function changeOf(
  type: DataItem['fields']['type'],
  from: TableName,
  to: TableName,
  { set, where, omit }: Rules,
): RowsChange | { readonly why: string } {
  const elsewhere = from.schema !== to.schema || from.table !== to.table;
  if (elsewhere) return { do: type === 'data_archival' ? 'archive' : 'copy', target: to };
  if (type === 'data_archival') return { why: 'an archival needs a target table' };
  if (omit.length > 0) return { why: 'a rule "omit COLUMN" is for copies' };
  if (set.length > 0) return { do: 'update' };
  if (type === 'data_cleanup' && where !== null) return { do: 'delete' };
  const missing = type === 'data_cleanup' ? '"where SQL"' : '"COLUMN = SQL"';
  return { why: `no transformation rule ${missing} says what becomes of the rows` };
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
