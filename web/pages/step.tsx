/** One step: its state, what its checks said, and everything its commands printed, attempt by attempt. */
import type { FinishedAction } from '../../client/logs.js';
import type { PlannedStep } from '../../strategy/plan.js';
import { duration } from '../../strategy/render/elapsed.js';
import type { MigrationView, StepView } from '../../strategy/run/view.js';
import { stepPath } from '../paths.js';
import { Log, type ShownLog } from './log.js';
import { Crumb, Output, Requirements, Status, Timed } from './parts.js';
import { StepActions } from './step-actions.js';
import { Times } from './step-row.js';

export interface StepModel {
  readonly view: MigrationView;
  readonly step: StepView;
  /** The step as it was planned; null where the plan is not at hand. */
  readonly planned: PlannedStep | null;
  /** Milliseconds since 1970, by the server's clock. */
  readonly now: number;
  readonly logs: readonly ShownLog[];
  /** Logs before these, which the page leaves out. */
  readonly earlier: number;
  /** Actions that left no log on this host. */
  readonly actions: readonly FinishedAction[];
  readonly search: string;
}

export function StepPage({ view, step, planned, now, logs, earlier, actions, search }: StepModel) {
  return (
    <>
      <section id="step" class="headline" aria-label="Step">
        <Crumb run={view.run}>
          <code>{step.id}</code>
        </Crumb>
        <h1>{step.name}</h1>
        <p class="state">
          <Status status={step.status} /> <Timed text={step.reason} />
        </p>
        <p class="dim">
          {step.attempts} {step.attempts === 1 ? 'attempt' : 'attempts'}, {step.actionsDone} actions done.
          {step.undo === 'impossible' && ' This step is a point of no return.'}
        </p>
        <Times step={step} now={now} />
        <Requirements results={step.requirements} />
      </section>
      {planned !== null && <StepActions planned={planned} step={step} />}
      <section id="output" aria-labelledby="output-title">
        <h2 id="output-title">Output</h2>
        <form class="filter" id="search" method="get" action={stepPath(view.run, step.id)}>
          <label>
            Lines that contain <input type="search" name="q" value={search} />
          </label>
          <button type="submit">Search</button>
        </form>
        {actions.map(({ what, purpose, outcome, durationMs, cause, output }) => (
          <div class="log">
            <h3>
              {purpose === 'undo' ? 'Undo: ' : ''}
              <code>{what}</code>{' '}
              <span
                class={outcome === 'done' ? 'good' : 'bad'}
              >{`${outcome} in ${duration(durationMs)}`}</span>
            </h3>
            {cause !== null && <p class="bad">{cause}</p>}
            {output !== '' && <Output label={`Output of ${what}`} text={output} />}
          </div>
        ))}
        {earlier > 0 && (
          <p class="dim">
            {earlier} earlier logs are left out here: <code>sluice logs</code> prints all.
          </p>
        )}
        {logs.map((log) => (
          <Log run={view.run} step={step.id} log={log} follow={log === logs.at(-1) && search === ''} />
        ))}
        {logs.length + actions.length === 0 && (
          <p class="empty">No action of this step has run on this host yet.</p>
        )}
      </section>
    </>
  );
}
