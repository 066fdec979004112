/** The order in which tables are filled: those that others refer to come first. */
import type { ComparedTable } from '../../strategy/plan.js';
import { quotedTable } from '../effects/rows/table.js';
import type { Session } from '../sql/session.js';
import { foreignKeys } from './orphans.js';

/** By the foreign keys of the target. Tables that refer to each other keep their order. Throws what the database answers. */
export async function parentsFirst<T extends Pick<ComparedTable, 'target'>>(
  target: Session,
  tables: readonly T[],
): Promise<readonly T[]> {
  const open = new Map(tables.map((table) => [quotedTable(table.target), table]));
  const parents = new Map<string, readonly string[]>();
  for (const name of open.keys()) {
    const keys = await foreignKeys(target, name);
    parents.set(
      name,
      keys.map(({ parent }) => parent).filter((parent) => parent !== name),
    );
  }
  const ordered: T[] = [];
  while (open.size > 0) {
    const names = [...open.keys()];
    const next = names.find((name) => !(parents.get(name) ?? []).some((parent) => open.has(parent)));
    const name = next ?? names[0] ?? '';
    const table = open.get(name);
    open.delete(name);
    if (table !== undefined) ordered.push(table);
  }
  return ordered;
}
