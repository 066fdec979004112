/** Windows and freezes: nothing acts outside them, except what is undone. */
import type { WindowState } from '../activities/contract.js';
import type { Constraint } from '../strategy/plan.js';
import type { Option } from '../strategy/run/decision.js';
import { shared } from './activities.js';
import { ask, askFor } from './decisions.js';
import { Failed } from './failure-types.js';
import type { Run } from './run.js';

/** How long to wait before the next check when nobody can say when the window opens. */
const CHECK_AGAIN_MS = 60 * 60_000;

/** What the file says about time and business that no binding explains is put to a person, once, before the start. */
export async function constraints(run: Run): Promise<void> {
  const open = run.plan.constraints.filter(({ kind }) => kind === 'person').map(({ text }) => text);
  if (open.length === 0 || run.cleared.constraints) return;
  const answer = await ask(run, {
    kind: 'confirm',
    subject: 'constraints',
    question: `May the migration begin now? ${open.join('; ')}`,
    needs: [],
    checklist: open,
  });
  if (answer.option === 'deny') {
    const cause = `The start of the migration was denied by ${answer.by}${answer.reason === null ? '.' : `: ${answer.reason}`}`;
    throw new Failed({ kind: 'constraints', subject: 'constraints', cause });
  }
  run.cleared.constraints = true;
}

/**
 * Waits until the run may act: it is not paused, every bound window is open and no freeze holds. Called before each step
 * and before each action, since people answer and resume at any hour; never before an undo.
 * `own`: the windows of the items of the step.
 * @throws Interrupted when a command stops the run meanwhile.
 */
export async function untilMayAct(run: Run, own: readonly Constraint[] = []): Promise<void> {
  do {
    await run.notPaused();
    await untilWindowOpens(run, own);
  } while (run.view.pausedBy !== null);
}

/** Returns once every window is open and no freeze holds, except those that somebody has overridden. */
async function untilWindowOpens(run: Run, own: readonly Constraint[]): Promise<void> {
  // What is known of the run's own windows says nothing of those of an item.
  while (!run.cleared.window && (own.length > 0 || Date.now() >= run.windowOpenUntil)) {
    const all = [...run.plan.constraints, ...own].filter(({ text }) => !isOverridden(run, text));
    const windows = all.filter((constraint) => constraint.kind === 'window');
    const freezes = all.filter((constraint) => constraint.kind === 'freeze');
    if (windows.length === 0 && freezes.length === 0) return;
    const state = await shared.checkWindow({ windows, freezes });
    if (!state.open) {
      await waitOrOverride(run, state);
      continue;
    }
    if (own.length > 0) return;
    const closes = state.closesAt === null ? Number.POSITIVE_INFINITY : Date.parse(state.closesAt);
    run.windowOpenUntil = Math.min(closes, ...run.overridden.values());
    return;
  }
}

function isOverridden(run: Run, text: string): boolean {
  return Date.now() < (run.overridden.get(text) ?? 0);
}

/**
 * Asks until the window opens. Who says "wait" is asked no more, but an override stays possible: it counts for what forbids
 * to act now, until that would have ended by itself.
 */
async function waitOrOverride(
  run: Run,
  { why, opensAt, shut }: Extract<WindowState, { open: false }>,
): Promise<void> {
  const until = opensAt === null ? Date.now() + CHECK_AGAIN_MS : Date.parse(opensAt);
  const opens = opensAt === null ? 'sluice checks again every hour.' : `It opens at ${opensAt}.`;
  const asked = (question: string, options: readonly Option[]) =>
    askFor(
      run,
      { kind: 'window', subject: 'window', question: `${why}. ${opens} ${question}`, options, needs: [] },
      Math.max(1000, until - Date.now()),
    );
  let answer = await asked('Wait for it, or override?', ['wait', 'override']);
  if (answer?.option === 'wait') {
    const { by } = answer;
    answer = await asked(`The run waits, as ${by} decided, and then continues. Override to continue now.`, [
      'override',
    ]);
  }
  if (answer?.option !== 'override') return;
  // An activity of an earlier build does not say what it was that forbade: all of it counts as overridden.
  if (shut === undefined) run.cleared.window = true;
  const over = opensAt === null ? Number.MAX_SAFE_INTEGER : Date.parse(opensAt);
  for (const text of shut ?? []) run.overridden.set(text, over);
}
