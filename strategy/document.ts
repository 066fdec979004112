/**
 * A strategy as its file says it: format 1.0, every name exactly as in the file.
 *
 * What is optional may be left out or be null. Only `validateStrategy` makes a `StrategyDocument`.
 * This file has the sections that a run carries out; document-changes.ts and document-context.ts have the others.
 */
import type {
  CodeMigration,
  ConfigurationMigration,
  DataMigration,
  InfrastructureMigration,
  IntegrationMigration,
} from './document-changes.js';
import type {
  CommunicationPlan,
  ExecutionTimeline,
  PostMigration,
  RiskMitigation,
  ValidationStrategy,
} from './document-context.js';
import type { List, Maybe, Text, Texts } from './document-values.js';

export * from './document-values.js';

declare const checked: unique symbol;

/** A strategy that the schema accepts; it cannot be made any other way than by that check. */
export type StrategyDocument = StrategyFields & { readonly [checked]: 'migration-strategy' };

export interface StrategyFields {
  readonly metadata: Metadata;
  readonly migration_overview?: Maybe<Overview>;
  readonly prerequisites?: List<Prerequisite>;
  readonly migration_phases: readonly Phase[];
  readonly code_migration?: Maybe<CodeMigration>;
  readonly data_migration?: Maybe<DataMigration>;
  readonly configuration_migration?: Maybe<ConfigurationMigration>;
  readonly infrastructure_migration?: Maybe<InfrastructureMigration>;
  readonly integration_migration?: Maybe<IntegrationMigration>;
  readonly validation_strategy?: Maybe<ValidationStrategy>;
  readonly rollback_strategy?: Maybe<RollbackStrategy>;
  readonly risk_mitigation?: Maybe<RiskMitigation>;
  readonly communication_plan?: Maybe<CommunicationPlan>;
  readonly monitoring_and_observability?: Maybe<Monitoring>;
  readonly success_criteria?: Maybe<SuccessCriteria>;
  readonly post_migration?: Maybe<PostMigration>;
  readonly execution_timeline?: Maybe<ExecutionTimeline>;
  readonly linkage?: Maybe<Linkage>;
}

export interface Metadata {
  readonly version: string;
  readonly created_date?: Text;
  readonly last_updated?: Text;
  readonly migration_name?: Text;
  readonly enhancement_id?: Text;
  readonly migration_status?: Maybe<'planned' | 'in_progress' | 'completed' | 'rolled_back'>;
}

export interface Overview {
  readonly name?: Text;
  readonly description?: Text;
  readonly objective?: Text;
  readonly scope?: Maybe<{
    readonly systems_affected?: Texts;
    readonly data_affected?: Text;
    readonly users_affected?: Text;
  }>;
  readonly constraints?: Maybe<{
    readonly downtime_allowed?: Maybe<boolean>;
    readonly max_downtime_duration?: Text;
    readonly migration_window?: Text;
    readonly business_constraints?: Texts;
  }>;
  readonly approach?: Maybe<'big_bang' | 'phased' | 'parallel_run' | 'strangler_fig' | 'blue_green'>;
  readonly estimated_duration?: Text;
  readonly estimated_effort?: Text;
}

export interface Prerequisite {
  readonly prerequisite_id: string;
  readonly name?: Text;
  readonly description?: Text;
  readonly type?: Maybe<'infrastructure' | 'code' | 'data' | 'configuration' | 'approval'>;
  readonly validation?: Maybe<{
    readonly verification_method?: Text;
    readonly verification_test_id?: Text;
    readonly status?: Maybe<'pending' | 'verified' | 'blocked'>;
  }>;
  readonly owner?: Text;
  readonly deadline?: Text;
}

export interface Phase {
  readonly phase_id: string;
  readonly name: string;
  readonly description?: Text;
  readonly order: number;
  readonly objectives?: Texts;
  readonly deliverables?: Texts;
  readonly duration_estimate?: Text;
  readonly start_condition?: Texts;
  readonly steps?: List<Step>;
  readonly validation_gate?: Maybe<Gate>;
  readonly rollback_point?: Maybe<RollbackPoint>;
}

export interface Step {
  readonly step_id: string;
  readonly name: string;
  readonly description?: Text;
  readonly order: number;
  readonly type: 'code_deployment' | 'data_migration' | 'configuration' | 'infrastructure' | 'validation';
  readonly preconditions?: Texts;
  readonly execution_details?: Maybe<ExecutionDetails>;
  readonly validation?: Maybe<StepValidation>;
  readonly rollback_procedure?: Maybe<RollbackProcedure>;
  readonly estimated_duration?: Text;
  readonly responsible_party?: Text;
  readonly monitoring?: Maybe<StepMonitoring>;
  /** The ids of items of the sections in document-changes.ts that this step carries out, in order. */
  readonly 'x-uses'?: Maybe<string | readonly string[]>;
  /** The connection of the bindings that the SQL of this step goes to. */
  readonly 'x-connection'?: Text;
  /** A duration, such as "30 minutes". */
  readonly 'x-timeout'?: Text;
  readonly 'x-retry'?: Maybe<number | RetrySetting>;
  readonly 'x-idempotent'?: Maybe<boolean>;
  /** A duration, such as "3 days". */
  readonly 'x-soak'?: Text;
}

export interface ExecutionDetails {
  readonly method?: Text;
  readonly commands?: Texts;
  readonly automation_script?: Text;
  readonly manual_steps?: Texts;
}

export interface StepValidation {
  readonly validation_checks?: Texts;
  readonly test_dataset_ids?: Texts;
  readonly success_criteria?: Texts;
  readonly validation_script?: Text;
}

export interface RollbackProcedure {
  readonly can_rollback?: Maybe<boolean>;
  readonly rollback_steps?: Texts;
  readonly rollback_script?: Text;
  readonly rollback_test_id?: Text;
}

export interface StepMonitoring {
  readonly metrics_to_watch?: Texts;
  readonly alert_conditions?: Texts;
}

export interface Gate {
  readonly gate_id: string;
  readonly name?: Text;
  readonly criteria?: Texts;
  readonly test_dataset_ids?: Texts;
  readonly approval_required?: Maybe<boolean>;
  readonly approvers?: Texts;
  readonly failure_response?: Maybe<'block' | 'rollback' | 'manual_decision'>;
}

export interface RollbackPoint {
  readonly can_rollback_from_here?: Maybe<boolean>;
  readonly rollback_procedure?: Text;
  readonly rollback_test_id?: Text;
  readonly estimated_rollback_duration?: Text;
}

export interface RollbackStrategy {
  readonly rollback_levels?: List<RollbackLevel>;
  readonly rollback_testing?: List<{
    readonly rollback_scenario?: Text;
    readonly tested?: Maybe<boolean>;
    readonly test_date?: Text;
    readonly test_result?: Maybe<'passed' | 'failed' | 'partial'>;
    readonly test_dataset_id?: Text;
    readonly evidence?: Text;
  }>;
}

export interface RollbackLevel {
  readonly level: 'step' | 'phase' | 'full';
  readonly description?: Text;
  readonly trigger_conditions?: Texts;
  readonly decision_maker?: Text;
  readonly approval_required?: Maybe<boolean>;
  readonly rollback_procedure?: Maybe<{
    readonly steps?: Texts;
    readonly automation_script?: Text;
    readonly manual_steps?: Texts;
    readonly estimated_duration?: Text;
  }>;
  readonly validation?: Maybe<{
    readonly post_rollback_checks?: Texts;
    readonly test_dataset_ids?: Texts;
  }>;
}

export interface SuccessCriteria {
  readonly technical_success?: List<{
    readonly criterion?: Text;
    readonly measurement?: Text;
    readonly target?: Text;
    readonly test_dataset_id?: Text;
  }>;
  readonly business_success?: List<{
    readonly criterion?: Text;
    readonly measurement?: Text;
    readonly target?: Text;
    readonly measurement_period?: Text;
  }>;
  readonly migration_complete_definition?: Maybe<CompletionDefinition>;
}

export interface CompletionDefinition {
  readonly criteria?: Texts;
  readonly validation_required?: Texts;
  readonly approval_required?: Maybe<boolean>;
  readonly approvers?: Texts;
}

export interface Monitoring {
  readonly migration_monitoring?: List<MonitoredMetric>;
  readonly health_checks?: List<{
    readonly check_name?: Text;
    readonly description?: Text;
    readonly frequency?: Text;
    readonly check_procedure?: Text;
    readonly success_criteria?: Text;
    readonly failure_response?: Text;
  }>;
  readonly dashboards?: List<{
    readonly dashboard_name?: Text;
    readonly url?: Text;
    readonly metrics_displayed?: Texts;
    readonly audience?: Texts;
  }>;
}

export interface MonitoredMetric {
  readonly metric_name?: Text;
  readonly description?: Text;
  readonly measurement_method?: Text;
  readonly normal_range?: Text;
  readonly alert_threshold?: Text;
  readonly critical_threshold?: Text;
  readonly alert_channels?: Texts;
}

export interface Linkage {
  readonly existing_system_truth_file?: Text;
  readonly enhancement_truth_file?: Text;
  readonly compatibility_analysis_file?: Text;
  readonly test_datasets_dir?: Text;
  readonly automation_scripts_dir?: Text;
}

/** The long form of `x-retry`. */
export interface RetrySetting {
  /** How often in all. */
  readonly attempts: number;
  /** The pause between two attempts: a duration, such as "10s". */
  readonly delay?: Text;
}
