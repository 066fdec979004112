/** What has changed since a question was asked the last time: nobody should have to find the difference by eye. */
import type { Decision } from './decision.js';
import type { RunEvent } from './event.js';
import type { RequirementView } from './requirement.js';

export interface EvidenceChange {
  readonly text: string;
  /** Null for what was not evaluated then. */
  readonly before: RequirementView | null;
  /** Null for what is not evaluated any more. */
  readonly after: RequirementView | null;
}

export interface AskedBefore {
  readonly id: string;
  readonly at: string;
  /** How it ended, in one line; empty where it is not known. */
  readonly outcome: string;
  /** Empty when everything is as it was. */
  readonly changes: readonly EvidenceChange[];
}

/** The latest time before, from the events of the run; null for a question that is new. */
export function askedBefore(events: readonly RunEvent[], decision: Decision): AskedBefore | null {
  const opened = events
    .filter((event) => event.type === 'decision-opened')
    .filter(({ decision: { kind, subject } }) => kind === decision.kind && subject === decision.subject);
  const place = opened.findIndex((event) => event.decision.id === decision.id);
  const before = opened[place - 1];
  if (before === undefined) return null;
  const closed = events.find(
    (event) => event.type === 'decision-closed' && event.decision === before.decision.id,
  );
  return {
    id: before.decision.id,
    at: before.at,
    outcome: closed?.type === 'decision-closed' ? closed.reason : '',
    changes: changesOf(before.decision.evidence, decision.evidence),
  };
}

function changesOf(
  before: readonly RequirementView[],
  after: readonly RequirementView[],
): readonly EvidenceChange[] {
  const earlier = new Map(before.map((result) => [result.text, result]));
  const now = new Set(after.map(({ text }) => text));
  return [
    ...after
      .map((result) => ({ text: result.text, before: earlier.get(result.text) ?? null, after: result }))
      .filter(({ before: was, after: is }) => was?.verdict !== is.verdict || was.evidence !== is.evidence),
    ...before
      .filter(({ text }) => !now.has(text))
      .map((result) => ({ text: result.text, before: result, after: null })),
  ];
}
