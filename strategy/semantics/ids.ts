import type { Findings } from './findings.js';
import type { Inventory, Item } from './inventory.js';

/**
 * No two things of one kind share an id, and phases, steps, gates, prerequisites and cleanup tasks share none at all: `rollback --to
 * ID`, the sentence "ID passed" and the key of an effect must mean one of them.
 */
export function checkIds(inventory: Inventory, findings: Findings): void {
  for (const item of inventory.items) {
    if (isReferable(item)) checkReserved(item, findings);
  }
  for (const items of inventory.byId.values()) {
    if (items.length > 1) checkSameId(items, findings);
  }
}

/** What runs and decisions call things that are not in the file: a landing, a question about the whole, a rollback. */
const RESERVED =
  /^(?:start|completion|constraints|window|rollback-(?:\d+|step|phase|full)|monitoring-period|retrospective|business-success-\d+)$/i;

function checkReserved({ kind, id, pointer }: Item, findings: Findings): void {
  if (RESERVED.test(id)) {
    const message = `the ${kind} has the id "${id}", which sluice uses for a part of every run`;
    findings.error('reserved-id', pointer, message, 'Choose another id, such as one with a number: STEP-1.');
  } else if (/#\d+$/.test(id)) {
    const message = `the id of the ${kind} "${id}" ends with "#" and a number, which sluice uses for repeated decisions`;
    findings.error('reserved-id', pointer, message, 'Remove the "#" and the number after it.');
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
    const rival = firsts.find((other) => isReferable(other) && isReferable(item));
    firsts.push(item);
    if (rival === undefined) continue;
    const message = `the ${item.kind} "${item.id}" has the id of the ${rival.kind} on line ${findings.line(rival.pointer)}`;
    findings.error(
      'duplicate-id',
      item.pointer,
      message,
      'A reference to this id could mean either: rename one.',
    );
  }
}

/** What commands and sentences name by its id alone. */
function isReferable({ kind }: Item): boolean {
  return REFERABLE.has(kind);
}

const REFERABLE: ReadonlySet<Item['kind']> = new Set([
  'phase',
  'step',
  'gate',
  'validation gate',
  'prerequisite',
  'cleanup task',
]);
