/** Limits the rows per second of a step while it copies or changes them. */
import { shellWord } from '../../strategy/run/answers.js';
import type { StepProgress } from '../../strategy/run/progress.js';
import type { MigrationView } from '../../strategy/run/view.js';
import { runPath } from '../paths.js';
import { CommandLine } from './command-line.js';
import type { CommandModel } from './commands.js';
import { Moment } from './parts.js';
import { SignState, signedBy } from './signing.js';

/** What copies or changes rows now. */
export function rowsUnderWay(view: MigrationView): readonly StepProgress[] {
  return view.progress.filter(({ unit }) => unit === 'rows');
}

export function Throttles({ view, model }: { readonly view: MigrationView; readonly model: CommandModel }) {
  return (
    <>
      {rowsUnderWay(view).map(({ step }) => (
        <Throttle view={view} step={step} model={model} />
      ))}
    </>
  );
}

interface ThrottleModel {
  readonly view: MigrationView;
  readonly step: string;
  readonly model: CommandModel;
}

function Throttle({ view, step, model: { token, refusal, signing } }: ThrottleModel) {
  const limit = view.throttles?.find((each) => each.step === step);
  const { run } = view;
  return (
    <details id={`limit-of-${step}`}>
      <summary>Throttle {step}</summary>
      <form
        id={`throttle-${step}`}
        method="post"
        action={`${runPath(run)}/commands/throttle`}
        data-keep
        {...signedBy(signing === null ? null : { ...signing, claims: { ...signing.claims, step } })}
      >
        <input type="hidden" name="token" value={token} />
        <input type="hidden" name="step" value={step} />
        <label>
          Rows per second of {step}
          <input
            name="rate"
            type="number"
            min="1"
            step="1"
            inputmode="numeric"
            aria-describedby={`limit-${step}`}
          />
        </label>
        <p class="dim" id={`limit-${step}`}>
          {limit === undefined ? (
            'Nobody has limited it. Left empty: the limit of the strategy.'
          ) : (
            <>
              Limited to {limit.ratePerSecond} rows/s by {limit.by}, <Moment at={limit.at} />. Left empty: the
              limit of the strategy.
            </>
          )}
        </p>
        <label>
          Reason
          <input name="reason" maxlength={2000} autocomplete="off" />
        </label>
        <button type="submit" disabled={refusal !== null || signing !== null}>
          Throttle
        </button>
        <SignState signing={signing} />
        {refusal === null ? (
          <CommandLine command={`sluice throttle ${shellWord(run)} ${shellWord(step)} RATE`} />
        ) : (
          <p class="dim">{refusal}</p>
        )}
      </form>
    </details>
  );
}
