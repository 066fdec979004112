/** What a strategy that fits the schema can still get wrong, as far as the file alone tells. */
import type { StrategyDocument } from '../document.js';
import type { Problem } from '../problem.js';
import { inOrder } from '../problems.js';
import type { Source } from '../yaml/source.js';
import { checkCycles } from './cycles.js';
import { checkDates } from './dates.js';
import { checkExtensionKeys } from './extension-keys.js';
import { Findings } from './findings.js';
import { checkGates } from './gates.js';
import { checkIds } from './ids.js';
import { takeInventory } from './inventory.js';
import { checkMentions } from './mentions.js';
import { checkOrders } from './orders.js';
import { checkOutline } from './outline.js';
import { checkReferences } from './references.js';
import { checkRollback } from './rollback.js';

const CHECKS = [
  checkOutline,
  checkIds,
  checkOrders,
  checkReferences,
  checkMentions,
  checkCycles,
  checkGates,
  checkRollback,
  checkDates,
  checkExtensionKeys,
] as const;

/** Everything that is wrong, or should be known, about a schema-valid strategy taken alone; in the order of the file. */
export function checkSemantics(document: StrategyDocument, source: Source): readonly Problem[] {
  const findings = new Findings(source);
  const inventory = takeInventory(document);
  for (const check of CHECKS) check(inventory, findings);
  return inOrder(findings.problems);
}
