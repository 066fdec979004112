/** The sections that this version validates and shows, and does not carry out. */
import type { StrategyDocument } from '../document.js';
import type { Compilation } from './compilation.js';

const HOW = 'not carried out by this version';

/** One entry per section that says something, with the number of its items that no step uses. */
export function coverOtherSections(c: Compilation): void {
  const used = new Set<object>([...c.usedItems].flatMap((id) => c.items.get(id)?.fields ?? []));
  for (const [pointer, section] of otherSections(c.document)) {
    const count = countItems(section, used);
    if (count === 0) continue;
    const name = pointer.slice(1).replaceAll('/', '.');
    const text = `${name}: ${count} item${count === 1 ? '' : 's'}`;
    c.otherSections.push(text);
    c.cover(pointer, text, 'not-carried-out', HOW);
  }
}

function otherSections(
  document: StrategyDocument,
): readonly (readonly [pointer: string, section: unknown])[] {
  return [
    ['/code_migration', document.code_migration?.deployment_strategy],
    ['/data_migration', document.data_migration],
    ['/configuration_migration', document.configuration_migration],
    ['/infrastructure_migration', document.infrastructure_migration],
    ['/integration_migration', document.integration_migration],
    ['/rollback_strategy/rollback_testing', document.rollback_strategy?.rollback_testing],
  ];
}

/** The entries of the lists nearest to the top; an object without any counts as one item. */
function countItems(section: unknown, used: ReadonlySet<object>): number {
  if (Array.isArray(section)) return section.filter((item) => !used.has(item)).length;
  if (typeof section !== 'object' || section === null) return 0;
  const values = Object.values(section).filter((value) => value !== null && value !== undefined);
  return (
    values.reduce(
      (sum: number, value) => sum + (typeof value === 'object' ? countItems(value, used) : 0),
      0,
    ) || (used.size === 0 ? Math.min(1, values.length) : 0)
  );
}
