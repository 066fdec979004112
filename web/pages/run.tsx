/** One run: what it waits for, how far it is, what comes, and the way back from here. */

import { duration, elapsed } from '../../strategy/render/elapsed.js';
import type { Decision } from '../../strategy/run/decision.js';
import { openNeeds } from '../../strategy/run/decision.js';
import { describeNeeds } from '../../strategy/run/needs.js';
import { timesAt } from '../../strategy/run/time.js';
import { ENDED, type MigrationView } from '../../strategy/run/view.js';
import { decisionPath, runPath } from '../paths.js';
import { Commands, type CommandsModel } from './commands.js';
import { Moment, Status, TimeLeft } from './parts.js';
import { Tree } from './tree.js';
import { WayBack } from './way-back.js';

export interface RunModel {
  readonly view: MigrationView;
  /** Milliseconds since 1970, by the server's clock. */
  readonly now: number;
  /** Why nothing newer is known; null when all is well. */
  readonly trouble: string | null;
  readonly commands: CommandsModel;
}

export function Run({ view, now, trouble, commands }: RunModel) {
  const ended = ENDED.includes(view.status);
  return (
    <>
      {trouble !== null && (
        <p class="banner bad" role="alert">
          {trouble} What is shown is from <Moment at={view.asOf} />.
        </p>
      )}
      <section class="headline" id="headline" aria-label="Status">
        <p class="crumb">
          <a href="/runs">Runs</a> / <code>{view.run}</code>
        </p>
        <h1>
          {view.strategy.name} <small>{view.strategy.version}</small>
        </h1>
        <p class="state">
          <Status status={view.status} /> <span id="reason">{view.reason}</span>
        </p>
        {view.waitingUntil !== null && !ended && (
          <p>
            <TimeLeft until={view.waitingUntil} now={now} />
          </p>
        )}
        {view.rollback !== null && (
          <p class="back">
            Rolling back to <code>{view.rollback.landing}</code> ({view.rollback.level} level):{' '}
            {view.rollback.cause}
          </p>
        )}
      </section>
      {view.decisions.length > 0 && <NeedsYou run={view.run} decisions={view.decisions} />}
      <Tree view={view} now={now} />
      <WayBack view={view} />
      {!ended && <Commands {...commands} />}
      <Facts view={view} now={now} />
    </>
  );
}

function NeedsYou({ run, decisions }: { readonly run: string; readonly decisions: readonly Decision[] }) {
  return (
    <section id="needs-you" aria-labelledby="needs-you-title">
      <h2 id="needs-you-title">Needs a person</h2>
      <ul class="cards">
        {decisions.map((decision) => (
          <li class="card asks" id={`decision-${decision.id}`}>
            <p>
              <a class="action" href={decisionPath(run, decision.id)}>
                {decision.question}
              </a>
            </p>
            <p>
              <code>{decision.id}</code> needs {describeNeeds(openNeeds(decision), 'named')}, open since{' '}
              <Moment at={decision.openedAt} />
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Facts({ view, now }: { readonly view: MigrationView; readonly now: number }) {
  const { worked, waited } = view.endedAt === null ? timesAt(view, now) : view;
  const facts: readonly (readonly [string, unknown])[] = [
    ['Started', <Moment at={view.startedAt} />],
    ...(view.endedAt === null ? [] : ([['Ended', <Moment at={view.endedAt} />]] as const)),
    ['Took', elapsed(view.startedAt, view.endedAt, new Date(now))],
    ['Worked', duration(worked)],
    ['Waited for people', duration(waited)],
    ['Submitted by', view.submittedBy],
    ['Plan', <code>{view.strategy.hash.slice(0, 12)}</code>],
    ...(view.host === null ? [] : ([['Commands run on', view.host]] as const)),
    ...(view.compress === 1 ? [] : ([['Trial', `time divided by ${view.compress}`]] as const)),
  ];
  return (
    <section id="facts" aria-labelledby="facts-title">
      <h2 id="facts-title">Facts</h2>
      <dl class="facts">
        {facts.map(([label, value]) => (
          <div>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <p>
        <a href={`${runPath(view.run)}/events`}>Every event of the record</a>
      </p>
    </section>
  );
}
