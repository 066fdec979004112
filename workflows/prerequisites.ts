/** Prerequisites: evaluated or answered for by their owners, before anything is touched. */
import type { PlannedPrerequisite } from '../strategy/plan.js';
import { ask, needOf } from './decisions.js';
import { Failed } from './failure-types.js';
import { describeFailed, settle } from './requirements.js';
import type { Run } from './run.js';

/** Ends a run whose strategy says that a prerequisite is blocked: nothing was touched, and no answer can change the file. */
export function refuseBlocked(run: Run): void {
  const blocked = run.plan.prerequisites.filter((prerequisite) => prerequisite.blocked);
  if (blocked.length === 0) return;
  for (const { id } of blocked) {
    run.emit({ type: 'prerequisite-status', id, status: 'blocked', reason: 'The strategy says so.' });
  }
  const names = blocked.map(({ id, name }) => `${id} (${name})`).join(', ');
  run.end(
    'failed',
    `Not started: the strategy says "status: blocked" of ${names}. Remove the obstacle, correct the status, and start a new run.`,
    'start',
  );
}

export async function prerequisites(run: Run): Promise<void> {
  for (const prerequisite of run.plan.prerequisites) {
    const status = run.view.prerequisites.find(({ id }) => id === prerequisite.id)?.status;
    if (status !== 'verified' && status !== 'skipped') await verify(run, prerequisite);
  }
}

async function verify(run: Run, prerequisite: PlannedPrerequisite): Promise<void> {
  await run.notPaused();
  const { id, name, owner, requirements } = prerequisite;
  const become = (status: 'evaluating' | 'waiting' | 'verified' | 'blocked', reason: string) =>
    run.emit({ type: 'prerequisite-status', id, status, reason });
  become('evaluating', 'Being evaluated.');
  const settled = await settle(run, { kind: 'prerequisite', id }, requirements, needOf(owner));
  if (settled.failed.length > 0) {
    const cause = `${name} does not hold: ${describeFailed(settled.failed)}`;
    become('blocked', cause);
    throw failed(prerequisite, cause, settled.results);
  }
  if (settled.open.length > 0) {
    become('waiting', `Waits for ${owner ?? 'anyone'} to verify it.`);
    const answer = await ask(run, {
      kind: 'prerequisite',
      subject: id,
      question: `Is "${name}" verified? ${settled.open.join('; ')}`,
      needs: needOf(owner),
      evidence: settled.results,
      checklist: settled.open,
      deadline: prerequisite.deadline,
    });
    if (answer.option === 'blocked') {
      const cause = `${answer.by} says that ${name} is blocked${answer.reason === null ? '.' : `: ${answer.reason}`}`;
      become('blocked', cause);
      throw failed(prerequisite, cause, settled.results);
    }
    become('verified', `Verified by ${answer.by}.`);
    return;
  }
  become('verified', 'Everything it asks for holds.');
}

function failed(
  prerequisite: PlannedPrerequisite,
  cause: string,
  evidence: Parameters<typeof describeFailed>[0],
): Failed {
  return new Failed({
    kind: 'prerequisite',
    subject: prerequisite.id,
    phase: null,
    responsible: prerequisite.owner,
    cause,
    evidence,
    level: null,
    decided: false,
  });
}
