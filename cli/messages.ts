/** The command line's own words for people. What the run says itself stands in strategy/run/wording.ts. */
import type { Decision, Option } from "../strategy/run/decision.js";
import type { MigrationView } from "../strategy/run/view.js";

/** A word as a shell reads it back unchanged. */
export function shellWord(text: string): string {
  return /^[A-Za-z0-9_./:@%+,#=-]+$/.test(text) && !text.startsWith("#")
    ? text
    : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The exact commands that answer a decision, one per option. */
export function answerCommands(run: string, decision: Decision): string[] {
  return decision.options.map((option) => answerCommand(run, decision, option));
}

function answerCommand(run: string, decision: Decision, option: Option): string {
  const [need, ...others] = decision.needs;
  const as = need !== undefined && others.length === 0 ? shellWord(need.role) : "NAME";
  const reason = decision.reasonFor.includes(option) ? " --reason 'WHY'" : "";
  const target = `${shellWord(run)} ${shellWord(decision.id)}`;
  const verb =
    option === "approve" || option === "reject" ? `${option} ${target}` : `decide ${target} ${option}`;
  return `sluice ${verb} --as ${as}${reason}`;
}

/** What stands and the way back, under the tree of `status`. */
export function describeApplied(view: MigrationView): string[] {
  if (view.applied.length === 0) return ["Applied: nothing; there is nothing to take back."];
  const ended = view.endedAt !== null;
  const back = ended
    ? "The run has ended, so sluice takes nothing back any more; the undo of each step is in `sluice plan`."
    : `The way back: sluice rollback ${shellWord(view.run)} --to ID   (a phase or step that stays, or start)`;
  return [`Applied: ${view.applied.join(", ")}`, back];
}

export const SAY = {
  lives: (run: string) =>
    `Nothing is lost: run ${run} stands where it is, and goes on at the next \`sluice run\` with --id ${shellWord(run)} or \`sluice up\`.`,
  stopping: "Stopping the worker. Press Ctrl-C again to quit at once.",
  blocked: (run: string) =>
    `Run ${run} waits for a person. Answer with the commands above (sluice inbox lists all); \`sluice up\` carries the run on.`,
  noSuchRun: (run: string) => `There is no run "${run}".`,
  listRuns: "sluice list shows the runs there are.",
  noRuns: "There are no runs.",
  noDecisions: "Nothing waits for a person.",
  bug: "This is a mistake in sluice itself. Set SLUICE_DEBUG=1 to see where it happened, and please report it.",
} as const;
