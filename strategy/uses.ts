/** `x-uses` of a step: the items of other sections that it carries out. */
import { nonBlank, numbered, type Step } from './document.js';
import type { DataMigrationItem } from './document-changes.js';
import { below } from './pointer.js';
import { isContractRule } from './sentence/schema-rule.js';

/** The id of the second part of a schema change, which drops columns: a step of its own uses it. Null without such a part. */
export function contractOf({ migration_id, type, transformation_logic }: DataMigrationItem): string | null {
  const id = nonBlank(migration_id);
  const rules = numbered(transformation_logic?.transformation_rules);
  const drops = type === 'schema_change' && rules.some(({ text }) => isContractRule(text));
  return id !== null && drops ? `${id}/contract` : null;
}

/** The id of the last part of a schema change, which drops what its contract put aside: a cleanup task uses it. */
export function dropOf(item: DataMigrationItem): string | null {
  return contractOf(item)?.replace(/contract$/, 'drop') ?? null;
}

/** The id of the part of a dual or shadow write that ends it. Null where nothing is kept in step. */
export function finishOf(item: DataMigrationItem): string | null {
  const { type, migration_id, migration_approach, execution_plan } = item;
  const id = nonBlank(migration_id);
  const method = migration_approach?.method;
  const mirrors = type !== 'schema_change' && (method === 'dual_write' || method === 'shadow_write');
  const scripted = nonBlank(execution_plan?.execution_script) !== null;
  return id !== null && mirrors && !scripted && !isSynced(item) ? `${id}/finish` : null;
}

/** True for an item that rounds keep in step. */
export function isSynced(item: RoundsItem): boolean {
  const scripted = nonBlank(item.execution_plan?.execution_script) !== null;
  if (scripted || item.migration_approach?.method === 'online') return false;
  return item['x-sync'] != null || isOutbox(item);
}

type RoundsItem = Pick<
  DataMigrationItem,
  'x-sync' | 'migration_approach' | 'execution_plan' | 'type' | 'source' | 'target'
>;

/** True for writes to both sides where no transaction reaches both: a table notes what changes in one, and rounds carry it to the other. */
export function isOutbox({ 'x-sync': sync, migration_approach, type, source, target }: RoundsItem): boolean {
  const method = migration_approach?.method;
  const [from, to] = [nonBlank(source?.system), nonBlank(target?.system)];
  if (sync != null || type === 'schema_change' || from === null || to === null || from === to) return false;
  return method === 'dual_write' || method === 'shadow_write';
}

/** The ids of the later parts of an item that rounds keep in step; null where none do. */
export function syncPartOf(item: DataMigrationItem, part: 'cut-over' | 'finish'): string | null {
  const id = nonBlank(item.migration_id);
  if (id === null || !isSynced(item) || (part === 'cut-over' && isOutbox(item))) return null;
  return `${id}/${part}`;
}

/** The ids of the later parts of an online migration: the switch of the writes, and its end. Empty for other methods. */
export function streamPartsOf(item: DataMigrationItem): readonly StreamPart[] {
  const { migration_id, migration_approach, type, execution_plan } = item;
  const id = nonBlank(migration_id);
  const online = migration_approach?.method === 'online' && type !== 'schema_change';
  if (id === null || !online || nonBlank(execution_plan?.execution_script) !== null) return [];
  return (['cut-over', 'finish'] as const).map((part) => ({ id: `${id}/${part}`, part }));
}

export interface StreamPart {
  readonly id: string;
  readonly part: 'cut-over' | 'finish';
}

/** The ids that a step, or a cleanup task, uses, with their places. */
export function usesOf(
  step: Pick<Step, 'x-uses'>,
  pointer: string,
): readonly { readonly id: string; readonly pointer: string }[] {
  const uses = step['x-uses'];
  const at = below(pointer, 'x-uses');
  if (typeof uses !== 'object' || uses === null) {
    const id = nonBlank(uses);
    return id === null ? [] : [{ id, pointer: at }];
  }
  return uses.map((id, index) => ({ id, pointer: below(at, index) }));
}
