/** The forms with which one person answers a decision. */
import type { Decision, Option } from '../../strategy/run/decision.js';
import { describeOption, isFinal, isUsual } from '../../strategy/run/options.js';
import type { Voter } from '../../strategy/run/voters.js';
import { decisionPath } from '../paths.js';
import { type Signing, SignState, signedBy } from './signing.js';

export interface Answering extends Voter {
  /** What the browser signs; null where names count as claimed. */
  readonly signing: Signing | null;
}

interface VoteModel {
  readonly run: string;
  readonly decision: Decision;
  readonly token: string;
  /** The reason that a refused form held; else empty. */
  readonly typed: string;
}

interface VoterModel {
  readonly model: VoteModel;
  readonly voter: Answering;
}

/**
 * One form for the usual options. Those after which nobody can go back, and those that go against what the machine saw,
 * stand apart, each with one confirmation.
 */
export function VoterForms({ model, voter }: VoterModel) {
  const apart = voter.options.filter((option) => needsConfirmation(model.decision, option));
  const usual = voter.options.filter((option) => !apart.includes(option));
  return (
    <>
      {usual.length > 0 && <VoteForm model={model} voter={voter} options={usual} />}
      {apart.map((option) => (
        <details class="final" id={`final-${seatOf(voter)}-${option}`}>
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

/** Tells the forms of one page apart. */
function seatOf({ role, onBehalfOf }: Voter): string {
  return [role ?? 'anyone', ...(onBehalfOf === undefined ? [] : [onBehalfOf])].join('-');
}

function needsConfirmation({ reasonFor }: Decision, option: Option): boolean {
  return isFinal(option) || reasonFor.includes(option);
}

function VoteForm({
  model: { run, decision, token, typed },
  voter,
  options,
}: VoterModel & { readonly options: readonly Option[] }) {
  const { by, role, onBehalfOf, signing } = voter;
  const confirmed = options.some((option) => needsConfirmation(decision, option));
  const needed = options.filter((option) => decision.reasonFor.includes(option));
  return (
    <form
      id={`vote-${seatOf(voter)}-${options.join('-')}`}
      class="vote"
      method="post"
      action={decisionPath(run, decision.id)}
      data-keep
      {...signedBy(signing)}
    >
      <input type="hidden" name="token" value={token} />
      <input type="hidden" name="plan" value={decision.planHash} />
      <input type="hidden" name="evidence" value={decision.evidenceHash} />
      {decision.recordHead !== undefined && <input type="hidden" name="record" value={decision.recordHead} />}
      {role !== undefined && <input type="hidden" name="role" value={role} />}
      {onBehalfOf !== undefined && <input type="hidden" name="for" value={onBehalfOf} />}
      <p class="who">
        {by}
        {role === undefined || role === by ? '' : ` as "${role}"`}
        {onBehalfOf === undefined ? '' : `, standing in for ${onBehalfOf}`}
      </p>
      <label>
        Reason{needed.length > 0 ? ' (required: it goes against what the machine saw)' : ''}
        <textarea name="reason" rows={2} maxlength={2000} required={needed.length > 0}>
          {typed}
        </textarea>
      </label>
      {confirmed && (
        <label class="confirm">
          <input type="checkbox" name="sure" required />{' '}
          {options.map((option) => describeOption(decision.kind, option))}
        </label>
      )}
      <SignState signing={signing} />
      <div class="options">
        {options.map((option) => (
          <div>
            <button
              type="submit"
              name="option"
              value={option}
              disabled={signing !== null}
              class={confirmed ? 'bad' : isUsual(option) ? 'primary' : ''}
            >
              {option}
            </button>
            {!confirmed && <span class="dim">{describeOption(decision.kind, option)}</span>}
          </div>
        ))}
      </div>
    </form>
  );
}
