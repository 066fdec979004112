/** An open decision for people: what is asked, of whom, what sluice saw, and the commands that answer it. */
import { answerCommands } from '../../strategy/run/answers.js';
import { type Decision, type DecisionSummary, type Option, openNeeds } from '../../strategy/run/decision.js';
import { describeNeeds } from '../../strategy/run/needs.js';
import { describeResult } from '../../strategy/run/results.js';
import { describeStanding } from '../../strategy/run/standing.js';
import { describeCaster } from '../../strategy/run/voted.js';
import type { Paint, Terminal } from '../terminal.js';
import { oneLine } from './text.js';

/** A decision without its evidence, as the inbox lists it; by default with the commands for all its options. */
export function describeSummary(
  run: string,
  decision: DecisionSummary,
  { paint, now }: Pick<Terminal, 'paint' | 'now'>,
  options?: readonly Option[],
  as?: string,
): string[] {
  return [
    paint('asks', headOf(decision, now(), `run ${run}`)),
    `  ${oneLine(decision.question)}`,
    ...describeVotes(decision).map((line) => `  ${line}`),
    ...answerLines(run, decision, paint, options, as),
  ];
}

/** A decision with everything a voter should see first. */
export function describeDecision(
  run: string,
  decision: Decision,
  { paint, now }: Pick<Terminal, 'paint' | 'now'>,
): string[] {
  return [
    paint('asks', headOf(decision, now(), `run ${run}`)),
    `  ${oneLine(decision.question)}`,
    ...shownFirst(decision).map((line) => `  ${line}`),
  ];
}

/** On lines of their own and never cut: they are there to be copied. */
export function answerLines(
  run: string,
  decision: DecisionSummary,
  paint: Paint,
  options?: readonly Option[],
  as?: string,
): string[] {
  return answerCommands(run, decision, options, as).map((command) => paint('dim', `    ${command}`));
}

/** One line: the id, who is needed, who is on it, and how long there is left. */
export function headOf(decision: DecisionSummary, now: Date, ...more: readonly string[]): string {
  return [`? ${decision.id}`, who(decision), ...describeStanding(decision, now), ...more]
    .map((part) => oneLine(part))
    .join(' · ');
}

/** Who must still vote. */
export function who(decision: DecisionSummary): string {
  const open = openNeeds(decision);
  return open.length === 0 ? 'anyone may answer' : `needs ${describeNeeds(open, 'named')}`;
}

/** What a voter should see before voting: the evidence, what only a person can say, the votes so far. */
export function shownFirst(decision: Decision): string[] {
  return [
    ...decision.evidence
      .filter(({ verdict }) => verdict !== null)
      .map((result) => oneLine(describeResult(result))),
    ...decision.checklist.map((item) => oneLine(`[ ] ${item}`)),
    ...describeVotes(decision),
  ];
}

function describeVotes({ votes }: DecisionSummary): string[] {
  return votes.map((vote) =>
    oneLine(`${describeCaster(vote)} voted ${vote.option}${vote.reason === null ? '' : `: ${vote.reason}`}`),
  );
}
