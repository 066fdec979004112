/** Strategies to measure with, as objects in the shape of the file. */

/** `true`: the shell's own command of that name, to measure what running any command costs. */
export type StepKind = 'command' | 'sql' | 'true';

/** One phase of `count` steps with one action and one undo each. Their activities do nothing when measured. */
export function flatStrategy(count: number, kind: StepKind): object {
  const steps = Array.from({ length: count }, (_, index) => stepOf(index, kind));
  return document([{ phase_id: 'PHASE-1', name: 'The only phase', order: 1, steps }]);
}

/** `count` phases of one step; each ends with a gate that its approver must sign. */
export function gatedStrategy(count: number, kind: StepKind): object {
  return document(
    Array.from({ length: count }, (_, index) => ({
      phase_id: `PHASE-${index}`,
      name: `Phase ${index}`,
      order: index + 1,
      steps: [{ ...stepOf(index, kind), order: 1 }],
      validation_gate: {
        gate_id: `GATE-${index}`,
        name: `Gate ${index}`,
        criteria: [`STEP-${index} successful`],
        approval_required: true,
        approvers: ['Approver'],
        failure_response: 'rollback',
      },
    })),
  );
}

/** The bindings of the strategies above. Nothing ever connects to them. */
export const BINDINGS = {
  connections: { shop: { postgres: '${env:SHOP_URL}' } },
  environment: { TARGET: 'shop' },
};

function stepOf(index: number, kind: StepKind): object {
  return {
    step_id: `STEP-${index}`,
    name: `Step number ${index}`,
    order: index + 1,
    type: 'configuration',
    responsible_party: 'Operator',
    execution_details: {
      commands: [applyOf(index, kind)],
    },
    rollback_procedure: {
      can_rollback: true,
      rollback_steps: [undoOf(index, kind)],
    },
    ...(kind === 'sql' ? { 'x-connection': 'shop' } : {}),
  };
}

function applyOf(index: number, kind: StepKind): string {
  if (kind === 'true') return '$ true';
  return kind === 'sql'
    ? `sql: update cart set discount = 0 where shard = ${index}`
    : `$ kubectl apply -f k8s/service-${index}.yaml --namespace shop --wait`;
}

function undoOf(index: number, kind: StepKind): string {
  if (kind === 'true') return '$ true';
  return kind === 'sql'
    ? `sql: update cart set discount = null where shard = ${index}`
    : `$ kubectl delete -f k8s/service-${index}.yaml --namespace shop`;
}

function document(phases: readonly object[]): object {
  return {
    metadata: { version: '1.0.0', migration_name: 'Benchmark' },
    migration_overview: { name: 'Benchmark' },
    migration_phases: phases,
  };
}
