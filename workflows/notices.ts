/**
 * Notices leave the run here. They never hold it up: each is an activity of its own, retried by the engine, that nothing
 * waits for until the run ends or its history is cut; then it waits a short while. One that cannot be delivered is an event.
 */
import { CancellationScope, condition, isCancellation, proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/contract.js';
import type { RunEvent } from '../strategy/run/event.js';
import { NOTICE_REFUSED } from '../strategy/run/messages.js';
import { type Dispatch, noticesOf } from '../strategy/run/notice.js';
import type { MigrationView } from '../strategy/run/view.js';
import { messageOf } from './activities.js';
import type { Run } from './run.js';

const { deliverNotice } = proxyActivities<Pick<Activities, 'deliverNotice'>>({
  startToCloseTimeout: '30s',
  scheduleToCloseTimeout: '1h',
  retry: {
    initialInterval: '1s',
    backoffCoefficient: 2,
    maximumInterval: '5m',
    nonRetryableErrorTypes: [NOTICE_REFUSED],
  },
});

/** How long the end of a run, or the cut of its history, waits for notices under way. */
const PATIENCE = '30s';

/** So many notices of one channel may be under way; more would only fill the history while the channel is dead. */
const MOST = 50;

/** Sends what each event of the run gives to tell from here on. */
export function keepNotifying(run: Run): void {
  // Runs of earlier builds carry plans without notices.
  const routes = run.plan.notices ?? [];
  if (routes.length === 0) return;
  // Sent again with the same id: a receiver drops what it has.
  for (const dispatch of run.input.continued?.undelivered ?? []) void send(run, dispatch);
  const tell = (event: RunEvent, before: MigrationView) => {
    for (const dispatch of noticesOf(event, run.view, routes, () => run.head(), before))
      void send(run, dispatch);
  };
  run.hear(tell);
  const [started] = run.recent;
  if (started?.type === 'run-started') tell(started, run.view);
}

/**
 * Waits until the notices under way are delivered or given up, but not longer than a short while. Those that are still under
 * way when the history is cut go on in the next Temporal run, as many as fit; at the end of the run nobody is left to send them.
 */
export async function settleNotices(run: Run, next: 'cut' | 'end'): Promise<void> {
  if (run.noticesUnderWay.size > 0) await condition(() => run.noticesUnderWay.size === 0, PATIENCE);
  const carried = new Set(next === 'cut' ? fitting([...run.noticesUnderWay]) : []);
  for (const dispatch of [...run.noticesUnderWay]) {
    if (carried.has(dispatch)) continue;
    const { channel, notice } = dispatch;
    run.noticesUnderWay.delete(dispatch);
    run.emit({ type: 'notice-failed', channel, notice: notice.id, why: 'It was not delivered in time.' });
  }
}

/** Characters of notices that one Temporal run hands to the next: beside the view and the plan there is not much room. */
const CARRIED = 64 * 1024;

/** The latest of them: what is old is told by what is newer. */
function fitting(dispatches: readonly Dispatch[]): readonly Dispatch[] {
  let room = CARRIED;
  return dispatches.toReversed().filter((dispatch) => {
    room -= JSON.stringify(dispatch).length;
    return room >= 0;
  });
}

async function send(run: Run, dispatch: Dispatch): Promise<void> {
  const { channel, notice } = dispatch;
  const failed = (why: string): void => {
    // Once the run no longer waits for it, that has been said already.
    if (run.noticesUnderWay.delete(dispatch))
      run.emit({ type: 'notice-failed', channel, notice: notice.id, why });
  };
  const source = run.plan.bindings.channels[channel];
  const busy = [...run.noticesUnderWay].filter((other) => other.channel === channel).length;
  run.noticesUnderWay.add(dispatch);
  if (source === undefined) return failed('No channel of that name is bound.');
  if (busy >= MOST) return failed(`${MOST} notices are waiting for this channel already.`);
  const deliver = async (): Promise<void> => {
    await deliverNotice({ workspace: run.input.workspace, source, notice });
    run.noticesUnderWay.delete(dispatch);
  };
  try {
    await deliver();
  } catch (error) {
    if (!isCancellation(error)) return failed(messageOf(error));
    // What it tells of was stopped, and people hear of it all the same. Nobody waits for this: an error thrown here would fail the
    // workflow task again and again.
    await CancellationScope.nonCancellable(deliver).catch((again: unknown) => failed(messageOf(again)));
  }
}
