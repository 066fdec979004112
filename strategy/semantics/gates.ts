import { type Gate, sentences } from '../document.js';
import { asksForApproval, checkApproval } from './approvals.js';
import type { Findings } from './findings.js';
import type { Inventory } from './inventory.js';

/** A gate can be passed, and can be failed. */
export function checkGates(inventory: Inventory, findings: Findings): void {
  for (const { phase, pointer } of inventory.phases) {
    if (phase.validation_gate) checkGate(phase.validation_gate, `${pointer}/validation_gate`, findings);
  }
}

function checkGate(gate: Gate, pointer: string, findings: Findings): void {
  const asks = sentences(gate.criteria).length + sentences(gate.test_dataset_ids).length;
  if (asks === 0 && !asksForApproval(gate)) {
    const message = `the gate "${gate.gate_id}" has no criteria, no test datasets and no approval, so it would always pass`;
    findings.error('empty-gate', pointer, message, 'Say what must hold or who approves, or remove the gate.');
  }
  checkApproval(`the gate "${gate.gate_id}"`, gate, pointer, findings);
}
