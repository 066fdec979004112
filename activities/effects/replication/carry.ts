/** The two ways in which changes get across: Postgres's own subscription, or a relay by this process. */
import { createSubscribed, type Direction } from './objects.js';
import { createRelayed } from './relay/create.js';
import { Relay } from './relay/relay.js';
import type { Setting } from './setting.js';
import { SubscriberWatch } from './subscriber-watch.js';
import type { Watch } from './watch.js';

/** Makes what is missing of a direction. */
export async function createDirection(setting: Setting, direction: Direction): Promise<void> {
  if (direction.relayed) await createRelayed(setting, direction);
  else await createSubscribed(direction, setting.job.action.tables);
}

/** Does the work while changes get across. A subscription carries them before and after it too, a relay only meanwhile. */
export async function carrying<T>(
  { job }: Setting,
  direction: Direction,
  work: (watch: Watch) => Promise<T>,
): Promise<T> {
  if (!direction.relayed) return work(new SubscriberWatch(direction, job.action));
  const relay = await Relay.open(direction);
  try {
    return await work(relay);
  } finally {
    await relay.close();
  }
}
