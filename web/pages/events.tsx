/** The record of a run, newest page last, in the words of `sluice events`. */

import type { RunEvent } from '../../strategy/run/event.js';
import { describeEvent } from '../../strategy/run/wording.js';
import { eventsPath } from '../paths.js';
import { Paging } from './paging.js';
import { Crumb, Moment, Timed } from './parts.js';

export interface EventsModel {
  readonly run: string;
  readonly events: readonly RunEvent[];
  readonly from: number;
  /** How many events the record holds. */
  readonly total: number;
}

/** Events in one page. */
export const EVENTS_SHOWN = 500;

export function Events({ run, events, from, total }: EventsModel) {
  const link = (start: number) => `${eventsPath(run)}?from=${start}`;
  return (
    <>
      <Crumb run={run}>record</Crumb>
      <h1>Record</h1>
      <Paging
        label="Pages of the record"
        {...{ from, shown: events.length, total, size: EVENTS_SHOWN }}
        more={from + events.length < total}
        link={link}
      />
      <ol class="events" start={from + 1}>
        {events.flatMap((event) => {
          const text = describeEvent(event);
          return text === null
            ? []
            : [
                <li id={`event-${event.seq}`} value={event.seq + 1} class={toneOf(event)}>
                  <a
                    class="permalink"
                    href={`${link(Math.floor(event.seq / EVENTS_SHOWN) * EVENTS_SHOWN)}#event-${event.seq}`}
                  >
                    <Moment at={event.at} />
                  </a>{' '}
                  <Timed text={text} />
                </li>,
              ];
        })}
      </ol>
    </>
  );
}

/** What a reader of the record looks for first. */
function toneOf({ type }: RunEvent): string | undefined {
  switch (type) {
    case 'message-refused':
    case 'alert':
    case 'undo-failed':
    case 'rollback-started':
    case 'notice-failed':
    case 'archive-failed':
      return 'notable';
    default:
      return undefined;
  }
}
