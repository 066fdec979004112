/** What comes after the completion, as the view has it. */
import type { FollowUpOutline } from './outline.js';
import type { RequirementView } from './requirement.js';

/**
 * `pending`: the migration is not completed. `beginning`: it is, and gives its locks back. `open`: something is still to come.
 * `over`: all of it is settled, or a person ended it.
 */
export type AfterwardsStatus = 'pending' | 'beginning' | 'open' | 'over';

export type FollowUpStatus = 'pending' | 'running' | 'waiting' | 'completed' | 'skipped' | 'failed';

export interface AfterwardsView {
  readonly status: AfterwardsStatus;
  readonly followUps: readonly FollowUpView[];
  /** What may be made better later. */
  readonly optimizations: readonly string[];
}

export interface FollowUpView extends FollowUpOutline {
  readonly status: FollowUpStatus;
  readonly reason: string;
  /** ISO 8601: when it begins, or for the monitoring period when it ends; null while that is not known. */
  readonly due: string | null;
  /** How many of its actions are done. */
  readonly actionsDone: number;
  readonly requirements: readonly RequirementView[];
}
