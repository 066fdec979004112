/** What a run publishes on its outside (Temporal's memo), so that lists and inboxes ask no run: its status and what it asks. */
import type { DecisionSummary } from './decision.js';
import type { MigrationView, RunStatus } from './view.js';

export interface Published {
  readonly status: RunStatus;
  /** Empty while it runs: that reason changes with every event. */
  readonly reason: string;
  readonly decisions: readonly DecisionSummary[];
}

/** A memo is kept small: texts are cut at so many characters, and of very many decisions the oldest are published. */
const TEXT = 500;
const DECISIONS = 50;

/** What is published of a view. */
export function publishedOf(view: MigrationView): Published {
  return {
    status: view.status,
    reason: view.status === 'running' ? '' : clip(view.reason),
    decisions: view.decisions.slice(0, DECISIONS).map(summaryOf),
  };
}

/** Reads what `publishedOf` made; null for what is nothing of the kind. */
export function readPublished(value: unknown): Published | null {
  return isPublished(value) ? value : null;
}

function summaryOf({ evidence, checklist, ...summary }: MigrationView['decisions'][number]): DecisionSummary {
  return {
    ...summary,
    question: clip(summary.question),
    votes: summary.votes.map((vote) => ({ ...vote, reason: null })),
  };
}

function clip(text: string): string {
  return text.length <= TEXT ? text : `${text.slice(0, TEXT)} ...`;
}

function isPublished(value: unknown): value is Published {
  return (
    typeof value === 'object' &&
    value !== null &&
    'status' in value &&
    typeof value.status === 'string' &&
    'reason' in value &&
    typeof value.reason === 'string' &&
    'decisions' in value &&
    Array.isArray(value.decisions)
  );
}
