/** What a run locks, so that no other run touches it meanwhile. */
import type { BindingsDocument } from '../bindings-document.js';
import { nonBlank, type StrategyDocument } from '../document.js';
import type { Plan } from '../plan.js';

/**
 * The systems that the strategy affects and the resources that it shares with others, or what the bindings name instead. Sorted, so that every run takes its locks
 * in the same order, and no two runs can wait for each other.
 */
export function compileLocks(
  document: Pick<StrategyDocument, 'migration_overview'>,
  bindings: Pick<BindingsDocument, 'locks'> | null,
  shared: readonly string[] = [],
): Pick<Plan, 'locks'> {
  const affected = document.migration_overview?.scope?.systems_affected ?? [];
  const texts = bindings?.locks ?? [...affected, ...shared];
  const names = texts.flatMap((text) => {
    const name = nonBlank(text);
    return name === null ? [] : [lockName(name)];
  });
  return names.length === 0 ? {} : { locks: [...new Set(names)].sort() };
}

/** Case and spaces do not tell two systems apart. */
function lockName(text: string): string {
  return text.trim().replaceAll(/\s+/g, ' ').toLowerCase();
}
