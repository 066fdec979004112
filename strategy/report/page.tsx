/** A report as one HTML page that needs no network and no script, for auditors and for printing. */

import { duration, elapsed } from '../render/elapsed.js';
import { renderDocument, Section } from '../render/page-parts.js';
import { describeFollowUp, kindLabel } from '../run/afterwards.js';
import type { Vote } from '../run/decision.js';
import { describeDowntime } from '../run/downtime.js';
import type { RunEvent } from '../run/event.js';
import { gatesAfter } from '../run/gates.js';
import { type AnyStatus, glyph, statusLabel } from '../run/labels.js';
import { describeNeeds } from '../run/needs.js';
import { describeResult } from '../run/results.js';
import type { GateView, MigrationView, PhaseView, RequirementView, StepView } from '../run/view.js';
import { describeCaster } from '../run/voted.js';
import { describeApplied, describeEvent } from '../run/wording.js';
import type { Report, ReportedDecision, ReportedRollback } from './report.js';

/** A whole document. All text of the record is escaped by the JSX runtime. */
export function renderReportPage(report: Report): string {
  const { view } = report;
  const { name, version } = view.strategy;
  return renderDocument(
    `${name} ${version}: report on ${view.run}`,
    <>
      <header>
        <h1>
          {name} <small>{version}</small>
        </h1>
        <p>
          <Status status={view.status} />: {view.reason}
        </p>
        <Summary report={report} />
      </header>
      <main>
        <Section title="What remains">
          <p>{describeApplied(view)}</p>
        </Section>
        {view.prerequisites.length > 0 && (
          <Section title="Prerequisites">
            {view.prerequisites.map(({ id, name: what, status, reason, requirements }) => (
              <article>
                <Heading id={id} name={what} status={status} />
                {reason !== '' && <p>{reason}</p>}
                <Results results={requirements} />
              </article>
            ))}
          </Section>
        )}
        {view.phases.map((phase, index) => (
          <Phase phase={phase} number={index + 1} report={report} />
        ))}
        <Section title="Completion">
          <p>
            <Status status={view.completion.status} />
            {view.completion.reason !== '' && `: ${view.completion.reason}`}
          </p>
          <Results results={view.completion.requirements} />
          <Votes votes={view.completion.votes} />
        </Section>
        <AfterCompletion view={view} />
        <Section title="Decisions">
          {report.decisions.length === 0 && <p>Nobody was asked anything.</p>}
          {report.decisions.map((decided) => (
            <DecisionArticle decided={decided} />
          ))}
        </Section>
        <Section title="Rollbacks">
          {report.rollbacks.length === 0 && <p>Nothing was rolled back.</p>}
          {report.rollbacks.map((rollback) => (
            <Rollback rollback={rollback} />
          ))}
        </Section>
        {report.rehearsals.length > 0 && (
          <Section title="Rehearsals">
            <p>Trials of this plan before or beside the run, each with a fault and the way back from it.</p>
            <ul>
              {report.rehearsals.map(
                ({ rollback_scenario: scenario, test_date: at, test_result, evidence }) => (
                  <li>
                    {test_result}: {scenario}, <Moment at={at} />. {evidence}
                  </li>
                ),
              )}
            </ul>
          </Section>
        )}
        <Happenings title="Commands" events={report.commands} none="Nobody commanded the run." />
        <Happenings title="Alerts" events={report.alerts} none="No alert fired." />
        <Happenings title="Refused attempts" events={report.refused} none="No vote or command was refused." />
        <Happenings title="Every event" events={report.events} none="" />
      </main>
    </>,
  );
}

function AfterCompletion({ view: { afterwards } }: { readonly view: MigrationView }) {
  if (afterwards === undefined) return null;
  return (
    <Section title="After the completion">
      {afterwards.followUps.map((followUp) => (
        <article>
          <Heading id={followUp.id} name={followUp.name} status={followUp.status} />
          <p>
            {kindLabel(followUp.kind)}, {followUp.timing}
            {followUp.irreversible && '; a rollback does not take it back'}
          </p>
          <p>{describeFollowUp(followUp)}</p>
          <Results results={followUp.requirements} />
        </article>
      ))}
      {afterwards.optimizations.length > 0 && (
        <article>
          <h3>To improve later</h3>
          <ul>
            {afterwards.optimizations.map((text) => (
              <li>{text}</li>
            ))}
          </ul>
        </article>
      )}
    </Section>
  );
}

function Summary({ report: { view, record } }: { readonly report: Report }) {
  const { run, submittedBy, startedAt, endedAt, worked, waited, compress, strategy, downtime } = view;
  return (
    <dl>
      <dt>Run</dt>
      <dd>{run}</dd>
      <dt>Plan</dt>
      <dd>
        <code>{strategy.hash}</code>
      </dd>
      <dt>Started</dt>
      <dd>
        <Moment at={startedAt} /> by {submittedBy}
      </dd>
      <dt>Ended</dt>
      <dd>{endedAt === null ? 'not yet' : <Moment at={endedAt} />}</dd>
      <dt>Worked</dt>
      <dd>
        {duration(worked)}, and waited {duration(waited)} for people
      </dd>
      {downtime !== undefined && (
        <>
          <dt>Downtime</dt>
          <dd>{describeDowntime(downtime, endedAt ?? view.asOf)}</dd>
        </>
      )}
      {compress !== 1 && (
        <>
          <dt>Trial</dt>
          <dd>Every soak, interval, deadline and delay was divided by {compress}.</dd>
        </>
      )}
      {record !== null && (
        <>
          <dt>Record</dt>
          <dd>
            {record.count} events, head <code>{record.head}</code>
          </dd>
        </>
      )}
    </dl>
  );
}

interface PhaseProps {
  readonly phase: PhaseView;
  readonly number: number;
  readonly report: Report;
}

function Phase({ phase, number, report }: PhaseProps) {
  return (
    <Section title={`Phase ${number}: ${phase.name}`}>
      <p>
        <Status status={phase.status} />
        {phase.reason !== '' && `: ${phase.reason}`}
      </p>
      <Results results={phase.requirements} />
      {gatesAfter(phase, null).map((gate) => (
        <Gate gate={gate} />
      ))}
      {phase.steps.map((step) => (
        <>
          <Step step={step} report={report} />
          {gatesAfter(phase, step.id).map((gate) => (
            <Gate gate={gate} />
          ))}
        </>
      ))}
      {phase.gate !== null && <Gate gate={phase.gate} />}
    </Section>
  );
}

function Step({ step, report }: { readonly step: StepView; readonly report: Report }) {
  const times = report.times[step.id];
  const actions = report.actions.filter((action) => action.step === step.id);
  return (
    <article>
      <Heading id={step.id} name={step.name} status={step.status} />
      {step.reason !== '' && <p>{step.reason}</p>}
      {step.startedAt !== null && (
        <p class="how">
          Started <Moment at={step.startedAt} />
          {times !== undefined &&
            `, worked ${duration(times.worked)}${times.waited === 0 ? '' : `, waited ${duration(times.waited)} for people`}`}
          {step.attempts > 1 && `, ${step.attempts} attempts`}
        </p>
      )}
      {actions.length > 0 && (
        <ul>
          {actions.map((action) => (
            <li>
              <Moment at={action.at} /> {describeEvent(action)}
              {action.output.trim() !== '' && <pre>{action.output.trimEnd()}</pre>}
            </li>
          ))}
        </ul>
      )}
      <Results results={step.requirements} />
    </article>
  );
}

function Gate({ gate }: { readonly gate: GateView }) {
  return (
    <article class="gate">
      <Heading id={`Gate ${gate.id}`} name={gate.name} status={gate.status} />
      {gate.reason !== '' && <p>{gate.reason}</p>}
      <Results results={gate.requirements} />
      <Votes votes={gate.votes} />
    </article>
  );
}

function DecisionArticle({ decided }: { readonly decided: ReportedDecision }) {
  const { decision, closedAt, option, outcome, override } = decided;
  return (
    <article>
      <h3>
        <code>{decision.id}</code> {decision.question}
      </h3>
      <p class="how">
        Asked <Moment at={decision.openedAt} />, needs {describeNeeds(decision.needs)}
        {closedAt !== null && `, open for ${elapsed(decision.openedAt, closedAt, new Date(closedAt))}`}
      </p>
      <p>
        {closedAt === null
          ? 'Still open.'
          : option === null
            ? outcome
            : `Decided: ${option} ${outcome ?? ''}`}
      </p>
      {override && (
        <p class="irreversible">
          <strong>Override:</strong> this goes against the automated result.
        </p>
      )}
      <Votes votes={decision.votes} />
      <Results results={decision.evidence} />
      {decision.checklist.length > 0 && (
        <>
          <p>Answered for by the voters:</p>
          <ul>
            {decision.checklist.map((line) => (
              <li>{line}</li>
            ))}
          </ul>
        </>
      )}
      <p class="how">
        Evidence <code>{decision.evidenceHash}</code>
        {decision.recordHead !== undefined && (
          <>
            , record up to the question <code>{decision.recordHead}</code>
          </>
        )}
      </p>
    </article>
  );
}

function Rollback({ rollback }: { readonly rollback: ReportedRollback }) {
  const { number, level, landing, cause, by, startedAt, finishedAt, undos } = rollback;
  return (
    <article>
      <h3>
        Rollback {number}: {level}, to {landing}
      </h3>
      <p>{cause}</p>
      <p class="how">
        Started <Moment at={startedAt} />
        {by === null ? '' : ` by ${by}`},{' '}
        {finishedAt === null
          ? 'not finished'
          : `took ${elapsed(startedAt, finishedAt, new Date(finishedAt))}`}
      </p>
      <ol>
        {undos.map(({ at, step, done, reason }) => (
          <li>
            <Moment at={at} /> {step} {done ? 'undone' : 'NOT undone'}: {reason}
          </li>
        ))}
      </ol>
    </article>
  );
}

interface HappeningsProps {
  readonly title: string;
  readonly events: readonly RunEvent[];
  readonly none: string;
}

function Happenings({ title, events, none }: HappeningsProps) {
  const lines = events.flatMap((event) => {
    const text = describeEvent(event);
    return text === null ? [] : [{ at: event.at, text }];
  });
  return (
    <Section title={title}>
      {lines.length === 0 && <p>{none}</p>}
      <ul>
        {lines.map(({ at, text }) => (
          <li>
            <Moment at={at} /> {text}
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Votes({ votes }: { readonly votes: readonly Vote[] }) {
  if (votes.length === 0) return null;
  return (
    <ul>
      {votes.map((vote) => (
        <li>
          <Moment at={vote.at} /> <strong>{vote.option}</strong> by {describeCaster(vote)}
          {vote.reason === null ? '' : `: ${vote.reason}`}
        </li>
      ))}
    </ul>
  );
}

function Results({ results }: { readonly results: readonly RequirementView[] }) {
  if (results.length === 0) return null;
  return (
    <ul>
      {results.map((result) => (
        <li>{describeResult(result)}</li>
      ))}
    </ul>
  );
}

function Heading({
  id,
  name,
  status,
}: {
  readonly id: string;
  readonly name: string;
  readonly status: AnyStatus;
}) {
  return (
    <h3>
      <code>{id}</code> {name} (<Status status={status} />)
    </h3>
  );
}

function Status({ status }: { readonly status: AnyStatus }) {
  return (
    <strong>
      <span aria-hidden="true">{glyph(status).sign}</span> {statusLabel(status)}
    </strong>
  );
}

/** To the second, in UTC: readers of the report may be anywhere. */
function Moment({ at }: { readonly at: string }) {
  const text = `${at.slice(0, 10)} ${at.slice(11, 19)} UTC`;
  return <time datetime={at}>{text}</time>;
}
