/** Small strategies for integration tests, as plain objects in the shape of the file. */

export interface StepSketch {
  readonly commands?: readonly string[];
  readonly undo?: readonly string[] | false | null;
  readonly more?: object;
}

/** One step whose command writes `do ID` into the ledger and whose undo writes `undo ID`. */
export function step(id: string, order: number, sketch: StepSketch = {}): object {
  const undo = sketch.undo === undefined ? [`echo undo ${id} >> $LEDGER`] : sketch.undo;
  return {
    step_id: id,
    name: `Step ${id}`,
    order,
    type: 'configuration',
    execution_details: { commands: sketch.commands ?? [`echo do ${id} >> $LEDGER`] },
    ...(undo === null
      ? {}
      : {
          rollback_procedure:
            undo === false
              ? { can_rollback: false }
              : { can_rollback: true, rollback_steps: undo.map((line) => `$ ${line}`) },
        }),
    ...sketch.more,
  };
}

export function phase(id: string, order: number, steps: readonly object[], more: object = {}): object {
  return { phase_id: id, name: `Phase ${id}`, order, steps, ...more };
}

export function gate(id: string, more: object = {}): { validation_gate: object } {
  return {
    validation_gate: {
      gate_id: id,
      name: `Gate ${id}`,
      criteria: ['$ true'],
      failure_response: 'rollback',
      ...more,
    },
  };
}

export function strategy(phases: readonly object[], more: object = {}): object {
  return {
    metadata: { version: '1.0.0', migration_name: 'Test migration' },
    migration_overview: { name: 'Test migration' },
    migration_phases: phases,
    ...more,
  };
}
