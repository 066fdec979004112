/**
 * A migration, from its prerequisites to its record. Read this file to understand what sluice does.
 *
 * Everything below `carryOut` looks at the view first and does only what is not done yet. So a retry, a rollback to a
 * landing and a continue-as-new all continue in the same way: by calling `carryOut` again.
 */
import { CancellationScope } from '@temporalio/workflow';
import type { RunInput, RunResult } from '../strategy/run/messages.js';
import { isWatched } from '../strategy/run/view.js';
import { afterwards, complete } from './afterwards.js';
import { publishPlan } from './amend.js';
import { attempt } from './attempt.js';
import { completion } from './completion.js';
import { keepMeasuringDowntime } from './downtime.js';
import { handleFailure } from './failure.js';
import { keepPassingOn } from './incidents.js';
import { listenToLocks, takeLocks } from './locks.js';
import { listen } from './messages.js';
import { keepNotifying } from './notices.js';
import { carryOutPhase } from './phase.js';
import { prerequisites, refuseBlocked } from './prerequisites.js';
import { keepPublished } from './publish.js';
import { finish } from './record.js';
import { executeAfterwards } from './reopen.js';
import { keepReporting } from './reports.js';
import { execute, resumeRollback } from './rollback.js';
import { Run } from './run.js';
import { decideAfterError, interruptible } from './unforeseen.js';
import { constraints } from './window.js';

/** The `migration` workflow; its id is the run's id. */
export async function migration(input: RunInput): Promise<RunResult> {
  const run = Run.begin(input);
  listen(run);
  listenToLocks(run);
  keepPublished(run);
  if (input.continued?.amendment !== undefined) publishPlan(run.plan);
  keepNotifying(run);
  keepPassingOn(run);
  keepReporting(run);
  keepMeasuringDowntime(run);
  return CancellationScope.nonCancellable(async () => {
    refuseBlocked(run);
    await interruptible(run, () => resumeRollback(run));
    while (!run.ended) {
      const outcome = await attempt(run, () => carryOut(run));
      switch (outcome.kind) {
        case 'done':
          await interruptible(run, () => complete(run));
          break;
        case 'failed':
          await interruptible(run, () => handleFailure(run, outcome.failure));
          break;
        case 'broken':
          await interruptible(run, () => decideAfterError(run, outcome.cause));
          break;
        case 'commanded':
          await interruptible(run, () =>
            isWatched(run.view) ? executeAfterwards(run, outcome.command) : execute(run, outcome.command),
          );
          break;
        default:
          outcome satisfies never;
      }
    }
    return finish(run);
  });
}

async function carryOut(run: Run): Promise<void> {
  if (isWatched(run.view)) return afterwards(run);
  await takeLocks(run);
  await prerequisites(run);
  await constraints(run);
  for (const phase of run.plan.phases) await carryOutPhase(run, phase);
  await completion(run);
}
