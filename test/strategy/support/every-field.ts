/**
 * A strategy that sets every field of the format, with values that mean something where a run carries them out, and the
 * bindings and files it needs. `VARIANTS` are sections in which a field counts that another one hides in the first.
 */
import { complete, type Json, type JsonObject } from '../sample.js';

export const BINDINGS = `
connections: { shop: { postgres: "\${env:SHOP_DB}" } }
metrics: { load: { command: load }, errors: { unit: percent, command: errors } }
channels: { "#ops": { slack: "\${env:SLACK}" } }
windows: { "At night": { days: [mon], from: "22:00", to: "24:00", zone: UTC } }
services: { cart: { deploy: date, remove: date, version: date } }
traffic: { cart: { command: { set: date, get: date } } }
`;

export const FILES = {
  'ops/apply.sh': {},
  'ops/check.sh': {},
  'ops/undo.sh': {},
  'ops/level.sh': {},
  /** The scripts of items, as the sample names them. */
  'ops/text': {},
  'tests/T-1.sh': {},
} as const;

/** The keys of ids in the sections whose items a step uses. */
const ITEM_IDS = ['step_id', 'migration_id', 'config_id', 'change_id', 'integration_id'];

const STEPS: readonly JsonObject[] = [
  {
    step_id: 'STEP-1',
    name: 'Move the table',
    description: 'Moves the table',
    order: 1,
    type: 'data_migration',
    preconditions: ['The backup is tested'],
    execution_details: {
      method: 'psql',
      commands: ['$ date'],
      automation_script: 'apply.sh',
      manual_steps: ['Tell the desk'],
    },
    validation: {
      validation_checks: ['Rows are equal'],
      test_dataset_ids: ['T-1'],
      success_criteria: ['Nobody complains'],
      validation_script: 'check.sh',
    },
    rollback_procedure: {
      can_rollback: true,
      rollback_steps: ['Move it back'],
      rollback_script: 'undo.sh',
      rollback_test_id: 'T-1',
    },
    estimated_duration: '3 days observation',
    responsible_party: 'DBA',
    monitoring: { metrics_to_watch: ['load'], alert_conditions: ['errors > 5%'] },
  },
  { step_id: 'STEP-2', name: 'Look', order: 4, type: 'validation' },
];

const LEVEL: JsonObject = {
  level: 'full',
  description: 'Everything back',
  trigger_conditions: ['errors > 20%'],
  decision_maker: 'Lead',
  approval_required: true,
  rollback_procedure: {
    steps: ['Switch the traffic back'],
    automation_script: 'level.sh',
    manual_steps: ['Tell the users'],
    estimated_duration: '1 hour',
  },
  validation: { post_rollback_checks: ['The shop is open'], test_dataset_ids: ['T-1'] },
};

function phase(id: string, order: number, steps: Json): JsonObject {
  return {
    phase_id: id,
    name: `Phase ${id}`,
    description: 'What it does',
    order,
    objectives: ['Be quick'],
    deliverables: ['A table'],
    duration_estimate: '1 week',
    start_condition: ['Everybody is there'],
    steps,
    validation_gate: {
      gate_id: `GATE-${order}`,
      name: 'Gate',
      criteria: ['All is well'],
      test_dataset_ids: ['T-1'],
      approval_required: true,
      approvers: ['Lead'],
      failure_response: 'block',
    },
    rollback_point: {
      can_rollback_from_here: false,
      rollback_procedure: 'Undo the steps',
      rollback_test_id: 'T-1',
      estimated_rollback_duration: '1 hour',
    },
  };
}

/** Every field of the format at least once. */
export function everyField(): JsonObject {
  const sample = complete();
  return {
    ...sample,
    migration_overview: {
      ...object(sample.migration_overview),
      constraints: {
        downtime_allowed: true,
        max_downtime_duration: '5 minutes',
        migration_window: 'At night',
        business_constraints: ['Not on Sundays'],
      },
    },
    prerequisites: [
      {
        prerequisite_id: 'PREREQ-1',
        name: 'Backup',
        description: 'There is a backup',
        type: 'data',
        validation: {
          verification_method: 'It was restored',
          verification_test_id: 'T-1',
          status: 'pending',
        },
        owner: 'DBA',
        deadline: '2026-10-04T10:00:00Z',
      },
    ],
    migration_phases: [phase('PHASE-1', 1, [...STEPS]), phase('PHASE-2', 3, [])],
    rollback_strategy: { ...object(sample.rollback_strategy), rollback_levels: [LEVEL] },
    validation_strategy: {
      validation_gates: [
        {
          gate_id: 'VG-1',
          name: 'Moved',
          location: 'After STEP-1',
          type: 'automated',
          criteria: [
            { criterion: 'Few errors', measurement: 'errors', threshold: '< 1%', test_dataset_id: 'T-1' },
          ],
          failure_handling: { response: 'block', notification: ['#ops'], escalation: 'Call the DBA' },
        },
      ],
      continuous_validation: [
        {
          validation_id: 'CV-1',
          name: 'Totals',
          frequency: 'every 15 minutes',
          checks: ['errors < 5%'],
          test_dataset_ids: ['T-1'],
          alert_conditions: ['errors > 5%'],
        },
      ],
      regression_validation: [
        {
          regression_suite_id: 'REG-1',
          name: 'The shop',
          location: 'tests/shop',
          execution_frequency: 'pre_migration',
          critical_paths: ['Somebody can pay'],
          test_dataset_ids: ['T-1'],
        },
      ],
    },
    risk_mitigation: {
      migration_risks: [
        {
          risk_id: 'RISK-1',
          category: 'data_loss',
          description: 'Orders are lost',
          probability: 'low',
          impact: 'critical',
          affected_phases: ['PHASE-1'],
          affected_steps: ['STEP-1'],
          mitigation: {
            preventive_measures: ['Copy twice'],
            detection_method: 'Compare the totals',
            response_procedure: 'Copy again',
            validation: { test_dataset_id: 'T-1', tested: false },
          },
          contingency: { trigger: 'errors > 50%', action: 'Restore', responsible_party: 'DBA' },
        },
      ],
    },
    monitoring_and_observability: {
      ...object(sample.monitoring_and_observability),
      health_checks: [
        {
          check_name: 'The shop answers',
          description: 'Whether it is up',
          frequency: 'hourly',
          check_procedure: 'errors < 7%',
          success_criteria: 'nobody waits',
          failure_response: 'Page the on-call',
        },
      ],
      migration_monitoring: [
        {
          metric_name: 'errors',
          description: 'Failed requests',
          measurement_method: 'From the logs',
          normal_range: '0-1%',
          alert_threshold: '5%',
          critical_threshold: '10%',
          alert_channels: ['#ops'],
        },
      ],
    },
    communication_plan: {
      ...object(sample.communication_plan),
      stakeholder_communication: [
        {
          stakeholder_group: 'internal_team',
          notifications: [
            {
              notification_type: 'pre_migration',
              timing: 'A day before',
              channel: ['#ops'],
              template: 'The shop moves.',
              responsible_party: 'Lead',
            },
            { notification_type: 'during_migration', timing: 'every 30 minutes', channel: ['#ops'] },
          ],
        },
      ],
      status_reporting: {
        frequency: 'Every 30 minutes',
        format: 'dashboard',
        recipients: ['#ops'],
        metrics_to_report: ['errors'],
      },
      incident_communication: {
        escalation_path: ['Lead'],
        notification_channels: ['#ops'],
        response_time_sla: '1 hour',
      },
    },
    success_criteria: {
      technical_success: [
        { criterion: 'Few errors', measurement: 'errors', target: '< 1%', test_dataset_id: 'T-1' },
      ],
      business_success: [
        {
          criterion: 'Sales are up',
          measurement: 'By the books',
          target: 'by a tenth',
          measurement_period: 'a month',
        },
      ],
      migration_complete_definition: {
        criteria: ['All is done'],
        validation_required: ['T-1'],
        approval_required: true,
        approvers: ['Lead'],
      },
    },
    linkage: { ...object(sample.linkage), test_datasets_dir: 'tests', automation_scripts_dir: 'ops' },
  };
}

/** Sections that stand in for those of `everyField`: what is written elsewhere there is missing here. */
export const VARIANTS: readonly JsonObject[] = [
  { metadata: { version: '1.0.0' }, migration_overview: { name: 'Shop' } },
  withItems(),
  {
    ...withItems(),
    migration_overview: {
      name: 'Shop',
      constraints: { downtime_allowed: true, max_downtime_duration: '5 minutes' },
    },
  },
  {
    execution_timeline: {
      milestones: [{ milestone_id: 'M-1', dependencies: ['STEP-1'] }],
      critical_path: [{ step_id: 'STEP-1', duration: '2 hours' }],
    },
  },
  withDeployment(),
  withStep({ execution_details: { method: 'By hand' } }),
  withStep({ execution_details: null }),
  withStep({ execution_details: { automation_script: 'apply.sh' } }),
  withStep({ rollback_procedure: { can_rollback: false, rollback_steps: ['Never'] } }),
  withStep({ rollback_procedure: { rollback_steps: ['Move it back'] } }),
  {
    rollback_strategy: {
      rollback_levels: [{ ...LEVEL, rollback_procedure: { steps: ['Switch the traffic back'] } }],
    },
  },
  { prerequisites: [{ prerequisite_id: 'PREREQ-1', description: 'There is a backup' }] },
  { prerequisites: [{ prerequisite_id: 'PREREQ-1', name: 'Backup' }] },
  {
    monitoring_and_observability: {
      migration_monitoring: [{ metric_name: 'errors', normal_range: '9%', alert_threshold: '9.5%' }],
    },
  },
];

/** A step that uses every item of the five sections. */
function withItems(): JsonObject {
  const ids: string[] = [];
  const { code_migration, data_migration, configuration_migration, ...others } = complete();
  const { infrastructure_migration, integration_migration } = others;
  const sections = {
    code_migration,
    data_migration,
    configuration_migration,
    infrastructure_migration,
    integration_migration,
  };
  const named: JsonObject = JSON.parse(JSON.stringify(sections), (key, value: Json) => {
    if (key === 'automation_script') return 'apply.sh';
    if (key === 'rollback_script') return 'undo.sh';
    if (key === 'command') return '$ date';
    if (!ITEM_IDS.includes(key)) return value;
    ids.push(`ITEM-${ids.length + 1}0`);
    return ids.at(-1);
  });
  const step = { step_id: 'STEP-1', name: 'Use them', order: 1, type: 'configuration', 'x-uses': ids };
  return { ...named, migration_phases: [phase('PHASE-1', 1, [step])] };
}

/** A step that deploys what the bindings have a service and a route for. */
function withDeployment(): JsonObject {
  const flag = { flag_id: 'cart', rollout_plan: '5% for 1 hour, 100%' };
  const item = { step_id: 'DEPLOY-1', artifacts_to_deploy: ['mail:1', 'cart:2'], feature_flags: [flag] };
  const versions = {
    service_name: 'cart',
    current_version: '1',
    target_version: '2',
    compatibility_mode: 'requires_coordination',
    deployment_window: 'Tuesdays',
  };
  const coordination_plan = {
    parallel_deployment: false,
    deployment_sequence: ['cart', 'mail'],
    coordination_points: ['The carts agree'],
  };
  const step = {
    step_id: 'STEP-1',
    name: 'Deploy',
    order: 1,
    type: 'code_deployment',
    'x-uses': 'DEPLOY-1',
  };
  return {
    code_migration: {
      deployment_strategy: { approach: 'canary', steps: [item] },
      version_coordination: { services: [versions], coordination_plan },
    },
    migration_phases: [phase('PHASE-1', 1, [step])],
  };
}

function withStep(fields: JsonObject): JsonObject {
  return { migration_phases: [phase('PHASE-1', 1, [{ ...STEPS[0], ...fields }])] };
}

function object(value: Json | undefined): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('no object');
  return value;
}
