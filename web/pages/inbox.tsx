/** What waits for a person, across runs: never folded, the oldest first. */
import type { InboxEntry } from '../../client/inbox.js';
import { runPath } from '../paths.js';
import { DecisionCard } from './decision-card.js';

export interface InboxModel {
  readonly entries: readonly InboxEntry[];
  /** The ids (`run decision`) that the viewer may vote on. */
  readonly mine: ReadonlySet<string>;
  readonly by: string | null;
}

export function Inbox({ entries, mine, by }: InboxModel) {
  return (
    <section aria-labelledby="inbox-title">
      <h1 id="inbox-title">Needs you</h1>
      <h2 class="visually-hidden">Open decisions</h2>
      {entries.length === 0 && <p class="empty">No decisions are open.</p>}
      <ul class="cards">
        {entries.map(({ run, strategy, decision }) => (
          <DecisionCard run={run} decision={decision}>
            <p>
              <a href={runPath(run)}>{strategy ?? run}</a>
              {strategy !== null && strategy !== run && (
                <>
                  {' '}
                  · run <code>{run}</code>
                </>
              )}
              {by !== null && !mine.has(`${run} ${decision.id}`) && (
                <span class="dim"> · {by} cannot vote on it now</span>
              )}
            </p>
          </DecisionCard>
        ))}
      </ul>
    </section>
  );
}
