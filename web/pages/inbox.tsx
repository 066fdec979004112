/** What waits for a person, across runs: never folded, the oldest first. */
import type { OpenDecision } from '../../client/inbox.js';
import { possibleVoters } from '../../strategy/run/voters.js';
import type { Acting } from '../desk.js';
import { runPath } from '../paths.js';
import { DecisionCard } from './decision-card.js';
import { Paging } from './paging.js';

export interface InboxModel {
  /** All that are open. */
  readonly entries: readonly OpenDecision[];
  readonly from: number;
  /** Milliseconds since 1970, by the server's clock. */
  readonly now: number;
  /** Who looks; null for somebody who may not act. */
  readonly actor: Acting | null;
}

/** Decisions in one page. */
export const DECISIONS_SHOWN = 50;

export function Inbox({ entries, from, now, actor }: InboxModel) {
  const shown = entries.slice(from, from + DECISIONS_SHOWN);
  const paging = (
    <Paging
      label="Pages of the decisions"
      {...{ from, shown: shown.length, total: entries.length, size: DECISIONS_SHOWN }}
      more={from + shown.length < entries.length}
      link={(start) => (start === 0 ? '/' : `/?from=${start}`)}
    />
  );
  return (
    <section aria-labelledby="inbox-title">
      <h1 id="inbox-title">Needs you</h1>
      <h2 class="visually-hidden">Open decisions</h2>
      {entries.length === 0 && (
        <p class="empty">
          No decisions are open. <a href="/runs">See the runs</a>
        </p>
      )}
      {entries.length > DECISIONS_SHOWN && (
        <p class="dim">{entries.length} decisions are open, the oldest first.</p>
      )}
      <ul class="cards">
        {shown.map((entry) => (
          <Entry entry={entry} now={now} actor={actor} />
        ))}
      </ul>
      {paging}
    </section>
  );
}

function Entry({ entry, now, actor }: { readonly entry: OpenDecision } & Pick<InboxModel, 'actor' | 'now'>) {
  const { run, strategy, decision, electorate } = entry;
  const excluded =
    actor !== null &&
    possibleVoters(decision, { ...actor, named: true }, electorate, new Date()).length === 0;
  return (
    <DecisionCard run={run} decision={decision} now={now}>
      <p>
        <a href={runPath(run)}>{strategy ?? run}</a>
        {strategy !== null && strategy !== run && (
          <>
            {' '}
            · run <code>{run}</code>
          </>
        )}
        {excluded && <span class="dim"> · {actor.by} cannot vote on it now</span>}
      </p>
    </DecisionCard>
  );
}
