/** Prerequisites: evaluated or answered for by their owners, before anything is touched. */
import type { PlannedPrerequisite } from '../strategy/plan.js';
import type { PrerequisiteStatus } from '../strategy/run/view.js';
import { checkpoint } from './checkpoint.js';
import { needOf } from './decisions.js';
import { openOf } from './requirements.js';
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

async function verify(
  run: Run,
  { id, name, owner, requirements, deadline }: PlannedPrerequisite,
): Promise<void> {
  await run.notPaused();
  const setStatus = (status: PrerequisiteStatus, reason: string) =>
    run.emit({ type: 'prerequisite-status', id, status, reason });
  const answer = await checkpoint(run, {
    subject: { kind: 'prerequisite', id },
    title: `"${name}"`,
    failsWith: `"${name}" does not hold`,
    requirements,
    needs: needOf(owner),
    asks: {
      kind: 'prerequisite',
      question: `Is "${name}" verified? ${openOf(requirements).join('; ')}`,
      needs: needOf(owner),
      deadline,
    },
    signed: false,
    failure: { kind: 'prerequisite', phase: null, responsible: owner },
    setStatus: (status, reason) => setStatus(status === 'failed' ? 'blocked' : status, reason),
  });
  setStatus('verified', answer === null ? 'All its requirements hold.' : `Verified by ${answer.by}.`);
}
