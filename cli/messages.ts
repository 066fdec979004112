/** The command line's own words for people. What the run says itself stands in strategy/run/wording.ts. */
import type { Decision, Option } from '../strategy/run/decision.js';
import type { MigrationView } from '../strategy/run/view.js';

/** A word as a shell reads it back unchanged. */
export function shellWord(text: string): string {
  return /^[A-Za-z0-9_./:@%+,#=-]+$/.test(text) && !text.startsWith('#')
    ? text
    : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The exact commands that answer a decision, one per option. */
export function answerCommands(run: string, decision: Decision): string[] {
  return decision.options.map((option) => answerCommand(run, decision, option));
}

function answerCommand(run: string, decision: Decision, option: Option): string {
  const [need, ...others] = decision.needs;
  const namesake = need !== undefined && need.members === undefined && others.length === 0;
  const as = namesake ? shellWord(need.role) : 'NAME';
  const reason = decision.reasonFor.includes(option) ? " --reason 'WHY'" : '';
  const target = `${shellWord(run)} ${shellWord(decision.id)}`;
  const verb =
    option === 'approve' || option === 'reject' ? `${option} ${target}` : `decide ${target} ${option}`;
  return `sluice ${verb} --as ${as}${reason}`;
}

/** What stands and the way back, under the tree of `status`. */
export function describeApplied(view: MigrationView): string[] {
  if (view.applied.length === 0) return ['Applied: nothing; there is nothing to take back.'];
  const ended = view.endedAt !== null;
  const back = ended
    ? 'The run has ended, so sluice takes nothing back any more; the undo of each step is in `sluice plan`.'
    : `The way back: sluice rollback ${shellWord(view.run)} --to ID   (a phase or step that stays, or start)`;
  return [`Applied: ${view.applied.join(', ')}`, back];
}

export const SAY = {
  lives: (run: string) =>
    `Nothing is lost: run ${run} stands where it is, and goes on at the next \`sluice up\`, or \`sluice run\` with --id ${shellWord(run)}.`,
  stopping: 'Stopping the worker. Ctrl-C again quits at once.',
  stoppingHouse:
    'Stopping. Nothing is lost: unfinished runs go on at the next `sluice up`. Ctrl-C again quits at once.',
  ready: 'Ready. Ctrl-C stops it; nothing is lost by that.',
  blocked: (run: string) =>
    `Run ${run} waits for a person, and stays alive. See \`sluice status ${run}\`; with \`sluice up\` somewhere, answers are taken and it goes on.`,
  begun: (run: string) => `Run ${run}`,
  attached: (run: string) => `Run ${run} is under way already; following it.`,
  noRuns: 'There are no runs.',
  noDecisions: 'Nothing waits for a person.',
  bug: 'This is a mistake in sluice itself. Set SLUICE_DEBUG=1 to see where it happened, and please report it.',
} as const;
