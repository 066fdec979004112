/** One run: what it waits for, how far it is, what comes, and the way back from here. */

import { duration, elapsed } from '../../strategy/render/elapsed.js';
import type { Decision } from '../../strategy/run/decision.js';
import { describeDowntime } from '../../strategy/run/downtime.js';
import { type NextPlace, nextOf } from '../../strategy/run/next.js';
import { timesAt } from '../../strategy/run/time.js';
import { ENDED, isOver, type MigrationView } from '../../strategy/run/view.js';
import { eventsPath, runPath } from '../paths.js';
import { Afterwards } from './afterwards.js';
import { Commands, type CommandsModel } from './commands.js';
import { Dashboards } from './dashboards.js';
import { DecisionCard } from './decision-card.js';
import { GoingBack } from './going-back.js';
import { Milestones } from './milestones.js';
import { Overrides } from './overrides.js';
import { Crumb, Moment, Status, Timed, TimeLeft } from './parts.js';
import { Risks } from './risks.js';
import { Strip } from './strip.js';
import { Timeline } from './timeline.js';
import { Told } from './told.js';
import { Tree } from './tree.js';
import { WayBack } from './way-back.js';

export interface RunModel {
  readonly view: MigrationView;
  /** Milliseconds since 1970, by the server's clock. */
  readonly now: number;
  /** Why nothing newer is known; null when all is well. */
  readonly trouble: string | null;
  readonly commands: CommandsModel;
  /** Only what is not done yet is shown of the plan. */
  readonly hideDone: boolean;
}

export function Run({ view, now, trouble, commands, hideDone }: RunModel) {
  const ended = ENDED.includes(view.status);
  // Without news nothing is known to go on: the clocks stop at the latest event.
  const clock = trouble === null ? now : Date.parse(view.asOf);
  return (
    <>
      {trouble !== null && (
        <p class="banner bad" role="alert">
          {trouble} What is shown is from <Moment at={view.asOf} />.
        </p>
      )}
      <Headline view={view} now={clock} ended={ended} />
      {view.decisions.length > 0 && <NeedsYou run={view.run} decisions={view.decisions} now={clock} />}
      <Strip view={view} />
      <div class="columns">
        <div>
          {view.rollback !== null && <GoingBack view={view} rollback={view.rollback} />}
          <Tree view={view} now={clock} hideDone={hideDone} />
          <Afterwards view={view} now={clock} />
          <Timeline view={view} now={clock} />
        </div>
        <div class="beside">
          <WayBack view={view} />
          <Risks view={view} />
          <Milestones view={view} now={clock} />
          <Told view={view} />
          {!isOver(view) && <Commands {...commands} watched={ended} view={view} />}
          <Overrides view={view} />
          <Dashboards view={view} />
          <Facts view={view} now={clock} />
        </div>
      </div>
    </>
  );
}

/** One status, one reason, and the times. */
function Headline({ view, now, ended }: { view: MigrationView; now: number; ended: boolean }) {
  const { worked, waited } = ended ? view : timesAt(view, now);
  const next = nextOf(view);
  return (
    <section class="headline" id="headline" aria-label="Status">
      <Crumb run={view.run} />
      <h1>
        {view.strategy.name} <small>{view.strategy.version}</small>
      </h1>
      <p class="state">
        <Status status={view.status} />{' '}
        <span id="reason">
          <Timed text={view.reason} />
        </span>
      </p>
      {view.pausedBy !== null && view.status !== 'paused' && !ended && (
        <p class="asks">Paused by {view.pausedBy}: it stops before its next action.</p>
      )}
      {view.lockWait !== undefined && !ended && (
        <p>
          The lock <code>{view.lockWait.lock}</code> is held by the run{' '}
          <a href={runPath(view.lockWait.holder)}>{view.lockWait.holder}</a>.
        </p>
      )}
      {view.waitingUntil !== null && !ended && (
        <p>
          <TimeLeft until={view.waitingUntil} now={now} />
        </p>
      )}
      <dl class="times">
        <Fact label={ended ? 'Took' : 'So far'}>{elapsed(view.startedAt, view.endedAt, new Date(now))}</Fact>
        <Fact label="Worked">{duration(worked)}</Fact>
        <Fact label="Waited for people">{waited === 0 ? '0s' : duration(waited)}</Fact>
        {next !== null && (
          <Fact label="Next">
            <a href={`#${anchorOf(next)}`}>{next.name}</a>
          </Fact>
        )}
        <Fact label="Way back">
          <a href="#way-back">{describeLength(view.applied.length)}</a>
        </Fact>
      </dl>
    </section>
  );
}

/** Where the plan on this page shows it. */
function anchorOf({ kind, id }: NextPlace): string {
  return kind === 'completion' ? id : `${kind}-${id}`;
}

function describeLength(steps: number): string {
  if (steps === 0) return 'nothing is applied';
  return steps === 1 ? '1 step to the start' : `${steps} steps to the start`;
}

function NeedsYou({
  run,
  decisions,
  now,
}: {
  readonly run: string;
  readonly decisions: readonly Decision[];
  readonly now: number;
}) {
  return (
    <section id="needs-you" aria-labelledby="needs-you-title">
      <h2 id="needs-you-title">Needs a person</h2>
      <ul class="cards">
        {decisions.map((decision) => (
          <DecisionCard run={run} decision={decision} now={now} />
        ))}
      </ul>
    </section>
  );
}

function Facts({ view, now }: { readonly view: MigrationView; readonly now: number }) {
  return (
    <section id="facts" aria-labelledby="facts-title" class="panel">
      <h2 id="facts-title">Facts</h2>
      <dl class="facts">
        <Fact label="Started">
          <Moment at={view.startedAt} />
        </Fact>
        {view.endedAt !== null && (
          <Fact label={view.status === 'completed' ? 'Completed' : 'Ended'}>
            <Moment at={view.endedAt} />
          </Fact>
        )}
        <Fact label="Submitted by">{view.submittedBy}</Fact>
        <Fact label="Plan">
          <code>{view.strategy.hash.slice(0, 12)}</code>
        </Fact>
        {view.downtime !== undefined && (
          <Fact label="Downtime">{describeDowntime(view.downtime, new Date(now).toISOString())}</Fact>
        )}
        {view.host !== null && <Fact label="Commands run on">{view.host}</Fact>}
        {view.compress !== 1 && <Fact label="Trial">time divided by {view.compress}</Fact>}
      </dl>
      <p>
        <a href={eventsPath(view.run)}>Record</a>
        {' · '}
        <a href={`${runPath(view.run)}/report.html`}>Report</a>
        {' · '}
        <a href={`${runPath(view.run)}/view.json`}>JSON</a>
      </p>
    </section>
  );
}

function Fact({ label, children }: { readonly label: string; readonly children?: unknown }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}
