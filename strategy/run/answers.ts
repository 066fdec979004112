/** The exact commands with which people answer. */
import type { DecisionSummary, Option } from './decision.js';

/** A word as a shell reads it back unchanged. */
export function shellWord(text: string): string {
  return /^[A-Za-z0-9_./:@%+,#=-]+$/.test(text) && !text.startsWith('#')
    ? text
    : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** One command per option; by default for every option of the decision. `as`: who answers, where that is known. */
export function answerCommands(
  run: string,
  decision: DecisionSummary,
  options: readonly Option[] = decision.options,
  as?: string,
): readonly string[] {
  return options.map((option) => answerCommand(run, decision, option, as));
}

function answerCommand(run: string, decision: DecisionSummary, option: Option, by?: string): string {
  const [need, ...others] = decision.needs;
  const namesake = need !== undefined && need.members === undefined && others.length === 0;
  const as = by !== undefined ? shellWord(by) : namesake ? shellWord(need.role) : 'NAME';
  const reason = decision.reasonFor.includes(option) ? " --reason 'WHY'" : '';
  const target = `${shellWord(run)} ${shellWord(decision.id)}`;
  const verb =
    option === 'approve' || option === 'reject' ? `${option} ${target}` : `decide ${target} ${option}`;
  return `sluice ${verb} --as ${as}${reason}`;
}
