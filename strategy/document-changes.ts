/** The sections about what changes: code, data, configuration, infrastructure and integrations. */
import type { ItemTarget } from './bindings-document.js';
import type { List, Maybe, Text, Texts } from './document-values.js';

export interface CodeMigration {
  readonly deployment_strategy?: Maybe<{
    readonly approach?: Maybe<'rolling' | 'blue_green' | 'canary' | 'feature_flag'>;
    readonly steps?: List<DeploymentStep>;
  }>;
  readonly version_coordination?: Maybe<{
    readonly services?: List<ServiceVersions>;
    readonly coordination_plan?: Maybe<{
      readonly parallel_deployment?: Maybe<boolean>;
      readonly deployment_sequence?: Texts;
      readonly coordination_points?: Texts;
    }>;
  }>;
}

/** One way from a version of a service to another one; a service may have several. */
export interface ServiceVersions {
  readonly service_name?: Text;
  readonly current_version?: Text;
  readonly target_version?: Text;
  readonly compatibility_mode?: Maybe<'backward_compatible' | 'requires_coordination' | 'breaking'>;
  readonly deployment_window?: Text;
}

export interface DeploymentStep {
  readonly step_id: string;
  readonly name?: Text;
  readonly description?: Text;
  readonly artifacts_to_deploy?: Texts;
  readonly deployment_order?: Texts;
  readonly configuration_changes?: List<{
    readonly config_file?: Text;
    readonly changes?: Texts;
    readonly validation?: Text;
  }>;
  readonly feature_flags?: List<{
    readonly flag_id?: Text;
    readonly initial_state?: Maybe<boolean>;
    readonly rollout_plan?: Text;
  }>;
  readonly validation?: Maybe<{
    readonly health_checks?: Texts;
    readonly smoke_tests?: Texts;
    readonly test_dataset_ids?: Texts;
  }>;
}

export interface DataMigration {
  readonly migrations?: List<DataMigrationItem>;
}

export interface DataMigrationItem {
  readonly migration_id: string;
  readonly name?: Text;
  readonly description?: Text;
  readonly type?: Maybe<'schema_change' | 'data_transformation' | 'data_cleanup' | 'data_archival'>;
  readonly source?: Maybe<{
    readonly system?: Text;
    readonly schema?: Text;
    readonly tables?: Texts;
    readonly estimated_records?: Maybe<number>;
    readonly estimated_size?: Text;
  }>;
  readonly target?: Maybe<{
    readonly system?: Text;
    readonly schema?: Text;
    readonly tables?: Texts;
    readonly estimated_records?: Maybe<number>;
  }>;
  readonly migration_approach?: Maybe<{
    readonly method?: Maybe<'online' | 'offline' | 'dual_write' | 'shadow_write' | 'backfill'>;
    readonly implementation?: Text;
    readonly dual_write_period?: Text;
    readonly shadow_write_validation?: Text;
  }>;
  readonly transformation_logic?: Maybe<{
    readonly description?: Text;
    readonly transformation_rules?: Texts;
    readonly code_location?: Text;
    readonly edge_cases?: List<{
      readonly scenario?: Text;
      readonly handling?: Text;
      readonly test_dataset_id?: Text;
    }>;
  }>;
  readonly execution_plan?: Maybe<{
    readonly batch_size?: Maybe<number>;
    readonly parallel_execution?: Maybe<boolean>;
    readonly max_parallel_workers?: Maybe<number>;
    readonly rate_limit?: Text;
    readonly execution_script?: Text;
    readonly estimated_duration?: Text;
  }>;
  readonly validation?: Maybe<{
    readonly pre_migration_checks?: Texts;
    readonly post_migration_checks?: Texts;
    readonly data_integrity_checks?: Texts;
    readonly test_dataset_ids?: Texts;
    readonly reconciliation?: Maybe<{
      readonly method?: Text;
      readonly acceptance_threshold?: Text;
    }>;
  }>;
  readonly rollback?: Maybe<{
    readonly can_rollback?: Maybe<boolean>;
    readonly rollback_method?: Maybe<'restore_backup' | 'reverse_migration' | 'switch_back'>;
    readonly rollback_script?: Text;
    readonly rollback_duration?: Text;
    readonly rollback_test_id?: Text;
  }>;
  readonly downtime?: Maybe<{
    readonly required?: Maybe<boolean>;
    readonly duration?: Text;
    readonly maintenance_window?: Text;
  }>;
  readonly 'x-reconcile'?: Maybe<ReconcileSettings>;
  readonly 'x-stream'?: Maybe<StreamSettings>;
  readonly 'x-sync'?: Maybe<SyncSettings>;
  readonly 'x-conflicts'?: Maybe<'source_wins' | 'target_wins' | 'manual'>;
  readonly 'x-keep-old'?: Text;
  readonly 'x-throttle'?: Maybe<ThrottleSettings>;
}

/** How an online migration is kept in step. */
export interface StreamSettings {
  readonly maxLag?: Text;
  readonly maxWal?: Text;
  readonly reverse?: Texts;
  readonly relay?: Maybe<boolean>;
}

/** What holds batches of rows back. */
export interface ThrottleSettings {
  readonly replicaLag?: Text;
  readonly busy?: Text;
}

/** How rounds bring over what changes. */
export interface SyncSettings {
  readonly detect?: Maybe<'tracking' | 'timestamp' | 'hash'>;
  readonly column?: Text;
  readonly interval?: Text;
  readonly batchSize?: Maybe<number>;
  readonly maxLag?: Text;
  readonly reviewer?: Text;
}

/** How both sides of a data migration are compared and corrected. */
export interface ReconcileSettings {
  readonly method?: Text;
  readonly exclude?: Texts;
  readonly groupBy?: Texts;
  readonly times?: Texts;
  readonly filter?: Text;
  readonly correct?: Maybe<'off' | 'dry-run' | 'missing' | 'fields'>;
  readonly max?: Maybe<number>;
  readonly reviewer?: Text;
  readonly schedule?: Text;
  readonly rules?: List<{
    readonly name: string;
    readonly source: string;
    readonly target: string;
    readonly tolerance?: Maybe<number>;
  }>;
}

export interface ConfigurationMigration {
  readonly configuration_changes?: List<ConfigurationChange>;
}

export interface ConfigurationChange {
  readonly config_id: string;
  readonly name?: Text;
  readonly type?: Maybe<'environment_variable' | 'config_file' | 'database_config' | 'feature_flag'>;
  readonly current_value?: Text;
  readonly new_value?: Text;
  readonly change_impact?: Maybe<{
    readonly affected_components?: Texts;
    readonly requires_restart?: Maybe<boolean>;
    readonly downtime_required?: Maybe<boolean>;
  }>;
  readonly deployment_method?: Maybe<{
    readonly approach?: Text;
    readonly automation_script?: Text;
    readonly validation_test_id?: Text;
  }>;
  readonly rollback?: Maybe<{
    readonly previous_value?: Text;
    readonly rollback_script?: Text;
  }>;
  /** Where the setting is, when it is the same in every environment; the bindings go before. */
  readonly 'x-target'?: Maybe<ItemTarget>;
}

export interface InfrastructureMigration {
  readonly infrastructure_changes?: List<InfrastructureChange>;
}

export interface InfrastructureChange {
  readonly change_id: string;
  readonly name?: Text;
  readonly type?: Maybe<'server' | 'database' | 'cache' | 'load_balancer' | 'network' | 'storage'>;
  readonly current_state?: Maybe<{
    readonly description?: Text;
    readonly configuration?: Text;
  }>;
  readonly target_state?: Maybe<{
    readonly description?: Text;
    readonly configuration?: Text;
  }>;
  readonly migration_steps?: List<{
    readonly step?: Text;
    readonly command?: Text;
    readonly validation?: Text;
  }>;
  readonly capacity_planning?: Maybe<{
    readonly current_capacity?: Text;
    readonly target_capacity?: Text;
    readonly scaling_approach?: Text;
  }>;
  readonly validation?: Maybe<{
    readonly test_dataset_ids?: Texts;
    readonly load_test_results?: Text;
  }>;
  readonly rollback?: Maybe<{
    readonly can_rollback?: Maybe<boolean>;
    readonly rollback_procedure?: Text;
  }>;
  /** Who else uses it, and must agree before it changes. */
  readonly 'x-shared-with'?: Texts;
}

export interface IntegrationMigration {
  readonly external_integrations?: List<ExternalIntegration>;
  readonly internal_integrations?: List<InternalIntegration>;
}

export interface ExternalIntegration {
  readonly integration_id: string;
  readonly name?: Text;
  readonly migration_approach?: Maybe<{
    readonly method?: Maybe<'cutover' | 'parallel_run' | 'gradual_migration'>;
    readonly coordination_required?: Maybe<boolean>;
    readonly coordination_plan?: Maybe<{
      readonly external_party?: Text;
      readonly coordination_window?: Text;
      readonly communication_plan?: Text;
    }>;
  }>;
  readonly testing?: Maybe<{
    readonly test_environment?: Text;
    readonly test_dataset_ids?: Texts;
    readonly validation_with_partner?: Maybe<boolean>;
  }>;
  readonly fallback?: Maybe<{
    readonly fallback_to_old?: Maybe<boolean>;
    readonly fallback_procedure?: Text;
    readonly fallback_duration?: Text;
  }>;
}

export interface InternalIntegration {
  readonly integration_id: string;
  readonly consuming_services?: Texts;
  readonly providing_services?: Texts;
  readonly migration_sequence?: Maybe<{
    readonly order?: Texts;
    readonly coordination_points?: Texts;
  }>;
  readonly contract_evolution?: Maybe<{
    readonly old_contract?: Text;
    readonly new_contract?: Text;
    readonly transition_period?: Text;
  }>;
}
