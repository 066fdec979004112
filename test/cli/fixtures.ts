/** Views and decisions as a run would show them, for tests of what is drawn and asked. */
import type { Decision } from "../../strategy/run/decision.js";
import type { GateView, MigrationView, PhaseView, StepView } from "../../strategy/run/view.js";

export function step(id: string, over: Partial<StepView> = {}): StepView {
  return {
    id,
    name: `Name of ${id}`,
    type: "configuration",
    status: "pending",
    reason: "",
    attempts: 0,
    undone: 0,
    actionsDone: 0,
    startedAt: null,
    endedAt: null,
    requirements: [],
    output: null,
    ...over,
  };
}

export function gate(id: string, over: Partial<GateView> = {}): GateView {
  return { id, name: `Name of ${id}`, status: "pending", reason: "", requirements: [], votes: [], ...over };
}

export function phase(id: string, steps: readonly StepView[], over: Partial<PhaseView> = {}): PhaseView {
  return {
    id,
    name: `Name of ${id}`,
    status: "pending",
    reason: "",
    requirements: [],
    steps,
    gate: null,
    ...over,
  };
}

export function decision(over: Partial<Decision> = {}): Decision {
  return {
    id: "approval:GATE-1",
    kind: "approval",
    subject: "GATE-1",
    question: "Approve GATE-1?",
    options: ["approve", "reject"],
    needs: [{ role: "DBA Lead", votes: 1 }],
    votes: [],
    openedAt: "2026-01-01T00:00:05.000Z",
    deadline: null,
    evidence: [],
    checklist: [],
    reasonFor: [],
    planHash: "f".repeat(64),
    ...over,
  };
}

export function view(over: Partial<MigrationView> = {}): MigrationView {
  return {
    run: "shop-1",
    status: "running",
    reason: "STEP-1 runs its first action.",
    strategy: { name: "shop", version: "1.0.0", hash: "f".repeat(64) },
    by: "erin",
    compress: 1,
    onFailure: "strategy",
    startedAt: "2026-01-01T00:00:00.000Z",
    endedAt: null,
    landing: null,
    prerequisites: [],
    phases: [],
    completion: { status: "pending", reason: "", requirements: [], votes: [] },
    rollback: null,
    applied: [],
    decisions: [],
    events: 0,
    ...over,
  };
}
