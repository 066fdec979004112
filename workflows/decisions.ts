/** Asking people: opens a decision, waits for the votes, and closes it. */
import { condition } from '@temporalio/workflow';
import type { Escalations, RoleBinding } from '../strategy/plan.js';
import {
  type DecisionKind,
  hashEvidence,
  type Need,
  OPTIONS,
  type Option,
  openNeeds,
  outcomeOf,
  reasonFor,
  type Vote,
} from '../strategy/run/decision.js';
import { type Due, deadlineOf, duesOf } from '../strategy/run/due.js';
import type { RequirementView } from '../strategy/run/view.js';
import { nameOf } from '../strategy/run/voted.js';
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
  const by = deciding.map(nameOf).join(', ');
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
  const opened = new Date();
  const head = run.head();
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
      openedAt: opened.toISOString(),
      deadline: deadlineOf(question.needs, question.deadline ?? null, escalationsOf(run), {
        opened: opened.getTime(),
        compress: run.input.compress,
      }),
      evidence,
      evidenceHash: hashEvidence(evidence),
      ...(head === null ? {} : { recordHead: head }),
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

function escalationsOf(run: Run): Escalations {
  return run.plan.escalation ?? {};
}

/** Waits until it is settled; meanwhile reminds, and asks the next role. No time that passes answers anything. */
async function remindAndWait(
  run: Run,
  id: string,
  deadline: string | null,
  settled: () => boolean,
): Promise<void> {
  const decision = run.view.decisions.find((open) => open.id === id);
  const opened = Date.parse(decision?.openedAt ?? '');
  const dues = duesOf(decision?.needs ?? [], escalationsOf(run), {
    given: deadline,
    opened,
    shown: decision?.deadline ?? null,
  });
  for (const due of dues) {
    // Also when it has passed already: whether a timer is set must not hang on the clock, which a replay may read later.
    const left = opened + run.compressed(Math.max(1, due.atMs)) - Date.now();
    if (await condition(settled, Math.max(1, left))) return;
    tell(run, id, due);
  }
  await condition(settled);
}

function tell(run: Run, id: string, due: Due): void {
  const decision = run.view.decisions.find((open) => open.id === id);
  if (decision === undefined) return;
  if (due.what === 'overdue') {
    run.emit({ type: 'decision-overdue', decision: id, deadline: due.deadline });
    return;
  }
  const { need: role } = due;
  if (!openNeeds(decision).some((need) => need.role === role)) return;
  if (due.what === 'remind') {
    // Who has claimed it knows.
    if (decision.claimedBy !== null) return;
    run.emit({ type: 'decision-reminded', decision: id, role: due.role, times: due.times });
    return;
  }
  const members = boundRole(run, due.to)?.members;
  run.emit({
    type: 'decision-escalated',
    decision: id,
    role,
    to: due.to,
    ...(members === undefined ? {} : { members }),
  });
}
