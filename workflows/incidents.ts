/**
 * Incidents: the first on the escalation path is asked, and the next when nobody has answered in time. Only a plan with such
 * a path has timers for it. Who is asked until when is in the view, so it outlives a cut of the history.
 */
import { CancellationScope, condition } from '@temporalio/workflow';
import type { EscalationPath } from '../strategy/plan.js';
import { type Assigned, nextToPassOn, openedBy, passedOn } from '../strategy/run/incidents.js';
import type { Run } from './run.js';

/** Passes incidents on from here on. Nothing waits for it, and it ends with the run. */
export function keepPassingOn(run: Run): void {
  const path = run.plan.incidentPath;
  if (path === undefined) return;
  run.hear((event) => {
    const opened = openedBy(event, path, (ms) => run.compressed(ms));
    if (opened !== null) assign(run, opened);
  });
  void CancellationScope.nonCancellable(() => passOn(run, path));
}

function assign(run: Run, assigned: Assigned): void {
  const { roles } = run.electorate;
  const { to } = assigned;
  const members = to !== null && Object.hasOwn(roles, to) ? roles[to]?.members : undefined;
  run.emit(members === undefined ? assigned : { ...assigned, members });
}

async function passOn(run: Run, path: EscalationPath): Promise<void> {
  const next = () => nextToPassOn(run.view.incidents ?? []);
  for (;;) {
    await condition(() => run.ended || next() !== null);
    const due = next();
    if (run.ended) return;
    if (due?.until == null) continue;
    const changed = () => {
      const now = next();
      return now === null || now.key !== due.key || now.until !== due.until;
    };
    if (await condition(changed, Math.max(1, Date.parse(due.until) - Date.now()))) continue;
    await run.recordOpen();
    if (run.ended || changed()) continue;
    assign(
      run,
      passedOn(due, path, (ms) => run.compressed(ms)),
    );
  }
}
