/** The whole plan from the first second on: prerequisites, phases with steps and gates, completion. */

import { duration, elapsed } from '../../strategy/render/elapsed.js';
import { progressOf } from '../../strategy/run/excerpt.js';
import { gatesAfter } from '../../strategy/run/gates.js';
import { type AnyStatus, shownPhaseStatus } from '../../strategy/run/labels.js';
import type {
  CompletionView,
  GateView,
  MigrationView,
  PhaseView,
  PrerequisiteView,
  StepView,
} from '../../strategy/run/view.js';
import { phasePath, runPath } from '../paths.js';
import { overrideMarks } from './overrides.js';
import { Requirements, Votes } from './parts.js';
import { Fold, Row } from './row.js';
import { type Drawn, isOpen, Step } from './step-row.js';

/** Rows of steps in one page of a run, shared out among its phases. */
const ROWS = 300;

export function Tree({ view, now, hideDone }: Drawn & { readonly hideDone: boolean }) {
  const prerequisites = hideDone && view.prerequisites.every(isDone) ? [] : view.prerequisites;
  const phases = view.phases.filter((each) => !(hideDone && isDone(each)));
  return (
    <section id="plan" aria-labelledby="plan-title">
      <h2 id="plan-title">Plan</h2>
      <p class="switch">
        {hideDone ? (
          <a href={runPath(view.run)}>Show what is done</a>
        ) : (
          <a href={`${runPath(view.run)}?show=open`}>Hide what is done</a>
        )}
      </p>
      <ol class="tree">
        {prerequisites.length > 0 && <Prerequisites all={prerequisites} view={view} />}
        {phases.map((phase) => (
          <Phase phase={hideDone ? withoutDone(phase) : phase} drawn={{ view, now }} />
        ))}
        <Completion completion={view.completion} />
      </ol>
    </section>
  );
}

const DONE: ReadonlySet<AnyStatus> = new Set(['completed', 'verified', 'skipped']);

function isDone({ status }: { readonly status: AnyStatus }): boolean {
  return DONE.has(status);
}

/** Counted, and not listed. */
function withoutDone(phase: PhaseView): PhaseView {
  const steps = phase.steps.filter((step) => !isDone(step));
  const { done, all } = progressOf(phase);
  const gates = phase.gates === undefined ? {} : { gates: phase.gates.filter((gate) => !isDone(gate)) };
  return { ...phase, steps, omitted: { steps: all - steps.length, done }, ...gates };
}

function Prerequisites({
  all,
  view,
}: {
  readonly all: readonly PrerequisiteView[];
  readonly view: MigrationView;
}) {
  const done = all.filter(({ status }) => status === 'verified' || status === 'skipped').length;
  return (
    <li id="prerequisites" class="phase">
      <details open={done < all.length}>
        <summary>
          <h3>
            <Row
              status={done === all.length ? 'verified' : 'pending'}
              name="Prerequisites"
              id={null}
              reason=""
              side={`${done} of ${all.length}`}
            />
          </h3>
        </summary>
        <ol>
          {all.map(({ id, name, status, reason, requirements }) => (
            <li id={`prerequisite-${id}`}>
              <Fold
                row={{
                  ...{ status, name, id, reason: status === 'verified' ? '' : reason },
                  marks: overrideMarks(view, id),
                }}
                open={status === 'waiting' || status === 'blocked'}
              >
                <Requirements results={requirements} />
              </Fold>
            </li>
          ))}
        </ol>
      </details>
    </li>
  );
}

/** A phase that is done folds to one line; nothing that waits for somebody ever does. */
function Phase({ phase, drawn: { view, now } }: { readonly phase: PhaseView; readonly drawn: Drawn }) {
  const { id, name } = phase;
  const status = shownPhaseStatus(phase, view);
  const { done, all } = progressOf(phase);
  const shown = shownSteps(phase, Math.max(5, Math.floor(ROWS / view.phases.length)));
  const told = status === 'waiting' || status === 'failed';
  const time = timeOf(phase, now);
  const waited = waitedIn(phase);
  const times = [
    ...(time === '' ? [] : [time]),
    ...(waited === 0 ? [] : [`${duration(waited)} of it waiting`]),
  ];
  const side = [`${done} of ${all} steps`, ...times].join(' · ');
  return (
    <li id={`phase-${id}`} class="phase">
      <details open={status !== 'completed'}>
        <summary>
          <h3>
            <Row status={status} name={name} id={id} reason={told ? phase.reason : ''} side={side} />
          </h3>
        </summary>
        <Requirements results={phase.requirements} />
        <ol>
          {gatesAfter(phase, null).map((gate) => (
            <Gate gate={gate} view={view} />
          ))}
          {shown.map((step) => (
            <>
              <Step step={step} drawn={{ view, now }} />
              {gatesAfter(phase, step.id).map((gate) => (
                <Gate gate={gate} view={view} />
              ))}
            </>
          ))}
          {gatesBehindOmitted(phase, shown).map((gate) => (
            <Gate gate={gate} view={view} />
          ))}
          {shown.length < all && (
            <li class="more">
              <a href={phasePath(view.run, id)}>All {all} steps of this phase</a>
            </li>
          )}
          {phase.gate !== null && <Gate gate={phase.gate} view={view} />}
        </ol>
      </details>
    </li>
  );
}

/** All steps, or of too many those to which something happens, then the first ones; in the order of the plan. */
function shownSteps({ steps }: PhaseView, most: number): readonly StepView[] {
  if (steps.length <= most) return steps;
  const kept = new Set([...steps.filter(isOpen), ...steps].slice(0, most));
  return steps.filter((step) => kept.has(step));
}

/** A gate stays in sight where its step is left out. */
function gatesBehindOmitted({ gates = [] }: PhaseView, shown: readonly StepView[]): readonly GateView[] {
  const ids = new Set<string | null>([null, ...shown.map(({ id }) => id)]);
  return gates.filter(({ after }) => !ids.has(after));
}

/** From the start of its first step to the end of its last; to now while it runs. */
function timeOf({ status, steps }: PhaseView, now: number): string {
  const starts = steps.flatMap(({ startedAt }) => startedAt ?? []).sort();
  const ends = steps.flatMap(({ endedAt }) => endedAt ?? []).sort();
  const ended = status === 'completed' || status === 'rolled_back' || status === 'failed';
  return elapsed(starts[0] ?? null, ended ? (ends.at(-1) ?? null) : null, new Date(now));
}

/** For people, at its steps and gates. */
function waitedIn({ steps, gate, gates = [] }: PhaseView): number {
  return [...steps, ...gates, ...(gate === null ? [] : [gate])].reduce(
    (sum, { waited = 0 }) => sum + waited,
    0,
  );
}

function Gate({ gate, view }: { readonly gate: GateView; readonly view: MigrationView }) {
  const { id, name, status, reason, requirements, votes, waited = 0 } = gate;
  const quiet = status === 'pending' || status === 'passed';
  return (
    <li id={`gate-${id}`} class="gate">
      <Fold
        row={{
          ...{ status, name: `Gate: ${name}`, id, reason: quiet ? '' : reason },
          marks: overrideMarks(view, id),
          side: waited === 0 ? '' : `waited ${duration(waited)}`,
        }}
        open={status === 'waiting' || status === 'failed'}
      >
        <Requirements results={requirements} />
        <Votes votes={votes} />
      </Fold>
    </li>
  );
}

function Completion({ completion }: { readonly completion: CompletionView }) {
  const { status, reason, requirements, votes } = completion;
  const quiet = status === 'pending' || status === 'passed';
  return (
    <li id="completion" class="phase">
      <details open={status === 'waiting' || status === 'failed'}>
        <summary>
          <h3>
            <Row status={status} name="Completion and cleanup" id={null} reason={quiet ? '' : reason} />
          </h3>
        </summary>
        <div class="inside">
          <Requirements results={requirements} />
          <Votes votes={votes} />
        </div>
      </details>
    </li>
  );
}
