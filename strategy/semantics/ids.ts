import type { Findings } from './findings.js';
import type { Inventory, Item } from './inventory.js';

/** No two things of one kind share an id, and no phase and step do: `rollback --to ID` must mean one of them. */
export function checkIds(inventory: Inventory, findings: Findings): void {
  for (const items of inventory.byId.values()) {
    if (items.length > 1) checkSameId(items, findings);
  }
}

function checkSameId(items: readonly Item[], findings: Findings): void {
  const firsts: Item[] = [];
  for (const item of items) {
    const twin = firsts.find((other) => other.kind === item.kind);
    if (twin !== undefined) {
      const message = `the ${item.kind} "${item.id}" is already defined on line ${findings.line(twin.pointer)}`;
      findings.error('duplicate-id', item.pointer, message, `Give every ${item.kind} an id of its own.`);
      continue;
    }
    const rival = firsts.find((other) => isPlace(other) && isPlace(item));
    firsts.push(item);
    if (rival === undefined) continue;
    const message = `the ${item.kind} "${item.id}" has the id of the ${rival.kind} on line ${findings.line(rival.pointer)}`;
    findings.error(
      'duplicate-id',
      item.pointer,
      message,
      'A rollback to this id could mean either: rename one.',
    );
  }
}

function isPlace(item: Item): boolean {
  return item.kind === 'phase' || item.kind === 'step';
}
