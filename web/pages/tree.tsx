/** The whole plan from the first second on: prerequisites, phases with steps and gates, completion. */

import { elapsed } from '../../strategy/render/elapsed.js';
import { progressOf } from '../../strategy/run/excerpt.js';
import type { StepSample } from '../../strategy/run/progress.js';
import type { GateView, MigrationView, PhaseView, StepView } from '../../strategy/run/view.js';
import { phasePath, stepPath } from '../paths.js';
import { lastLines, Output, Requirements, Status, Votes } from './parts.js';
import { Sparkline } from './sparkline.js';

interface Drawn {
  readonly view: MigrationView;
  readonly now: number;
}

export function Tree({ view, now }: Drawn) {
  return (
    <section id="plan" aria-labelledby="plan-title">
      <h2 id="plan-title">
        {view.rollback === null ? 'Plan' : 'Plan, being rolled back from the bottom up'}
      </h2>
      <ol class="tree">
        {view.prerequisites.map((each) => (
          <li id={`prerequisite-${each.id}`}>
            <details open={each.status === 'waiting' || each.status === 'blocked'}>
              <summary>
                <Status status={each.status} /> {each.name} <code>{each.id}</code>
                {each.reason !== '' && <span class="reason"> {each.reason}</span>}
              </summary>
              <Requirements results={each.requirements} />
            </details>
          </li>
        ))}
        {view.phases.map((phase) => (
          <Phase phase={phase} drawn={{ view, now }} />
        ))}
        <li id="completion">
          <details open={view.completion.status === 'waiting' || view.completion.status === 'failed'}>
            <summary>
              <Status status={view.completion.status} /> Completion
              {view.completion.reason !== '' && <span class="reason"> {view.completion.reason}</span>}
            </summary>
            <Requirements results={view.completion.requirements} />
            <Votes votes={view.completion.votes} />
          </details>
        </li>
      </ol>
    </section>
  );
}

function Phase({ phase, drawn }: { readonly phase: PhaseView; readonly drawn: Drawn }) {
  const { done, all } = progressOf(phase);
  return (
    <li id={`phase-${phase.id}`} class="phase">
      <h3>
        <Status status={phase.status} /> {phase.name} <code>{phase.id}</code>{' '}
        <span class="dim">
          {done} of {all} steps
        </span>
      </h3>
      {(phase.status === 'waiting' || phase.status === 'failed') && <p class="reason">{phase.reason}</p>}
      <ol>
        {phase.steps.map((step) => (
          <Step step={step} drawn={drawn} />
        ))}
        {phase.omitted !== null && phase.omitted.steps > 0 && (
          <li>
            <a href={phasePath(drawn.view.run, phase.id)}>All {all} steps of this phase</a>
          </li>
        )}
        {phase.gate !== null && <Gate gate={phase.gate} />}
      </ol>
    </li>
  );
}

/** A failed step opens by itself. */
export function Step({ step, drawn: { view, now } }: { readonly step: StepView; readonly drawn: Drawn }) {
  const progress = view.progress.find((each) => each.step === step.id);
  const failed = step.status === 'failed' || step.status === 'rollback_failed';
  const time = elapsed(step.startedAt, step.endedAt, new Date(now));
  const quiet = step.status === 'pending' || step.status === 'completed';
  return (
    <li id={`step-${step.id}`}>
      <details open={failed || progress !== undefined}>
        <summary>
          <Status status={step.status} /> {step.name} <code>{step.id}</code>
          {step.undo === 'impossible' && <span class="mark">point of no return</span>}
          {time !== '' && <span class="dim"> {time}</span>}
          {step.attempts > 1 && <span class="dim"> attempt {step.attempts}</span>}
          {!quiet && step.reason !== '' && <span class="reason"> {step.reason}</span>}
        </summary>
        {progress !== undefined && (
          <p>
            {progress.total !== null && (
              <progress max={progress.total} value={progress.done} aria-label={`Progress of ${step.id}`} />
            )}{' '}
            {progress.sentence}
          </p>
        )}
        <Samples samples={view.samples.filter((sample) => sample.step === step.id)} />
        <Requirements results={step.requirements} />
        {step.output !== null && step.output !== '' && (
          <Output
            label={`The end of the output of ${step.id}`}
            text={lastLines(step.output, 20)}
            bad={failed}
          />
        )}
        <p>
          <a href={stepPath(view.run, step.id)}>Output and details</a>
        </p>
      </details>
    </li>
  );
}

function Gate({ gate }: { readonly gate: GateView }) {
  const quiet = gate.status === 'pending' || gate.status === 'passed';
  return (
    <li id={`gate-${gate.id}`} class="gate">
      <details open={gate.status === 'waiting' || gate.status === 'failed'}>
        <summary>
          <Status status={gate.status} /> Gate: {gate.name} <code>{gate.id}</code>
          {!quiet && gate.reason !== '' && <span class="reason"> {gate.reason}</span>}
        </summary>
        <Requirements results={gate.requirements} />
        <Votes votes={gate.votes} />
      </details>
    </li>
  );
}

function Samples({ samples }: { readonly samples: readonly StepSample[] }) {
  const byText = new Map<string, StepSample[]>();
  for (const sample of samples) byText.set(sample.text, [...(byText.get(sample.text) ?? []), sample]);
  if (byText.size === 0) return null;
  return (
    <ul class="samples">
      {[...byText].map(([text, of]) => (
        <li>
          {text} <Sparkline text={text} samples={of} />
        </li>
      ))}
    </ul>
  );
}
