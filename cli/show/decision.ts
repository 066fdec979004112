/** An open decision for people: what is asked, of whom, what the machine saw, and the commands that answer it. */
import { type Decision, openNeeds } from '../../strategy/run/decision.js';
import { answerCommands } from '../messages.js';
import type { Paint } from '../terminal.js';
import { oneLine } from './text.js';

export function describeDecision(run: string, decision: Decision, paint: Paint): string[] {
  return [
    paint('asks', `? ${decision.id} · ${who(decision)} · run ${run}`),
    `  ${oneLine(decision.question)}`,
    ...shownFirst(decision).map((line) => `  ${line}`),
    // On lines of their own and never cut: they are there to be copied.
    ...answerCommands(run, decision).map((command) => paint('dim', `    ${command}`)),
  ];
}

/** Who must still vote, in a few words. */
export function who(decision: Decision): string {
  const needs = openNeeds(decision).map(({ role, votes, members }) => {
    const held = members === undefined ? '' : ` (${members.join(', ')})`;
    return `${votes === 1 ? '' : `${votes} of `}"${role}"${held}`;
  });
  return needs.length === 0 ? 'anyone may answer' : `needs ${needs.join(' and ')}`;
}

/** What a voter should see before voting: the evidence, what only a person can say, the votes so far. */
export function shownFirst(decision: Decision): string[] {
  return [
    ...decision.evidence
      .filter(({ verdict }) => verdict !== null)
      .map(({ verdict, text, evidence }) =>
        oneLine(`${verdict ?? 'open'}: ${text}${evidence === null ? '' : ` (${evidence})`}`),
      ),
    ...decision.checklist.map((item) => oneLine(`[ ] ${item}`)),
    ...decision.votes.map(({ by, role, option, reason }) =>
      oneLine(
        `${by}${role === by ? '' : ` as "${role}"`} voted ${option}${reason === null ? '' : `: ${reason}`}`,
      ),
    ),
  ];
}
