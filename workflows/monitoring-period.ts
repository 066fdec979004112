/** The enhanced monitoring period: alerts notify, and what a critical condition leads to is asked. */
import { CancellationScope, condition, isCancellation } from '@temporalio/workflow';
import type { WatchReport } from '../activities/contract.js';
import type { MonitoringPeriod, WatchCondition } from '../strategy/plan.js';
import { firstBaselines } from '../strategy/run/baselines.js';
import type { FollowUpStatus, RequirementView } from '../strategy/run/view.js';
import { newWatchState, seenAgain, type WatchState } from '../strategy/watch/state.js';
import { ask, needOf } from './decisions.js';
import { Interrupted } from './failure-types.js';
import { askAfterFailure } from './reopen.js';
import { list, openOf } from './requirements.js';
import type { Run } from './run.js';
import { msUntil, type Tail } from './tail.js';
import { sample } from './watching.js';

/** When a watch broke, it is begun anew after so many milliseconds. */
const AGAIN_MS = 60_000;

/** A condition that comes and goes for weeks must not fill the history: after so many alerts it is looked at once an hour. */
const MOST_ALERTS = 300;
const CALM_MS = 3_600_000;

export async function watchPeriod(run: Run, period: MonitoringPeriod, tail: Tail): Promise<void> {
  const until = run.view.afterwards?.followUps.find(({ id }) => id === period.id)?.due ?? null;
  setStatus(
    run,
    period,
    'running',
    until === null ? `Watching ${period.timing}.` : `Watching until ${until}.`,
  );
  const state: State = {
    ended: false,
    ...run.answered,
    rearm: false,
    from: null,
    alerts: 0,
  };
  if (until === null) void tail.working(() => endedByPerson(run, period, state));
  for (;;) {
    const { report, timeIsUp } = await watchOnce(run, period, state, until, tail);
    run.checkCommands();
    if (report?.fired != null) {
      if (await tail.working(() => askAbout(run, period, report, state))) return;
    } else if (report?.blind !== undefined) {
      if (await tail.working(() => askAboutBlind(run, period, report, state))) return;
    } else if (timeIsUp || state.ended) {
      return tail.working(() => judge(run, period, report?.results ?? []));
    } else if (tail.cutting) return;
    else if (state.rearm) state.rearm = false;
    // The watch broke.
    else await condition(() => tail.cutting, run.compressed(AGAIN_MS));
  }
}

/** What the period knows while it lasts. */
interface State {
  /** A person says that it is over. */
  ended: boolean;
  /** Critical conditions that somebody has answered for: they only notify until they have recovered. */
  readonly known: Set<string>;
  /** One of those has recovered. */
  rearm: boolean;
  /** Places of conditions without data, of which somebody says that they are quiet. */
  readonly vouched: Set<number>;
  /** Where a watch goes on that had to ask. */
  from: WatchState | null;
  alerts: number;
}

async function endedByPerson(
  run: Run,
  { id, responsible, timing }: MonitoringPeriod,
  state: State,
): Promise<void> {
  try {
    await ask(run, {
      kind: 'confirm',
      subject: id,
      question: `The monitoring period lasts "${timing}". Confirm when it is over.`,
      options: ['confirm'],
      needs: needOf(responsible),
    });
    state.ended = true;
  } catch (error) {
    // A command stops whoever watches for the same reason.
    if (!isCancellation(error) && !(error instanceof Interrupted)) throw error;
  }
}

/** Samples until a critical condition fires, the time is up, or there is a reason to stop. Without a report nothing was sampled. */
async function watchOnce(
  run: Run,
  period: MonitoringPeriod,
  state: State,
  until: string | null,
  tail: Tail,
): Promise<{ readonly report: WatchReport | null; readonly timeIsUp: boolean }> {
  let over = false;
  const stop = () => over || tail.cutting || state.ended || state.rearm;
  const waiting = async (): Promise<boolean> => {
    if (until !== null) return !(await condition(stop, msUntil(until)));
    await condition(stop);
    return false;
  };
  const conditions = period.watch.conditions.map((each) =>
    state.known.has(each.text) ? notifying(each) : each,
  );
  const watch = { ...period.watch, conditions };
  if (conditions.length + watch.metrics.length === 0) return { report: null, timeIsUp: await waiting() };
  const scope = new CancellationScope();
  const from = state.from ?? newWatchState(conditions, run.watched, Date.now());
  state.from = null;
  const { intervalMs: _pace, ...limits } = run.plan.bindings.watch;
  const sampled = {
    id: period.id,
    watch,
    baselines: firstBaselines(run.view),
    limits: period.sensitivity === 'high' ? { ...limits, failureLimit: 1 } : limits,
    onAlerts: (alerts: WatchReport['alerts']) => afterAlerts(run, state, tail, alerts, stop),
  };
  const sampling = scope
    .run(() => sample(run, sampled, from, { kind: 'cancelled' }, [...state.vouched]))
    .catch((error: unknown) => {
      if (!isCancellation(error)) throw error;
      return null;
    })
    .finally(() => {
      over = true;
    });
  let timeIsUp = false;
  try {
    timeIsUp = await waiting();
  } finally {
    scope.cancel();
  }
  return { report: await sampling, timeIsUp };
}

/** Alerts are the only thing that makes the history of a period grow. */
async function afterAlerts(
  run: Run,
  state: State,
  tail: Tail,
  alerts: WatchReport['alerts'],
  stop: () => boolean,
): Promise<void> {
  for (const { text, recovered } of alerts) {
    if (recovered && state.known.delete(text)) state.rearm = true;
  }
  state.alerts += alerts.length;
  tail.look();
  if (state.alerts > MOST_ALERTS) await condition(stop, run.compressed(CALM_MS));
}

function notifying(of: WatchCondition): WatchCondition {
  return { ...of, onFire: 'notify' };
}

/** @returns true when a person ended the period. */
async function askAbout(
  run: Run,
  period: MonitoringPeriod,
  report: WatchReport,
  state: State,
): Promise<boolean> {
  const fired = period.watch.conditions[report.fired?.index ?? 0];
  const text = fired?.text ?? 'a watched condition';
  const cause = `Critical: ${text} (${report.fired?.evidence ?? ''})`;
  run.emit({
    type: 'requirements-evaluated',
    subject: { kind: 'follow-up', id: period.id },
    results: report.results,
  });
  run.emit({ type: 'alert', step: period.id, text, evidence: report.fired?.evidence ?? '', stops: true });
  setStatus(run, period, 'waiting', cause);
  const answer = await askAfterFailure(run, period, { cause, evidence: report.results });
  if (answer.option === 'skip') {
    setStatus(run, period, 'skipped', `Ended by ${answer.by}: ${answer.reason ?? ''}`);
    return true;
  }
  state.known.add(text);
  setStatus(
    run,
    period,
    'running',
    `Watching on, as ${answer.by} decided; "${text}" only alerts from here on.`,
  );
  return false;
}

/** Nobody can say whether it is quiet. @returns true when a person ended the period. */
async function askAboutBlind(
  run: Run,
  period: MonitoringPeriod,
  { results, blind = [], state: seen }: WatchReport,
  state: State,
): Promise<boolean> {
  const { id, responsible } = period;
  const texts = blind.map((place) => results[place]?.text ?? 'a watched condition');
  setStatus(run, period, 'waiting', `No data: ${texts.join('; ')}`);
  const answer = await ask(run, {
    kind: 'inconclusive',
    subject: id,
    question: `No verdict on ${list(texts)}, so it is unknown whether it is quiet after the completion. Watch on (retry), or answer whether it is?`,
    needs: needOf(responsible),
    evidence: results,
  });
  state.from = seenAgain(seen, blind, answer.option !== 'pass');
  if (answer.option === 'pass') for (const place of blind) state.vouched.add(place);
  if (answer.option === 'fail') {
    const cause = `${answer.by} says that it is not quiet${answer.reason === null ? '.' : `: ${answer.reason}`}`;
    const next = await askAfterFailure(run, period, { cause, evidence: results });
    if (next.option === 'skip') {
      setStatus(run, period, 'skipped', `Ended by ${next.by}: ${next.reason ?? ''}`);
      return true;
    }
  }
  setStatus(run, period, 'running', `Watching on, as ${answer.by} decided.`);
  return false;
}

/** At the end of the period: what no machine watched is asked, with what was seen as evidence. */
async function judge(run: Run, period: MonitoringPeriod, results: readonly RequirementView[]): Promise<void> {
  const subject = { kind: 'follow-up', id: period.id } as const;
  const blind = results.filter(({ verdict }) => verdict === 'inconclusive').map(({ text }) => text);
  if (results.length > 0) run.emit({ type: 'requirements-evaluated', subject, results });
  const open = [...openOf(period.asked), ...blind.map((text) => `stayed quiet, without data: ${text}`)];
  if (open.length === 0) return setStatus(run, period, 'completed', 'The period is over.');
  for (;;) {
    setStatus(run, period, 'waiting', `Waits for ${period.responsible ?? 'anyone'} to judge the period.`);
    const answer = await ask(run, {
      kind: 'confirm',
      subject: `${period.id}-end`,
      question: `The monitoring period is over. Did it stay quiet? ${open.join('; ')}`,
      needs: needOf(period.responsible),
      evidence: results,
      checklist: open,
    });
    if (answer.option === 'confirm') {
      return setStatus(run, period, 'completed', `The period is over, confirmed by ${answer.by}.`);
    }
    const cause = `${answer.by} says that it was not quiet${answer.reason === null ? '.' : `: ${answer.reason}`}`;
    const next = await askAfterFailure(run, period, { cause, evidence: results });
    if (next.option === 'skip') {
      return setStatus(run, period, 'skipped', `Ended by ${next.by}: ${next.reason ?? ''}`);
    }
  }
}

function setStatus(run: Run, { id }: MonitoringPeriod, status: FollowUpStatus, reason: string): void {
  run.emit({ type: 'follow-up-status', id, status, reason });
}
