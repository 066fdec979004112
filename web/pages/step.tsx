/** One step: its state, what its checks said, and everything its commands printed, attempt by attempt. */
import type { FinishedAction } from '../../client/logs.js';
import { duration } from '../../strategy/render/elapsed.js';
import type { MigrationView, StepView } from '../../strategy/run/view.js';
import { logPath, stepPath } from '../paths.js';
import { Crumb, Output, Requirements, Status } from './parts.js';

export interface StepModel {
  readonly view: MigrationView;
  readonly step: StepView;
  readonly logs: readonly ShownLog[];
  /** Actions that left no log on this host. */
  readonly actions: readonly FinishedAction[];
  readonly search: string;
}

export interface ShownLog {
  readonly job: string;
  /** The lines shown: all, or those that match the search. */
  readonly text: string;
  /** How many bytes at the beginning are left out; 0 when all is shown. */
  readonly omitted: number;
}

export function StepPage({ view, step, logs, actions, search }: StepModel) {
  return (
    <>
      <section id="step" class="headline" aria-label="Step">
        <Crumb run={view.run}>
          <code>{step.id}</code>
        </Crumb>
        <h1>{step.name}</h1>
        <p class="state">
          <Status status={step.status} /> {step.reason}
        </p>
        <p class="dim">
          {step.attempts} {step.attempts === 1 ? 'attempt' : 'attempts'}, {step.actionsDone} actions done.
          {step.undo === 'impossible' && ' This step is a point of no return.'}
        </p>
        <Requirements results={step.requirements} />
      </section>
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
              {what} <span class="dim">{`${outcome} in ${duration(durationMs)}`}</span>
            </h3>
            {cause !== null && <p class="bad">{cause}</p>}
            {output !== '' && <Output label={`Output of ${what}`} text={output} />}
          </div>
        ))}
        {logs.map(({ job, text, omitted }) => (
          <div class="log" id={`log-${job}`}>
            <h3>
              <code>{job}</code> <a href={logPath(view.run, step.id, job)}>Download</a>
            </h3>
            {omitted > 0 && (
              <p class="dim">The first {omitted} bytes are left out here; the download has all.</p>
            )}
            <Output
              label={`Output of ${job}`}
              text={text === '' ? (search === '' ? '(it printed nothing)' : '(no line matches)') : text}
            />
          </div>
        ))}
        {logs.length + actions.length === 0 && (
          <p class="empty">No action of this step has run on this host yet.</p>
        )}
      </section>
    </>
  );
}
