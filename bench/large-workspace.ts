/** A workspace with a strategy of thousands of steps, each as full as those of the format's own example. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dump } from 'js-yaml';
import { sectionsFor, usedItem } from './large-sections.js';

const STEPS_PER_PHASE = 100;
const SCRIPTS = 100;

/**
 * Writes strategy, bindings and scripts; answers with the strategy's path. `sections`: with every other section as well, and
 * an item of them at each step.
 */
export function writeLargeWorkspace(
  folder: string,
  steps: number,
  { sections = false }: { readonly sections?: boolean } = {},
): string {
  mkdirSync(join(folder, 'scripts'));
  for (let index = 0; index < SCRIPTS; index += 1) {
    writeFileSync(join(folder, scriptOf('validate', index)), '#!/bin/sh\ntrue\n', { mode: 0o755 });
    writeFileSync(join(folder, scriptOf('rollback', index)), '#!/bin/sh\ntrue\n', { mode: 0o755 });
  }
  mkdirSync(join(folder, 'bin'));
  writeFileSync(join(folder, 'bin', 'kubectl'), '#!/bin/sh\ntrue\n', { mode: 0o755 });
  writeFileSync(
    join(folder, 'migration-bindings.yaml'),
    `environment: { PATH: "./bin:\${env:PATH}" }
connections: { shop: { postgres: "\${env:SHOP_URL}" } }
checks:
  "Columns are nullable": { sql: "select 1", connection: shop }
  "{float}% of requests use {word}": { command: "./share.sh" }
metrics: { error_rate: { unit: ratio, command: "./errors.sh" } }
`,
  );
  const file = join(folder, 'migration-strategy.yaml');
  const phases = Array.from({ length: Math.ceil(steps / STEPS_PER_PHASE) }, (_, phase) =>
    phaseOf(phase, steps, sections),
  );
  writeFileSync(
    file,
    `metadata:
  version: "1.0.0"
  migration_name: "Ten thousand shards"
migration_phases:
${phases.join('')}${sections ? dump(sectionsFor(steps)) : ''}`,
  );
  return file;
}

function phaseOf(phase: number, steps: number, sections: boolean): string {
  const first = phase * STEPS_PER_PHASE;
  const count = Math.min(STEPS_PER_PHASE, steps - first);
  const bodies = Array.from({ length: count }, (_, index) =>
    sections ? shortStepOf(phase, index) : stepOf(phase, index),
  );
  return `  - phase_id: "PHASE-${phase}"
    name: "Shards from ${first}"
    order: ${phase + 1}
    steps:
${bodies.join('')}    validation_gate:
      gate_id: "GATE-${phase}"
      name: "Shards from ${first} are migrated"
      criteria: ["STEP-${phase}-0 successful", "Error rate < 0.1%"]
      approval_required: true
      approvers: ["DBA Lead"]
      failure_response: "rollback"
`;
}

function stepOf(phase: number, index: number): string {
  const shard = phase * STEPS_PER_PHASE + index;
  const before = index === 0 ? '' : `\n          - "STEP-${phase}-${index - 1} successful"`;
  return `      - step_id: "STEP-${phase}-${index}"
        name: "Add the discount column to shard ${shard}"
        order: ${index + 1}
        type: "data_migration"
        preconditions:
          - "Error rate < 0.1%"${before}
        execution_details:
          commands:
            - "ALTER TABLE cart_${shard} ADD COLUMN discount_code VARCHAR(50)"
            - "kubectl apply -f k8s/cart-${shard}.yaml"
        validation:
          validation_checks:
            - "Columns are nullable"
            - "${index}% of requests use v2"
          success_criteria:
            - "The log of shard ${shard} holds no errors"
          validation_script: "${scriptOf('validate', shard)}"
        rollback_procedure:
          can_rollback: true
          rollback_script: "${scriptOf('rollback', shard)}"
        estimated_duration: "30 minutes"
        responsible_party: "DBA Team"
        monitoring:
          metrics_to_watch: ["error_rate"]
          alert_conditions: ["Error rate > 1%"]
`;
}

/** A file may have 10 MB: the sections need half of that. */
function shortStepOf(phase: number, index: number): string {
  const shard = phase * STEPS_PER_PHASE + index;
  return `      - step_id: "STEP-${phase}-${index}"
        name: "Shard ${shard}"
        order: ${index + 1}
        type: "data_migration"
        execution_details: { commands: ["ALTER TABLE cart_${shard} ADD COLUMN code TEXT"] }
        validation: { validation_checks: ["The log of shard-${shard} holds no errors"] }
        rollback_procedure: { can_rollback: true, rollback_script: "${scriptOf('rollback', shard)}" }
        responsible_party: "DBA Team"
        x-uses: "${usedItem(shard)}"
`;
}

function scriptOf(verb: string, index: number): string {
  return `scripts/${verb}-${index % SCRIPTS}.sh`;
}
