import type { Findings } from './findings.js';
import type { Inventory } from './inventory.js';

interface Ordered {
  readonly order: number;
  readonly id: string;
  readonly pointer: string;
}

/** Every phase, and every step of a phase, has its own place in the order. */
export function checkOrders(inventory: Inventory, findings: Findings): void {
  const { phases } = inventory;
  checkUnique(
    'phase',
    phases.map(({ phase, pointer }) => ({ order: phase.order, id: phase.phase_id, pointer })),
    findings,
  );
  for (const { steps } of phases) {
    checkUnique(
      'step',
      steps.map(({ step, pointer }) => ({ order: step.order, id: step.step_id, pointer })),
      findings,
    );
  }
}

function checkUnique(kind: 'phase' | 'step', entries: readonly Ordered[], findings: Findings): void {
  const first = new Map<number, Ordered>();
  for (const entry of entries) {
    const other = first.get(entry.order);
    if (other === undefined) {
      first.set(entry.order, entry);
      continue;
    }
    const message = `the ${kind} "${entry.id}" has the same order as "${other.id}": ${entry.order}`;
    findings.error('duplicate-order', `${entry.pointer}/order`, message, `Give each ${kind} its own order.`);
  }
}
