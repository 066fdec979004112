/** One open decision with everything that its voter answers for. */

import { answerCommands } from '../../strategy/run/answers.js';
import type { Decision, Option } from '../../strategy/run/decision.js';
import { openNeeds } from '../../strategy/run/decision.js';
import { describeNeeds } from '../../strategy/run/needs.js';
import { describeOption, isFinal, isUsual } from '../../strategy/run/options.js';
import type { MigrationView } from '../../strategy/run/view.js';
import type { Voter } from '../../strategy/run/voters.js';
import { decisionPath, stepPath } from '../paths.js';
import { CommandLine } from './command-line.js';
import { Crumb, lastLines, Moment, Output, Requirements, Status, Votes } from './parts.js';
import { WayBack } from './way-back.js';

export interface DecisionModel {
  readonly view: MigrationView;
  readonly decision: Decision;
  readonly by: string | null;
  /** The ways in which the viewer may answer; none: they may not. */
  readonly voters: readonly Voter[];
  /** Why the viewer may answer nothing at all here; null when they may answer what their roles allow. */
  readonly refusal: string | null;
  readonly token: string;
  /** The reason that a refused form held, so that nothing typed is lost; else empty. */
  readonly typed: string;
}

export function DecisionPage({ view, decision, by, voters, refusal, token, typed }: DecisionModel) {
  const { id, question, evidence, checklist, votes, needs, deadline, openedAt, planHash, evidenceHash } =
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
          {deadline !== null && (
            <>
              , due <Moment at={deadline} />
            </>
          )}
          .
        </p>
      </section>
      <div class="columns">
        <div id="evidence">
          <section aria-labelledby="evidence-title">
            <h2 id="evidence-title">What the machine saw</h2>
            <Subject view={view} decision={decision} />
            <Requirements results={badFirst(evidence)} />
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
        </div>
        <div class="beside">
          <section id="answer" aria-labelledby="answer-title" class="panel">
            <h2 id="answer-title">Your answer</h2>
            {voters.length === 0 && (
              <p>{refusal ?? `${by} cannot vote on it now: it needs ${describeNeeds(needs, 'named')}.`}</p>
            )}
            {voters.length === 0 && <Answers decision={decision} />}
            {voters.map((voter) => (
              <VoterForms model={{ view, decision, by, voters, refusal, token, typed }} voter={voter} />
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
        <Status status={step.status} /> <a href={stepPath(view.run, step.id)}>{step.name}</a> {step.reason}
      </p>
      {step.output !== null && step.output !== '' && (
        <Output label={`The end of the output of ${step.id}`} text={lastLines(step.output, 20)} bad />
      )}
    </>
  );
}

/** One form for the usual options; one each, with a confirmation, for those after which nobody can go back. */
function VoterForms({ model, voter }: { readonly model: DecisionModel; readonly voter: Voter }) {
  const usual = voter.options.filter((option) => !isFinal(option));
  const final = voter.options.filter(isFinal);
  return (
    <>
      {usual.length > 0 && <VoteForm model={model} voter={voter} options={usual} />}
      {final.map((option) => (
        <details class="final" id={`final-${voter.role ?? 'anyone'}-${option}`}>
          <summary>
            <strong class="bad">{option}</strong>{' '}
            <span class="dim">{describeOption(model.decision.kind, option)}</span>
          </summary>
          <VoteForm model={model} voter={voter} options={[option]} />
        </details>
      ))}
    </>
  );
}

function VoteForm({
  model: { view, decision, token, typed },
  voter,
  options,
}: {
  readonly model: DecisionModel;
  readonly voter: Voter;
  readonly options: readonly Option[];
}) {
  const final = options.some(isFinal);
  const needed = options.filter((option) => decision.reasonFor.includes(option));
  return (
    <form
      id={`vote-${voter.role ?? 'anyone'}-${options.join('-')}`}
      class="vote"
      method="post"
      action={decisionPath(view.run, decision.id)}
      data-keep
    >
      <input type="hidden" name="token" value={token} />
      <input type="hidden" name="plan" value={decision.planHash} />
      <input type="hidden" name="evidence" value={decision.evidenceHash} />
      {voter.role !== undefined && <input type="hidden" name="role" value={voter.role} />}
      <p class="who">
        {voter.by}
        {voter.role === undefined || voter.role === voter.by ? '' : ` as "${voter.role}"`}
      </p>
      <label>
        Reason{needed.length > 0 ? ` (required for ${needed.join(', ')})` : ''}
        <textarea name="reason" rows={2} maxlength={2000} required={needed.length === options.length}>
          {typed}
        </textarea>
      </label>
      {final && (
        <label class="confirm">
          <input type="checkbox" name="sure" required />{' '}
          {options.map((option) => describeOption(decision.kind, option))}
        </label>
      )}
      <div class="options">
        {options.map((option) => (
          <div>
            <button
              type="submit"
              name="option"
              value={option}
              class={final ? 'bad' : isUsual(option) && !decision.reasonFor.includes(option) ? 'primary' : ''}
            >
              {option}
            </button>
            {!final && <span class="dim">{describeOption(decision.kind, option)}</span>}
          </div>
        ))}
      </div>
    </form>
  );
}
