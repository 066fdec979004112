/** Watching: alert conditions and bound metrics, sampled by one heartbeating activity while a step is at work. */
import { CancellationScope, isCancellation } from '@temporalio/workflow';
import type { WatchJob, WatchReport } from '../activities/contract.js';
import { watchNeedsHost } from '../strategy/kinds/probes/index.js';
import type { PlannedStep, Watch } from '../strategy/plan.js';
import type { Baselines, RequirementView } from '../strategy/run/view.js';
import { probes } from './activities.js';
import { ask, needOf } from './decisions.js';
import { Failed } from './failure-types.js';
import { messageOf, withHostFailover } from './hosts.js';
import { list } from './requirements.js';
import type { Run } from './run.js';

/**
 * Does `work` under watch. A condition that fires stops the work, with the command under way, and fails the step.
 * At the end, a condition that never had data is inconclusive, and a person says whether it counts as quiet.
 */
export async function whileWatching(
  run: Run,
  phase: string,
  step: PlannedStep,
  watch: Watch,
  work: () => Promise<void>,
): Promise<void> {
  const { baselines } = run.stepView(phase, step.id);
  const watching = begin(run, watch, baselines);
  const working = new CancellationScope();
  const alarm = watching.report.then((report) => {
    if (report.fired !== null) working.cancel();
    return report;
  });
  try {
    await working.run(work);
  } catch (error) {
    watching.stop();
    const report = await alarm;
    // An alert is why the work was stopped, whatever the work itself says of its end.
    if (report.fired === null) throw error;
  }
  watching.stop();
  const report = await alarm;
  run.checkCommands();
  await judge(run, phase, step, watch, baselines, report);
}

interface Watching {
  readonly report: Promise<WatchReport>;
  stop(): void;
}

function begin(run: Run, watch: Watch, baselines: Baselines): Watching {
  const scope = new CancellationScope();
  const report = scope
    .run(() => watchFor(run, watch, baselines, 'told'))
    // The work was over before anybody could look: once is still owed.
    .catch((error) => (isCancellation(error) ? look(run, watch, baselines) : unseen(watch, error)));
  return { report, stop: () => scope.cancel() };
}

/** Samples once. */
async function look(run: Run, watch: Watch, baselines: Baselines): Promise<WatchReport> {
  try {
    return await watchFor(run, watch, baselines, 'sampled');
  } catch (error) {
    return unseen(watch, error);
  }
}

function watchFor(
  run: Run,
  watch: Watch,
  baselines: Baselines,
  until: WatchJob['until'],
): Promise<WatchReport> {
  const { intervalMs, failureLimit } = run.plan.bindings.watch;
  const job = {
    context: run.context,
    watch,
    baselines,
    intervalMs: run.compressed(intervalMs),
    failureLimit,
    until,
  };
  return withHostFailover(run, watchNeedsHost(watch, run.plan.bindings), (queue) =>
    probes(queue).watchMetrics(job),
  );
}

/** A watch that did not come to a report saw nothing: never a pass. */
function unseen(watch: Watch, error: unknown): WatchReport {
  const evidence = isCancellation(error)
    ? 'stopped before the first sample'
    : `the watch broke: ${messageOf(error)}`;
  const results = watch.conditions.map(
    ({ text, probe }): RequirementView => ({ text, how: probe.how, verdict: 'inconclusive', evidence }),
  );
  return { fired: null, results };
}

async function judge(
  run: Run,
  phase: string,
  step: PlannedStep,
  watch: Watch,
  baselines: Baselines,
  first: WatchReport,
): Promise<void> {
  const subject = { kind: 'step', id: step.id, phase } as const;
  let report = first;
  for (;;) {
    run.emit({ type: 'requirements-evaluated', subject, results: report.results });
    if (report.fired !== null) throw alerting(run, phase, step, watch, report);
    const unsure = report.results.filter(({ verdict }) => verdict === 'inconclusive');
    if (unsure.length === 0) return;
    const answer = await ask(run, {
      kind: 'inconclusive',
      subject: step.id,
      question: `No data on ${list(unsure.map(({ text }) => text))}, so nobody can say that it stayed quiet. Look again, or say whether it did?`,
      needs: needOf(step.responsible),
      evidence: report.results,
    });
    if (answer.option === 'retry') {
      report = await look(run, watch, baselines);
      continue;
    }
    const verdict = answer.option === 'pass' ? 'pass' : 'fail';
    const evidence = `${verdict} by ${answer.by}${answer.reason === null ? '' : `: ${answer.reason}`}`;
    const results = unsure.map((result): RequirementView => ({ ...result, verdict, evidence }));
    run.emit({ type: 'requirements-evaluated', subject, results });
    if (verdict === 'pass') return;
    throw failed(phase, step, `Not quiet, ${evidence}`, results, null);
  }
}

function alerting(run: Run, phase: string, step: PlannedStep, watch: Watch, report: WatchReport): Failed {
  const condition = report.fired === null ? undefined : watch.conditions[report.fired.index];
  const text = condition?.text ?? 'a watched condition';
  const evidence = report.fired?.evidence ?? '';
  run.emit({ type: 'alert', step: step.id, text, evidence });
  return failed(phase, step, `Alert: ${text} (${evidence})`, report.results, condition?.level ?? null);
}

function failed(
  phase: string,
  step: PlannedStep,
  cause: string,
  evidence: readonly RequirementView[],
  level: Failed['failure']['level'],
): Failed {
  return new Failed({
    kind: 'step',
    subject: step.id,
    phase,
    responsible: step.responsible,
    cause,
    evidence,
    level,
    decided: false,
  });
}
