/** Stands for a long run: continues as new twice, and answers for the events of its own Temporal run only. */
import { condition, continueAsNew, defineQuery, defineSignal, setHandler } from '@temporalio/workflow';
import type { EventsPage, EventsQuery } from '../../strategy/run/messages.js';

const EACH = 3;
const LAST = 2;

export async function migration(part: number): Promise<void> {
  let finished = false;
  const oldest = part * EACH;
  const events = Array.from({ length: EACH }, (_, place) => ({
    seq: oldest + place,
    at: new Date(oldest + place).toISOString(),
    type: 'continued' as const,
  }));
  setHandler(defineQuery<EventsPage, [EventsQuery]>('events'), ({ from, limit = 500 }) => ({
    events: events.filter(({ seq }) => seq >= from).slice(0, limit),
    oldest,
    total: oldest + EACH,
    ended: false,
  }));
  setHandler(defineSignal('finish'), () => {
    finished = true;
  });
  if (part < LAST) await continueAsNew<typeof migration>(part + 1);
  await condition(() => finished);
}
