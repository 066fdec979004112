/** An open decision in a list: what is asked, of whom, since when, and the way to its page. */
import type { Child } from 'hono/jsx';
import type { DecisionSummary } from '../../strategy/run/decision.js';
import { openNeeds } from '../../strategy/run/decision.js';
import { describeNeeds } from '../../strategy/run/needs.js';
import { decisionPath } from '../paths.js';
import { Due, Moment } from './parts.js';

export interface DecisionCardModel {
  readonly run: string;
  readonly decision: DecisionSummary;
  /** Milliseconds since 1970, by the server's clock. */
  readonly now: number;
  /** What else the list says about it. */
  readonly children?: Child;
}

export function DecisionCard({ run, decision, now, children }: DecisionCardModel) {
  const { id, question, openedAt, deadline, claimedBy } = decision;
  const path = decisionPath(run, id);
  return (
    <li class="card" id={`decision-${run}-${id}`}>
      <div>
        <h3>
          <a href={path}>{question}</a>
        </h3>
        {children}
        <p class="dim">
          Needs {describeNeeds(openNeeds(decision), 'named')}. Open since <Moment at={openedAt} />
          {deadline !== null && (
            <>
              , <Due deadline={deadline} now={now} />
            </>
          )}
          {claimedBy !== null && (
            <>
              . <strong>{claimedBy} is on it</strong>
            </>
          )}
          . <code>{id}</code>
        </p>
      </div>
      <a class="button primary" href={path}>
        Review <span class="visually-hidden">{id}</span>
      </a>
    </li>
  );
}
