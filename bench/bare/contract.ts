/** What the bare workflows and their activity say to each other. Types and names only. */

/** Of about the size that a step's own job has: where it runs, what it runs, for how long at most. */
export interface BareJob {
  readonly run: string;
  readonly step: string;
  readonly workspace: string;
  readonly command: string;
  readonly timeoutMs: number;
}

export interface BareOutcome {
  readonly outcome: 'done';
  readonly exitCode: number;
  readonly durationMs: number;
  readonly output: string;
}

export interface BareActivities {
  doNothing(job: BareJob): Promise<BareOutcome>;
  /** Runs the command with `sh -c`, with no journal and no supervisor. */
  runShell(job: BareJob): Promise<BareOutcome>;
}

export interface SequenceInput {
  readonly steps: number;
  /** Run by each activity; null for activities that do nothing. */
  readonly command: string | null;
  /** Null for the workflow's own. */
  readonly taskQueue: string | null;
}

/** Counts the approvals that a `gates` workflow has taken. */
export const APPROVE = 'approve';
export const WAITING_FOR = 'waitingFor';
