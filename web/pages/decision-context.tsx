/** Around a decision: what has changed since it was asked before, and what is carried out after it. */
import type { StepAhead } from '../../strategy/run/ahead.js';
import type { AskedBefore } from '../../strategy/run/asked-before.js';
import type { RequirementView } from '../../strategy/run/requirement.js';
import { verdictLabel } from '../../strategy/run/results.js';
import { Moment } from './parts.js';

/** Rows before the rest is only counted. */
const MOST_STEPS = 20;
const MOST_LINES = 12;

export function Changes({ before: { id, at, outcome, changes } }: { readonly before: AskedBefore }) {
  return (
    <section id="changes" aria-labelledby="changes-title">
      <h2 id="changes-title">Since it was asked before</h2>
      <p class="dim">
        <code>{id}</code> was asked <Moment at={at} />. {outcome}
      </p>
      {changes.length === 0 ? (
        <p>The machine saw the same.</p>
      ) : (
        <ul class="changes">
          {changes.map(({ text, before, after }) => (
            <li>
              {text}
              <span class="evidence">
                {' '}
                {describe(before, 'not evaluated then')} →{' '}
                <strong>{describe(after, 'not evaluated now')}</strong>
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function describe(result: RequirementView | null, missing: string): string {
  if (result === null) return missing;
  return result.evidence === null ? verdictLabel(result) : `${verdictLabel(result)} (${result.evidence})`;
}

export function Ahead({
  steps,
  subject,
}: {
  readonly steps: readonly StepAhead[];
  readonly subject: string;
}) {
  const own = steps.length === 1 && steps[0]?.id === subject;
  return (
    <section id="ahead" aria-labelledby="ahead-title">
      <h2 id="ahead-title">{own ? 'What this step does' : 'What runs next'}</h2>
      <ol class="ahead">
        {steps.slice(0, MOST_STEPS).map(({ id, name, irreversible, lines }) => (
          <li>
            <p>
              {name} <code>{id}</code>
              {irreversible && <span class="mark">point of no return</span>}
            </p>
            {lines.length > 0 && <pre>{shorten(lines)}</pre>}
          </li>
        ))}
      </ol>
      {steps.length > MOST_STEPS && <p class="dim">and {steps.length - MOST_STEPS} more steps</p>}
    </section>
  );
}

function shorten(lines: readonly string[]): string {
  const more = lines.length - MOST_LINES;
  return [...lines.slice(0, MOST_LINES), ...(more > 0 ? [`and ${more} more`] : [])].join('\n');
}
