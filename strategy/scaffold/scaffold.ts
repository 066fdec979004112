/** The files of a new migration: a strategy that passes `check`, its bindings, and scripts that say what to write. */

export interface Scaffold {
  /** The migration's name. */
  readonly name: string;
  /** The role that carries steps out and decides about rollbacks. */
  readonly role: string;
  /** The identities that hold the role; at least one. */
  readonly members: readonly string[];
  /** At least one, in the order in which they run. */
  readonly phases: readonly string[];
  /** The environment variable with the URL of the Postgres database that the migration changes; null without one. */
  readonly databaseUrl: string | null;
  /** Written into the strategy: `YYYY-MM-DD`. */
  readonly today: string;
}

export interface ScaffoldFile {
  /** Relative to the folder of the migration. */
  readonly path: string;
  readonly text: string;
  readonly executable: boolean;
}

export const STRATEGY_FILE = 'migration-strategy.yaml';
export const BINDINGS_FILE = 'migration-bindings.yaml';

/** The files, the strategy first. Every script fails until it is written, so that nothing unwritten passes as done. */
export function scaffold(choice: Scaffold): readonly ScaffoldFile[] {
  const phases = choice.phases.map((name, index) => ({ name, number: index + 1 }));
  return [
    { path: STRATEGY_FILE, text: strategyOf(choice, phases), executable: false },
    { path: BINDINGS_FILE, text: bindingsOf(choice), executable: false },
    ...phases.flatMap(({ name, number }) => [
      script(`apply-${number}`, `Carries out "${name}". It runs once; exit status 0 means done.`),
      script(`check-${number}`, `Exit status 0 when "${name}" worked.`),
      script(
        `undo-${number}`,
        `Undoes "${name}". It also runs after an attempt that failed half-way, so it must be harmless when there is nothing to undo.`,
      ),
    ]),
    script(
      'dataset-unchanged',
      'Exit status 0 when nothing was lost: compare with what was there before.',
      'tests',
    ),
    script('error-rate', 'Prints the share of failed requests in percent, for example 0.05.'),
  ];
}

interface NumberedPhase {
  readonly name: string;
  readonly number: number;
}

function strategyOf({ name, role, today }: Scaffold, phases: readonly NumberedPhase[]): string {
  return `# yaml-language-server: $schema=./migration-strategy.schema.json
# The line above lets editors check this file. Write the schema with: sluice schema > migration-strategy.schema.json
#   sluice check ${STRATEGY_FILE} --all    what becomes of each sentence
#   sluice plan ${STRATEGY_FILE}           what a run does, and the way back
metadata:
  version: "1.0.0"
  migration_name: ${quoted(name)}
  created_date: ${today}

migration_phases:
${phases.map((phase) => phaseOf(phase, role)).join('\n')}
rollback_strategy:
  rollback_levels:
    - level: full
      description: Undo every applied step, the youngest first
      decision_maker: ${quoted(role)}
      approval_required: false

monitoring_and_observability:
  migration_monitoring:
    - metric_name: error_rate
      description: Share of failed requests
      normal_range: 0% to 1%
      alert_threshold: "> 1%" # an event; the step continues
      critical_threshold: "> 5%" # fails the step, and so starts the rollback

risk_mitigation:
  migration_risks:
    - risk_id: RISK-1
      category: data_loss
      description: Data is lost while it is moved
      probability: low
      impact: critical
      mitigation:
        preventive_measures:
          - Restore the last backup into a scratch database first
        detection_method: The dataset DATA-UNCHANGED
        response_procedure: Roll back, then restore the backup

communication_plan:
  stakeholder_communication:
    - stakeholder_group: internal_team
      notifications:
        - notification_type: during_migration
          timing: At every gate
          channel:
            - ${quoted(`#${slug(name)}`)}
          responsible_party: ${quoted(role)}

success_criteria:
  migration_complete_definition:
    criteria:
      - All validation gates passed
    approval_required: true
    approvers:
      - ${quoted(role)}

linkage:
  automation_scripts_dir: scripts
  test_datasets_dir: tests
`;
}

function phaseOf({ name, number }: NumberedPhase, role: string): string {
  return `  - phase_id: PHASE-${number}
    name: ${quoted(name)}
    order: ${number}
    steps:
      - step_id: STEP-${number}-1
        name: ${quoted(name)}
        order: 1
        type: configuration # or code_deployment, data_migration, infrastructure, validation
        responsible_party: ${quoted(role)}
        execution_details:
          automation_script: scripts/apply-${number}.sh
        validation:
          validation_script: scripts/check-${number}.sh
          test_dataset_ids:
            - DATA-UNCHANGED
        rollback_procedure:
          can_rollback: true
          rollback_script: scripts/undo-${number}.sh
        estimated_duration: 5 minutes # "5 minutes, then 3 days observation" is a soak
        monitoring:
          metrics_to_watch:
            - error_rate
    validation_gate:
      gate_id: GATE-${number}
      name: ${quoted(`${name}: validation`)}
      criteria:
        - STEP-${number}-1 successful
      test_dataset_ids:
        - DATA-UNCHANGED
      approval_required: true
      approvers:
        - ${quoted(role)}
      failure_response: rollback
`;
}

function bindingsOf({ role, members, databaseUrl }: Scaffold): string {
  const connection =
    databaseUrl === null
      ? '# connections: { main: { postgres: "${env:DATABASE_URL}" } }\n'
      : `connections:\n  main: { postgres: "\${env:${databaseUrl}}" } # SQL of the strategy goes here\n`;
  return `# Ties the words of ${STRATEGY_FILE} to this environment. Secrets only as \${env:NAME} or \${file:path}.
${connection}metrics:
  error_rate: { command: scripts/error-rate.sh, unit: percent }
datasets:
  DATA-UNCHANGED: { command: tests/dataset-unchanged.sh }
roles:
  ${quoted(role)}: { members: [ ${members.map(quoted).join(', ')} ] } # who may vote and act in this role
`;
}

function script(name: string, what: string, folder = 'scripts'): ScaffoldFile {
  const path = `${folder}/${name}.sh`;
  const text = `#!/bin/sh
# ${what}
set -eu
echo "${path} is not written yet" >&2
exit 1
`;
  return { path, text, executable: true };
}

/** A text as a YAML scalar; JSON's strings are YAML's (https://yaml.org/spec/1.2.2/, section 1.3). */
function quoted(text: string): string {
  return JSON.stringify(text);
}

function slug(text: string): string {
  return (
    text
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, '') || 'migration'
  );
}
