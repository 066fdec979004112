/**
 * A checkpoint: what must hold before the run continues. Prerequisites, the constraints, the start of a phase, the
 * preconditions and checks of a step, gates and the completion differ in their names and in whom they ask. What happens is
 * the same: the machine evaluates, people are asked what it cannot say, both are recorded, and what does not hold fails.
 */
import type { Requirement, WhileAsked } from '../strategy/plan.js';
import { isRefusal, type Need, type Option } from '../strategy/run/decision.js';
import type { Subject } from '../strategy/run/event.js';
import { describeNeeds } from '../strategy/run/needs.js';
import type { RequirementView } from '../strategy/run/view.js';
import { askUnderWatch } from './ask-under-watch.js';
import type { Answer, Question } from './decisions.js';
import { Failed, type Failure } from './failure-types.js';
import { describeFailed, openOf, settle } from './requirements.js';
import type { Run } from './run.js';

export interface Checkpoint {
  /** What is recorded about it belongs to this; its id is the subject of the questions as well. */
  readonly subject: Subject;
  /** As the cause of a failure says it: "GATE-1 (Go live) was rejected by ...", "A check failed: ...". */
  readonly title: string;
  readonly failsWith: string;
  readonly requirements: readonly Requirement[];
  /** Who says what the machine finds inconclusive. */
  readonly needs: readonly Need[];
  /** Asked once the machine's part holds, with its results shown to the person who answers. */
  readonly asks: Pick<Question, 'kind' | 'question' | 'needs' | 'deadline'>;
  /** What is known of it beforehand, shown to the person who answers. */
  readonly risks?: readonly RequirementView[];
  /** True when somebody must sign even if no sentence is left open. */
  readonly signed: boolean;
  readonly failure: Pick<Failure, 'kind' | 'phase' | 'responsible'>;
  /** Watched while people are asked. */
  readonly whileAsked?: WhileAsked | undefined;
  /** Shows in the view how far it is. */
  setStatus(status: 'evaluating' | 'waiting' | 'failed', reason: string): void;
}

/** Evaluates, then asks. @throws Failed @returns who answered; null when nobody had to be asked. */
export async function checkpoint(run: Run, point: Checkpoint): Promise<Answer | null> {
  return settleByPeople(run, point, await settleByMachine(run, point));
}

/** A known failure decides at once; what is inconclusive goes along as evidence. @throws Failed @returns every result. */
export async function settleByMachine(run: Run, point: Checkpoint): Promise<readonly RequirementView[]> {
  point.setStatus('evaluating', 'Evaluating.');
  const { results, failed } = await settle(run, point.subject, point.requirements, point.needs);
  if (failed.length > 0) throw failing(point, `${point.failsWith}: ${describeFailed(failed)}`, results);
  return results;
}

/** Asks what no machine can say, with what it found as evidence. @throws Failed @returns who answered, if anybody. */
export async function settleByPeople(
  run: Run,
  point: Checkpoint,
  evidence: readonly RequirementView[],
): Promise<Answer | null> {
  const open = openOf(point.requirements);
  if (open.length === 0 && !point.signed) return null;
  point.setStatus('waiting', waitsFor(point, open));
  const shown = [...evidence, ...(point.risks ?? [])];
  const question = { ...point.asks, subject: point.subject.id, evidence: shown, checklist: open };
  const asked = { id: point.subject.id, watch: point.whileAsked };
  const answer = await askUnderWatch(run, asked, question, (cause, results) =>
    failing(point, cause, [...evidence, ...results]),
  );
  const answered = `${PAST[answer.option] ?? answer.option} by ${answer.by}${answer.reason === null ? '' : `: ${answer.reason}`}`;
  const verdict = isRefusal(answer.option) ? 'fail' : 'pass';
  const results = open.map((text): RequirementView => ({ text, how: 'person', verdict, evidence: answered }));
  if (results.length > 0) run.emit({ type: 'requirements-evaluated', subject: point.subject, results });
  if (verdict === 'pass') return answer;
  throw failing(point, `${point.title} was ${answered}`, [
    ...evidence.filter(({ how }) => how !== 'person'),
    ...results,
  ]);
}

const PAST: Readonly<Partial<Record<Option, string>>> = {
  approve: 'approved',
  reject: 'rejected',
  confirm: 'confirmed',
  deny: 'denied',
};

function waitsFor({ asks, signed }: Checkpoint, open: readonly string[]): string {
  const who = describeNeeds(asks.needs);
  return signed ? `Waits for ${who} to approve.` : `Waits for ${who} to confirm: ${open.join('; ')}`;
}

function failing(point: Checkpoint, cause: string, evidence: readonly RequirementView[]): Failed {
  point.setStatus('failed', cause);
  const { subject, failure, whileAsked } = point;
  return new Failed({ ...failure, subject: subject.id, cause, evidence, whileAsked });
}
