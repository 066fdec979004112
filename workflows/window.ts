/** Windows and freezes: nothing is begun outside them. They never hold up a rollback. */
import { condition } from '@temporalio/workflow';
import type { WindowState } from '../activities/contract.js';
import { shared } from './activities.js';
import { ask, askFor } from './decisions.js';
import { Failed } from './failure-types.js';
import type { Run } from './run.js';

/** How long to wait before looking again when nobody can say when the window opens. */
const LOOK_AGAIN_MS = 60 * 60_000;

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

export function hasWindow(run: Run): boolean {
  return run.plan.constraints.some(({ kind }) => kind === 'window' || kind === 'freeze');
}

/** Waits until every bound window is open and no freeze holds, or somebody overrides them for this run. */
export async function inWindow(run: Run): Promise<void> {
  const windows = run.plan.constraints.filter((constraint) => constraint.kind === 'window');
  const freezes = run.plan.constraints.filter((constraint) => constraint.kind === 'freeze');
  while (!run.cleared.window) {
    const state = await shared.checkWindow({ windows, freezes });
    if (state.open) return;
    await untilOpen(run, state);
  }
}

async function untilOpen(run: Run, state: Extract<WindowState, { open: false }>): Promise<void> {
  const left =
    state.opensAt === null ? LOOK_AGAIN_MS : Math.max(1000, Date.parse(state.opensAt) - Date.now());
  const opens =
    state.opensAt === null ? 'It is looked at again every hour.' : `It opens at ${state.opensAt}.`;
  const answer = await askFor(
    run,
    {
      kind: 'window',
      subject: 'window',
      question: `${state.why} ${opens} Wait for it, or override?`,
      needs: [],
    },
    left,
  );
  if (answer === null) return;
  if (answer.option === 'override') {
    run.cleared.window = true;
    return;
  }
  run.emit({
    type: 'run-status',
    status: 'waiting',
    reason: `${state.why} ${opens} It then goes on by itself.`,
    ...(state.opensAt === null ? {} : { until: state.opensAt }),
  });
  await condition(() => run.command !== null, left);
  run.checkCommands();
}
