/** One open decision with everything that its voter answers for. */

import type { StepAhead } from '../../strategy/run/ahead.js';
import { answerCommands } from '../../strategy/run/answers.js';
import type { AskedBefore } from '../../strategy/run/asked-before.js';
import type { Decision } from '../../strategy/run/decision.js';
import { openNeeds } from '../../strategy/run/decision.js';
import { describeNeeds } from '../../strategy/run/needs.js';
import { describeOption } from '../../strategy/run/options.js';
import type { MigrationView } from '../../strategy/run/view.js';
import { stepPath } from '../paths.js';
import { ClaimForm, type ClaimModel } from './claim.js';
import { CommandLine } from './command-line.js';
import { Ahead, Changes } from './decision-context.js';
import { Crumb, Due, lastLines, Moment, Output, Requirements, Status, Timed, Votes } from './parts.js';
import { type Answering, VoterForms } from './vote-form.js';
import { WayBack } from './way-back.js';

export interface DecisionModel {
  readonly view: MigrationView;
  readonly decision: Decision;
  /** Milliseconds since 1970, by the server's clock. */
  readonly now: number;
  /** The ways in which the viewer may answer; none: they may not. */
  readonly voters: readonly Answering[];
  /** Why the viewer may answer nothing at all here; null when they may answer what their roles allow. */
  readonly refusal: string | null;
  readonly token: string;
  /** The reason that a refused form held, so that nothing typed is lost; else empty. */
  readonly typed: string;
  /** Who is on it, and what the viewer may say about that. */
  readonly claim: ClaimModel;
  /** The last time it was asked; null for a question that is new. */
  readonly before: AskedBefore | null;
  /** What is carried out next; null where the plan is not at hand. */
  readonly ahead: readonly StepAhead[] | null;
}

export function DecisionPage(model: DecisionModel) {
  const { view, decision, now, voters, refusal, token, typed, before, ahead, claim } = model;
  const { id, question, evidence, checklist, votes, deadline, openedAt, planHash, evidenceHash, recordHead } =
    decision;
  return (
    <>
      <section id="question" class="headline" aria-label="Question">
        <Crumb run={view.run}>
          <code>{id}</code>
        </Crumb>
        <h1>{question}</h1>
        <p>
          Needs <strong>{describeNeeds(openNeeds(decision), 'named')}</strong>. Open since{' '}
          <Moment at={openedAt} />
          {deadline === null ? '.' : ', '}
          {deadline !== null && <Due deadline={deadline} now={now} />}
        </p>
        <p class="jump">
          <a class="button" href="#answer">
            To your answer
          </a>
        </p>
        <ClaimForm run={view.run} decision={decision} model={claim} />
      </section>
      <div class="columns">
        <div id="evidence">
          {before !== null && <Changes before={before} />}
          <section aria-labelledby="evidence-title">
            <h2 id="evidence-title">What the machine saw</h2>
            <Subject view={view} decision={decision} />
            <Requirements results={badFirst(evidence)} />
            <Declared evidence={evidence} />
          </section>
          {checklist.length > 0 && (
            <section id="checklist" aria-labelledby="checklist-title">
              <h2 id="checklist-title">What only a person can say</h2>
              <ul class="checklist">
                {checklist.map((item) => (
                  <li>{item}</li>
                ))}
              </ul>
            </section>
          )}
          {votes.length > 0 && (
            <section id="votes" aria-labelledby="votes-title">
              <h2 id="votes-title">Votes so far</h2>
              <Votes votes={votes} />
            </section>
          )}
          {ahead !== null && ahead.length > 0 && <Ahead steps={ahead} subject={decision.subject} />}
        </div>
        <div class="beside">
          <section id="answer" aria-labelledby="answer-title" class="panel">
            <h2 id="answer-title">Your answer</h2>
            {voters.length === 0 && <p>{refusal}</p>}
            {voters.length === 0 && <Answers decision={decision} />}
            {voters.map((voter) => (
              <VoterForms model={{ run: view.run, decision, token, typed }} voter={voter} />
            ))}
            <details id="same-command">
              <summary>The same on the command line</summary>
              {answerCommands(view.run, decision).map((command) => (
                <CommandLine command={command} />
              ))}
            </details>
            <p class="dim">
              A vote counts for plan <code>{planHash.slice(0, 12)}</code> and evidence{' '}
              <code>{evidenceHash.slice(0, 12)}</code> only: if either changes first, it is refused.
              {recordHead !== undefined && (
                <>
                  {' '}
                  It names the record up to this question: <code>{recordHead.slice(0, 12)}</code>.
                </>
              )}
            </p>
          </section>
          <WayBack view={view} />
        </div>
      </div>
    </>
  );
}

/** What was evaluated; what does not hold comes first. */
function badFirst(evidence: Decision['evidence']): Decision['evidence'] {
  const judged = evidence.filter(({ verdict }) => verdict !== null);
  const holds = judged.filter(({ verdict }) => verdict === 'pass');
  return [...judged.filter((each) => !holds.includes(each)), ...holds];
}

/** What the strategy says of the place, such as its risks: nothing that a machine judged. */
function Declared({ evidence }: Pick<Decision, 'evidence'>) {
  const declared = evidence.filter(({ how, verdict }) => how === 'declared' && verdict === null);
  if (declared.length === 0) return null;
  return (
    <ul class="declared">
      {declared.map(({ text, evidence: measures }) => (
        <li>
          {text}
          {measures !== null && <span class="evidence"> {measures}</span>}
        </li>
      ))}
    </ul>
  );
}

/** What each answer does, for those who may only read. */
function Answers({ decision: { kind, options } }: { readonly decision: Decision }) {
  return (
    <dl class="answers">
      {options.map((option) => (
        <div>
          <dt>{option}</dt>
          <dd>{describeOption(kind, option)}</dd>
        </div>
      ))}
    </dl>
  );
}

/** What the step in question said: its own error and the end of its output, not those of another. */
function Subject({
  view,
  decision: { subject, evidence },
}: {
  readonly view: MigrationView;
  readonly decision: Decision;
}) {
  const step = view.phases.flatMap((phase) => phase.steps).find(({ id }) => id === subject);
  if (step === undefined)
    return evidence.length > 0 ? null : <p class="empty">Nothing is evaluated by machine here.</p>;
  return (
    <>
      <p>
        <Status status={step.status} /> <a href={stepPath(view.run, step.id)}>{step.name}</a>{' '}
        <Timed text={step.reason} />
      </p>
      {step.output !== null && step.output !== '' && (
        <Output label={`The end of the output of ${step.id}`} text={lastLines(step.output, 20)} bad />
      )}
    </>
  );
}
