/** What the comparison of both sides of a data migration is, when all of it is understood. */
import { list, nonBlank, type StrategyDocument, sentences } from '../../document.js';
import type {
  BusinessRule,
  ComparedTable,
  MachineProbe,
  ReconcileMethod,
  Reconciliation,
  TimeOrder,
} from '../../plan.js';
import { below } from '../../pointer.js';
import { rowsToProve } from '../../reconcile/bound.js';
import { countText, describeMethod, percentText } from '../../reconcile/wording.js';
import { METHODS, parseMethod, parseReconciliation, parseThreshold } from '../../sentence/reconciliation.js';
import { parseTimeOrder } from '../../sentence/time-order.js';
import { usesOf } from '../../uses.js';
import type { Classified } from '../classified.js';
import type { Compilation } from '../compilation.js';
import { shorten } from '../reporter.js';
import {
  type DataItem,
  isExpression,
  rulesOf,
  sidesOf,
  tablePairsOf,
  type Unreadable,
} from './data-tables.js';

/** Everything equal, where the strategy does not say how much. */
const ALL = 1;

/** "Reconciliation of DATA-1 passes": the comparison of that item, as it is then. */
export function classifyReconciliation(c: Compilation, text: string): Classified {
  const id = parseReconciliation(text);
  if (id === null) return { kind: 'open' };
  const item = c.items.get(id);
  if (item?.kind !== 'data migration') return { kind: 'open', why: `"${shorten(id)}" is no data migration` };
  const read = reconciliationOf(c, item);
  if ('why' in read) return { kind: 'open', why: read.why };
  return {
    kind: 'probe',
    probe: probeOf(read),
    how: howOf(read),
    passesWhenWell: 'it passes when both sides are equal',
  };
}

export function probeOf(reconciliation: Reconciliation): MachineProbe {
  return { how: 'reconcile', ...reconciliation };
}

/** The same as a watch repeats it: with "changed by", it compares every row at first, and then those that have changed. */
export function repeatedly(probe: MachineProbe): MachineProbe {
  if (probe.how !== 'reconcile' || probe.method.kind !== 'rows' || probe.method.changedBy === undefined)
    return probe;
  return { ...probe, method: { kind: 'changed', column: probe.method.changedBy } };
}

/** For the coverage: what a repeated comparison does not look at; empty where it looks at every row. */
export function limitOf(probe: MachineProbe): string {
  if (probe.how !== 'reconcile' || probe.method.kind !== 'changed') return '';
  const { column } = probe.method;
  return `; after the first time only rows whose ${column} is new, and every row when the numbers of rows say that some were deleted. A row that is changed without a new ${column} is not seen`;
}

/** For the coverage. */
export function howOf({ method, threshold, source, target }: Reconciliation): string {
  const where = source === target ? `on ${source}` : `between ${source} and ${target}`;
  return `compares both sides ${where}: ${describeMethod(method)}, ${percentText(threshold)} equal`;
}

/** The comparison of an item; read once, so that what is wrong with it is said once. */
export function reconciliationOf(c: Compilation, item: DataItem): Reconciliation | Unreadable {
  const known = c.reconciliations.get(item.id);
  if (known !== undefined) return known;
  const read = readReconciliation(c, item);
  c.reconciliations.set(item.id, read);
  if (!('why' in read)) warnOfSmallSample(c, item, read);
  return read;
}

function readReconciliation(c: Compilation, item: DataItem): Reconciliation | Unreadable {
  const { validation, type, 'x-reconcile': settings } = item.fields;
  const written = nonBlank(settings?.method) ?? nonBlank(validation?.reconciliation?.method);
  const rules = businessRules(c, item);
  if ('why' in rules) return rules;
  const method = written === null ? defaultMethod(item, rules) : parseMethod(written);
  if (method === null) {
    return { why: `the method "${shorten(written ?? '')}" is not understood; write ${METHODS}` };
  }
  const share = nonBlank(validation?.reconciliation?.acceptance_threshold);
  const threshold = share === null ? ALL : parseThreshold(share);
  if (threshold === null) {
    return { why: `the threshold "${shorten(share ?? '')}" is not understood; write it as "99.99 %"` };
  }
  if (method.kind === 'rules' && rules.length === 0) return { why: 'x-reconcile.rules has no business rule' };
  const sides = sidesOf(c, item, connectionOfStep(c.document, item.id));
  if ('why' in sides) return sides;
  const base = { item: item.id, source: sides.from, target: sides.to, method, threshold, rules };
  if (method.kind === 'rules') return { ...base, tables: [] };
  if (type === 'data_archival')
    return { why: 'an archival leaves nothing to compare with: write business rules under x-reconcile' };
  const computed = nonBlank(item.fields.transformation_logic?.code_location) !== null;
  if (computed && method.kind !== 'count' && sentences(settings?.exclude).length === 0) {
    return {
      why: 'a program computes its columns: name them under x-reconcile.exclude, or write "count" or business rules',
    };
  }
  const tables = comparedTables(c, item, sides.from === sides.to);
  return 'why' in tables ? tables : { ...base, tables: tables.tables };
}

/** Rules alone are enough where rows cannot be compared. */
function defaultMethod(
  { fields: { type, target } }: DataItem,
  rules: readonly BusinessRule[],
): ReconcileMethod {
  const inPlace = target?.tables == null || type === 'data_archival';
  return inPlace && rules.length > 0 ? { kind: 'rules' } : { kind: 'rows' };
}

function comparedTables(
  c: Compilation,
  item: DataItem,
  sameConnection: boolean,
): { readonly tables: readonly ComparedTable[] } | Unreadable {
  const pairs = tablePairsOf(item);
  if ('why' in pairs) return pairs;
  const inPlace = pairs.some(({ from, to }) => from.schema === to.schema && from.table === to.table);
  if (sameConnection && inPlace)
    return { why: 'it changes rows in place, so there is no other side to compare with' };
  const rules = rulesOf(c, item);
  if ('why' in rules) return rules;
  const settings = item.fields['x-reconcile'];
  const filter = nonBlank(settings?.filter);
  if (filter !== null && !isExpression(c, filter)) {
    return { why: `x-reconcile.filter "${shorten(filter)}" is not an SQL condition` };
  }
  const times = timesOf(settings);
  if ('why' in times) return times;
  const more = {
    filter: filter === null ? null : `(${filter}\n)`,
    exclude: sentences(settings?.exclude),
    groupBy: sentences(settings?.groupBy),
    ...(times.length > 0 && { times }),
  };
  return { tables: pairs.map(({ from, to }) => ({ source: from, target: to, ...rules, ...more })) };
}

function timesOf(settings: DataItem['fields']['x-reconcile']): readonly TimeOrder[] | Unreadable {
  const read = sentences(settings?.times).map((text) => ({ text, order: parseTimeOrder(text) }));
  const bad = read.find(({ order }) => order === null);
  if (bad === undefined) return read.flatMap(({ order }) => order ?? []);
  return {
    why: `x-reconcile.times "${shorten(bad.text)}" is not understood; write "created_at <= updated_at", "updated_at <= now" or "created_at by key"`,
  };
}

function businessRules(c: Compilation, { fields }: DataItem): readonly BusinessRule[] | Unreadable {
  const rules = list(fields['x-reconcile']?.rules);
  const bad = rules.find(({ source, target }) =>
    [source, target].some((sql) => c.surroundings.sqlError(sql) !== null),
  );
  if (bad !== undefined) return { why: `the business rule "${shorten(bad.name)}" is not valid SQL` };
  return rules.map(({ name, source, target, tolerance }) => {
    return { name, source, target, tolerance: decimal(tolerance ?? 0) };
  });
}

/** Never in the form 1e-7. */
function decimal(value: number): string {
  return value.toLocaleString('en-US', { useGrouping: false, maximumFractionDigits: 20 });
}

/** `x-connection` of the step that carries the item out: a gate says it of the same rows. */
function connectionOfStep({ migration_phases }: StrategyDocument, id: string): string | null {
  for (const step of list(migration_phases).flatMap(({ steps }) => list(steps))) {
    if (usesOf(step, '').some((use) => use.id === id)) return nonBlank(step['x-connection']);
  }
  return null;
}

function warnOfSmallSample(
  c: Compilation,
  { pointer }: DataItem,
  { method, threshold }: Reconciliation,
): void {
  if (method.kind !== 'sample') return;
  const needed = rowsToProve(threshold, method.confidence);
  if (method.rows >= needed) return;
  const enough = Number.isFinite(needed)
    ? `it takes ${countText(needed)} rows without a difference at ${percentText(method.confidence)} confidence`
    : 'only a comparison of every row can';
  c.report(below(pointer, 'validation', 'reconciliation', 'method'), {
    code: 'small-sample',
    severity: 'warning',
    message: `a sample of ${countText(method.rows)} rows cannot prove ${percentText(threshold)}: ${enough}`,
    advice: Number.isFinite(needed)
      ? `Write "sample of ${countText(needed)} rows", or "rows".`
      : 'Write "rows", or a lower acceptance_threshold.',
  });
}
