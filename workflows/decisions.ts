/** Asking people: opens a decision, waits for the votes, and closes it. */
import { condition } from '@temporalio/workflow';
import type { RoleBinding } from '../strategy/plan.js';
import {
  type DecisionKind,
  hashEvidence,
  type Need,
  OPTIONS,
  type Option,
  outcomeOf,
  reasonFor,
  type Vote,
} from '../strategy/run/decision.js';
import type { RequirementView } from '../strategy/run/view.js';
import type { Run } from './run.js';

export interface Question {
  readonly kind: DecisionKind;
  readonly subject: string;
  readonly question: string;
  /** Those of the kind, when left out. */
  readonly options?: readonly Option[];
  readonly needs: readonly Need[];
  readonly evidence?: readonly RequirementView[];
  readonly checklist?: readonly string[];
  /** Who wants it approved, where that is not who submitted the run. */
  readonly requestedBy?: string;
  /** ISO 8601. A deadline reminds; it never answers. */
  readonly deadline?: string | null;
  /** Given before it was asked, by what somebody commanded. */
  readonly votes?: readonly Omit<Vote, 'at'>[];
}

export interface Answer {
  readonly option: Option;
  /** Who answered, for events and evidence. */
  readonly by: string;
  readonly reason: string | null;
}

/** One need for a role, or none when nobody in particular is responsible. */
export function needOf(role: string | null): readonly Need[] {
  return role === null ? [] : [{ role, votes: 1 }];
}

/** Every approver's role, with the number of votes the bindings ask of it. */
export function needsOf(run: Run, approvers: readonly string[]): readonly Need[] {
  return approvers.map((role) => ({ role, votes: boundRole(run, role)?.votes ?? 1 }));
}

/**
 * Asks, and waits as long as it takes.
 * @throws Interrupted when a command stops the run, CancelledFailure when what asks is cancelled: the decision is
 * withdrawn either way, and votes that come later are refused.
 */
export async function ask(run: Run, question: Question): Promise<Answer> {
  const answer = await askFor(run, question, null);
  if (answer === null) throw new Error('A decision without a time limit expired.');
  return answer;
}

/** Asks for `ms` milliseconds; null when the time is up or the run has ended. */
export async function askFor(run: Run, question: Question, ms: number | null): Promise<Answer | null> {
  const id = open(run, question);
  const decision = () => run.view.decisions.find((candidate) => candidate.id === id);
  const outcome = () => {
    const asked = decision();
    return asked === undefined ? null : outcomeOf(asked);
  };
  const settled = () => outcome() !== null || run.command !== null || run.ended;
  const close = (option: Option | null, reason: string) =>
    run.emit({ type: 'decision-closed', decision: id, option, reason });
  try {
    if (ms === null) await remindAndWait(run, id, question.deadline ?? null, settled);
    else await condition(settled, ms);
  } catch (error) {
    close(null, withdrawn(run, 'the work that needed it was stopped'));
    throw error;
  }
  const option = outcome();
  if (option === null) {
    close(null, withdrawn(run, run.command === null ? 'no longer needed' : 'replaced by a command'));
    run.checkCommands();
    return null;
  }
  const deciding = (decision()?.votes ?? []).filter((vote) => vote.option === option);
  const by = deciding.map((vote) => vote.by).join(', ');
  const reason = deciding.find((vote) => vote.reason !== null)?.reason ?? null;
  close(option, reason === null ? `by ${by}` : `by ${by}: ${reason}`);
  return { option, by, reason };
}

function withdrawn({ command }: Run, why: string): string {
  return command?.command === 'amend'
    ? 'withdrawn: the plan is amended, so votes on the earlier plan count no more'
    : `withdrawn: ${why}`;
}

function open(run: Run, question: Question): string {
  const name = `${question.kind}:${question.subject}`;
  const times = (run.asked.get(name) ?? 0) + 1;
  run.asked.set(name, times);
  const id = times === 1 ? name : `${name}#${times}`;
  const options = question.options ?? OPTIONS[question.kind];
  const evidence = question.evidence ?? [];
  run.emit({
    type: 'decision-opened',
    decision: {
      id,
      kind: question.kind,
      subject: question.subject,
      question: question.question,
      options,
      needs: question.needs.map((need) => withMembers(run, need)),
      votes: [],
      openedAt: new Date().toISOString(),
      deadline: question.deadline ?? null,
      evidence,
      evidenceHash: hashEvidence(evidence),
      ...(question.requestedBy === undefined ? {} : { requestedBy: question.requestedBy }),
      claimedBy: null,
      checklist: question.checklist ?? [],
      reasonFor: reasonFor(question.kind, options),
      planHash: run.plan.hash,
    },
  });
  for (const vote of question.votes ?? []) {
    run.emit({ type: 'vote-cast', decision: id, vote: { ...vote, at: new Date().toISOString() } });
  }
  return id;
}

function boundRole(run: Run, role: string): RoleBinding | undefined {
  const { roles } = run.electorate;
  return Object.hasOwn(roles, role) ? roles[role] : undefined;
}

function withMembers(run: Run, need: Need): Need {
  const bound = boundRole(run, need.role);
  return bound === undefined ? need : { ...need, members: bound.members };
}

async function remindAndWait(
  run: Run,
  id: string,
  deadline: string | null,
  settled: () => boolean,
): Promise<void> {
  const due = deadline === null ? Number.NaN : Date.parse(deadline);
  // A deadline that nobody can read reminds nobody; the engine would refuse its timer for ever.
  if (deadline !== null && !Number.isNaN(due)) {
    // Also when it has passed already: whether a timer is set must not hang on the clock, which a replay may read later.
    const left = Math.max(1, due - Date.now());
    if (await condition(settled, run.compressed(left))) return;
    run.emit({ type: 'decision-overdue', decision: id, deadline });
  }
  await condition(settled);
}
