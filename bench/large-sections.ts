/** Every other section of a strategy, with entries by the thousand: each with sentences of its own, most of them for people. */

/** The sections, as a plain object; one item of `usedItem` per step. */
export function sectionsFor(steps: number): object {
  const some = (share: number) => Array.from({ length: Math.ceil(steps * share) }, (_, index) => index);
  const phase = (index: number) => `PHASE-${index % Math.ceil(steps / 100)}`;
  return {
    prerequisites: some(0.05).map((n) => ({
      prerequisite_id: `PREREQ-${n}`,
      name: `Shard ${n} has a backup`,
      type: 'data',
      validation: {
        verification_method: `Restore the backup of shard ${n} on PRE-PROD-${n}`,
        status: 'pending',
      },
      owner: 'DBA Lead',
    })),
    configuration_migration: {
      configuration_changes: some(0.25).map((n) => ({
        config_id: `CONF-${n}`,
        name: `Discounts of shard ${n}`,
        type: 'config_file',
        current_value: 'false',
        new_value: 'true',
        change_impact: {
          affected_components: [`cart-${n}`],
          requires_restart: true,
          downtime_required: false,
        },
        deployment_method: { approach: `Set discount-enabled of shard-${n} in the console` },
        rollback: { previous_value: 'false' },
      })),
    },
    data_migration: {
      migrations: some(0.25).map((n) => ({
        migration_id: `DATA-${n}`,
        name: `Carts of shard ${n}`,
        type: 'data_transformation',
        migration_approach: {
          method: 'backfill',
          implementation: `The nightly job of shard-${n} copies the carts`,
        },
        transformation_logic: {
          transformation_rules: [`Carts of shard-${n} get the code of their campaign`],
        },
        validation: {
          pre_migration_checks: [`Replication of shard-${n} is healthy`],
          post_migration_checks: [`Every cart of shard-${n} has a code`],
          reconciliation: { method: `Compare the totals of shard-${n}`, acceptance_threshold: '100% match' },
        },
        rollback: { can_rollback: true, rollback_method: 'switch_back' },
      })),
    },
    infrastructure_migration: {
      infrastructure_changes: some(0.25).map((n) => ({
        change_id: `INFRA-${n}`,
        name: `Replicas of shard ${n}`,
        type: 'server',
        migration_steps: [
          {
            step: `Add replica ${n}`,
            command: `kubectl scale cart-${n}`,
            validation: `Replica-${n} answers`,
          },
        ],
        rollback: { can_rollback: true, rollback_procedure: `Remove replica-${n} from the pool` },
      })),
    },
    integration_migration: {
      external_integrations: some(0.25).map((n) => ({
        integration_id: `EXT-${n}`,
        name: `Payments of shard ${n}`,
        migration_approach: {
          method: 'cutover',
          coordination_required: true,
          coordination_plan: {
            external_party: `Bank ${n}`,
            communication_plan: `Call the desk of bank-${n}`,
          },
        },
        testing: { test_environment: `SANDBOX-${n}`, validation_with_partner: true },
        fallback: { fallback_to_old: true, fallback_procedure: `Point shard-${n} at the old gateway` },
      })),
    },
    validation_strategy: {
      validation_gates: some(0.01).map((n) => ({
        gate_id: `VG-${n}`,
        name: `Shards of phase ${n} agree`,
        location: `After STEP-${n}-50`,
        type: 'hybrid',
        criteria: [
          { criterion: `Totals of phase-${n} agree`, measurement: 'By hand', threshold: 'no difference' },
        ],
      })),
      continuous_validation: some(0.002).map((n) => ({
        validation_id: `CV-${n}`,
        name: `Totals ${n}`,
        frequency: 'every 15 minutes',
        checks: ['error_rate < 5%'],
      })),
    },
    rollback_strategy: {
      rollback_levels: (['step', 'phase', 'full'] as const).map((level) => ({
        level,
        description: `Roll back a ${level}`,
        trigger_conditions: ['error_rate > 5%', `The ${level} cannot be repaired`],
      })),
    },
    risk_mitigation: {
      migration_risks: some(0.05).map((n) => ({
        risk_id: `RISK-${n}`,
        category: 'data_loss',
        description: `Carts of shard-${n} are lost`,
        affected_phases: [phase(n)],
        mitigation: { preventive_measures: [`Copy shard-${n} twice`], detection_method: `Count shard-${n}` },
        contingency: {
          trigger: `Carts of shard-${n} are missing`,
          action: `Restore shard-${n}`,
          responsible_party: 'DBA Lead',
        },
      })),
    },
    communication_plan: {
      stakeholder_communication: some(0.01).map((n) => ({
        stakeholder_group: 'users',
        notifications: [
          {
            notification_type: 'post_migration',
            timing: '1 hour after completion',
            channel: [`#shard-${n}`],
            template: `Shard ${n} has moved.`,
          },
        ],
      })),
    },
    monitoring_and_observability: {
      migration_monitoring: some(0.01).map((n) => ({
        metric_name: `latency of shard-${n}`,
        alert_threshold: '> 500ms',
        alert_channels: [`#shard-${n}`],
      })),
    },
    success_criteria: {
      technical_success: some(0.05).map((n) => ({
        criterion: `Shard-${n} is quick`,
        measurement: 'By feel',
        target: 'no complaints',
      })),
    },
    post_migration: {
      cleanup_tasks: some(0.05).map((n) => ({
        task_id: `CLEAN-${n}`,
        name: `Remove the old column of shard ${n}`,
        timing: '30 days after completion',
        steps: [`Drop the column of shard-${n}`],
      })),
    },
  };
}

/** The item that the step uses. */
export function usedItem(step: number): string {
  const kinds = ['CONF', 'DATA', 'INFRA', 'EXT'] as const;
  return `${kinds[step % kinds.length]}-${Math.floor(step / kinds.length)}`;
}
