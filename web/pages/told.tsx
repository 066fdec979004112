/** Who was told what: open incidents and who is asked about them, the latest status reports, the channels that fail. */
import { describeIncident } from '../../strategy/run/incidents.js';
import { describeDeafChannel } from '../../strategy/run/told.js';
import type { MigrationView } from '../../strategy/run/view.js';
import { Moment, Timed } from './parts.js';

export function Told({ view }: { readonly view: MigrationView }) {
  const { incidents = [], reports = [], deafChannels = [] } = view;
  if (incidents.length + reports.length + deafChannels.length === 0) return null;
  return (
    <section id="told" aria-labelledby="told-title" class="panel">
      <h2 id="told-title">People told</h2>
      {incidents.length > 0 && (
        <ul class="votes">
          {incidents.map((incident) => (
            <li id={`incident-${incident.key}`}>
              <strong class={incident.answeredBy === null ? 'bad' : 'asks'}>Incident</strong>{' '}
              <Timed text={describeIncident(incident)} />
            </li>
          ))}
        </ul>
      )}
      {reports.map(({ id, number, at, figures, next }) => (
        <div id={`report-${id}`}>
          <h3>
            Status report {number} <Moment at={at} />
          </h3>
          <dl class="facts">
            {figures.map(({ text, value }) => (
              <div>
                <dt>{text}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
          {next !== null && view.endedAt === null && (
            <p class="dim">
              The next one is due <Moment at={next} />.
            </p>
          )}
        </div>
      ))}
      {deafChannels.length > 0 && (
        <ul class="votes">
          {deafChannels.map((channel) => (
            <li id={`channel-${channel.channel}`}>
              <strong class="bad">Channel fails</strong> {describeDeafChannel(channel)}{' '}
              <Moment at={channel.at} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
