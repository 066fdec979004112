/** What waits for a person, across runs: never folded, the oldest first. */
import type { InboxEntry } from '../../client/inbox.js';
import { openNeeds } from '../../strategy/run/decision.js';
import { describeNeeds } from '../../strategy/run/needs.js';
import { decisionPath, runPath } from '../paths.js';
import { Moment } from './parts.js';

export interface InboxModel {
  readonly entries: readonly InboxEntry[];
  /** The ids (`run decision`) that the viewer may vote on. */
  readonly mine: ReadonlySet<string>;
  readonly by: string | null;
}

export function Inbox({ entries, mine, by }: InboxModel) {
  return (
    <>
      <h1>Needs you</h1>
      {entries.length === 0 && <p class="empty">No decisions are open.</p>}
      <ul class="cards">
        {entries.map(({ run, strategy, decision }) => (
          <li class="card asks" id={`decision-${run}-${decision.id}`}>
            <h2>
              <a href={decisionPath(run, decision.id)}>{decision.question}</a>
            </h2>
            <p>
              <code>{decision.id}</code> of <a href={runPath(run)}>{strategy ?? run}</a>
              {strategy !== null && strategy !== run && (
                <>
                  {' '}
                  · run <code>{run}</code>
                </>
              )}
            </p>
            <p>
              Needs {describeNeeds(openNeeds(decision), 'named')}. Open since{' '}
              <Moment at={decision.openedAt} />
              {decision.deadline !== null && (
                <>
                  , due <Moment at={decision.deadline} />
                </>
              )}
              .
            </p>
            {by !== null && !mine.has(`${run} ${decision.id}`) && (
              <p class="dim">{by} cannot vote on it now.</p>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}
