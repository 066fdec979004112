/**
 * Asking people while something is watched that does not wait for their answer, such as a replication slot that fills a disk. One
 * activity samples, however long it takes; when a condition fires, the question is withdrawn.
 */
import type { WatchReport } from '../activities/contract.js';
import type { WhileAsked } from '../strategy/plan.js';
import type { RequirementView } from '../strategy/run/view.js';
import { carriedBeside } from '../strategy/watch/state.js';
import { type Answer, ask, type Question } from './decisions.js';
import type { Failed } from './failure-types.js';
import type { Run } from './run.js';
import { besideSamples } from './watching.js';

/** Who is asked about what; without a watch, it is only asked. */
interface Asked {
  readonly id: string;
  readonly watch: WhileAsked | undefined;
}

/** `failed`: makes the failure of a condition that fires, which is thrown; null where all of them only alert. */
export async function askUnderWatch(
  run: Run,
  { id, watch: planned }: Asked,
  question: Question,
  failed: ((cause: string, results: readonly RequirementView[]) => Failed) | null,
): Promise<Answer> {
  if (planned === undefined) return ask(run, question);
  const watch = failed === null ? alerting(planned) : planned;
  const judge = (report: WatchReport | null): void => {
    if (report === null || report.fired === null || failed === null) return;
    const { index, evidence } = report.fired;
    const text = watch.conditions[index]?.text ?? 'a watched condition';
    run.emit({ type: 'alert', step: id, text, evidence, stops: true });
    throw failed(`Alert: ${text} (${evidence})`, report.results);
  };
  const { intervalMs: _pace, ...limits } = run.plan.bindings.watch;
  const before = run.watched;
  try {
    return await besideSamples(run, { id, watch, baselines: {}, limits }, () => ask(run, question), judge);
  } finally {
    // A step's conditions count on after it.
    run.watched = carriedBeside(before, watch.conditions, run.watched);
  }
}

function alerting({ conditions, metrics }: WhileAsked): WhileAsked {
  return { conditions: conditions.map((condition) => ({ ...condition, onFire: 'notify' })), metrics };
}
