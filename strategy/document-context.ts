/** The sections around the migration: validation strategy, risks, communication, what follows, timeline. */
import type { List, Maybe, Text, Texts } from './document-values.js';

export interface ValidationStrategy {
  readonly validation_gates?: List<StrategyGate>;
  readonly continuous_validation?: List<{
    readonly validation_id?: Text;
    readonly name?: Text;
    readonly frequency?: Text;
    readonly checks?: Texts;
    readonly test_dataset_ids?: Texts;
    readonly alert_conditions?: Texts;
  }>;
  readonly regression_validation?: List<{
    readonly regression_suite_id?: Text;
    readonly name?: Text;
    readonly location?: Text;
    readonly execution_frequency?: Maybe<'pre_migration' | 'post_migration' | 'continuous'>;
    readonly critical_paths?: Texts;
    readonly test_dataset_ids?: Texts;
  }>;
}

export interface StrategyGate {
  readonly gate_id?: Text;
  readonly name?: Text;
  readonly location?: Text;
  readonly type?: Maybe<'automated' | 'manual' | 'hybrid'>;
  readonly criteria?: List<{
    readonly criterion?: Text;
    readonly measurement?: Text;
    readonly threshold?: Text;
    readonly test_dataset_id?: Text;
  }>;
  readonly failure_handling?: Maybe<{
    readonly response?: Maybe<'block' | 'rollback' | 'manual_review'>;
    readonly notification?: Texts;
    readonly escalation?: Text;
  }>;
}

export interface RiskMitigation {
  readonly migration_risks?: List<Risk>;
}

export interface Risk {
  readonly risk_id?: Text;
  readonly category?: Maybe<'data_loss' | 'downtime' | 'performance_degradation' | 'rollback_failure'>;
  readonly description?: Text;
  readonly probability?: Maybe<'high' | 'medium' | 'low'>;
  readonly impact?: Maybe<'critical' | 'high' | 'medium' | 'low'>;
  readonly affected_phases?: Texts;
  readonly affected_steps?: Texts;
  readonly mitigation?: Maybe<{
    readonly preventive_measures?: Texts;
    readonly detection_method?: Text;
    readonly response_procedure?: Text;
    readonly validation?: Maybe<{
      readonly test_dataset_id?: Text;
      readonly tested?: Maybe<boolean>;
    }>;
  }>;
  readonly contingency?: Maybe<{
    readonly trigger?: Text;
    readonly action?: Text;
    readonly responsible_party?: Text;
  }>;
}

export interface CommunicationPlan {
  readonly stakeholder_communication?: List<{
    readonly stakeholder_group?: Maybe<'internal_team' | 'users' | 'partners' | 'management'>;
    readonly notifications?: List<{
      readonly notification_type?: Maybe<'pre_migration' | 'during_migration' | 'post_migration' | 'issue'>;
      readonly timing?: Text;
      readonly channel?: Texts;
      readonly template?: Text;
      readonly responsible_party?: Text;
    }>;
  }>;
  readonly status_reporting?: Maybe<{
    readonly frequency?: Text;
    readonly format?: Maybe<'dashboard' | 'email' | 'slack' | 'meeting'>;
    readonly recipients?: Texts;
    readonly metrics_to_report?: Texts;
  }>;
  readonly incident_communication?: Maybe<{
    readonly escalation_path?: Texts;
    readonly notification_channels?: Texts;
    readonly response_time_sla?: Text;
  }>;
}

export interface PostMigration {
  readonly cleanup_tasks?: List<CleanupTask>;
  readonly monitoring_period?: Maybe<{
    readonly duration?: Text;
    readonly enhanced_monitoring?: Texts;
    readonly alert_sensitivity?: Maybe<'high' | 'normal'>;
  }>;
  readonly optimization_opportunities?: List<{
    readonly opportunity?: Text;
    readonly description?: Text;
    readonly priority?: Maybe<'high' | 'medium' | 'low'>;
    readonly effort?: Text;
  }>;
  readonly lessons_learned?: Maybe<{
    readonly location?: Text;
    readonly retrospective_date?: Text;
  }>;
}

export interface CleanupTask {
  readonly task_id?: Text;
  readonly name?: Text;
  readonly description?: Text;
  readonly timing?: Text;
  readonly responsible_party?: Text;
  readonly steps?: Texts;
  readonly validation?: Text;
  /** The items that it carries out, after its steps. */
  readonly 'x-uses'?: Maybe<string | readonly string[]>;
  /** Where its SQL runs. */
  readonly 'x-connection'?: Text;
}

export interface ExecutionTimeline {
  readonly milestones?: List<Milestone>;
  readonly critical_path?: List<CriticalPathEntry>;
  readonly contingency_time?: Maybe<{
    readonly buffer_percentage?: Maybe<number>;
    readonly rationale?: Text;
  }>;
}

export interface Milestone {
  readonly milestone_id: string;
  readonly name?: Text;
  readonly target_date?: Text;
  readonly dependencies?: Texts;
  readonly deliverables?: Texts;
  readonly status?: Maybe<'not_started' | 'in_progress' | 'completed' | 'delayed'>;
}

export interface CriticalPathEntry {
  readonly step_id: string;
  readonly duration?: Text;
  readonly dependencies?: Texts;
}
