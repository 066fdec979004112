/** Small pieces that several pages share. */

import type { Child } from 'hono/jsx';
import { evaluatorLabel } from '../../strategy/kinds/probes/index.js';
import { duration } from '../../strategy/render/elapsed.js';
import type { Vote } from '../../strategy/run/decision.js';
import { type AnyStatus, type Glyph, glyph, statusLabel } from '../../strategy/run/labels.js';
import type { RequirementView } from '../../strategy/run/requirement.js';
import { verdictLabel } from '../../strategy/run/results.js';
import { describeCaster } from '../../strategy/run/voted.js';
import { runPath } from '../paths.js';

/** A status as sign and word: never by colour alone. */
export function Status({ status }: { readonly status: AnyStatus | 'unknown' }) {
  const { sign, tone } = glyphOf(status);
  return (
    <span class={`status ${tone}`}>
      <span aria-hidden="true">{sign}</span> {statusLabel(status)}
    </span>
  );
}

/** Only the sign, where the word stands in the same row. */
export function Sign({ status }: { readonly status: AnyStatus }) {
  const { sign, tone } = glyph(status);
  return (
    <span class={`sign ${tone}`} aria-hidden="true">
      {sign}
    </span>
  );
}

function glyphOf(status: AnyStatus | 'unknown'): Glyph {
  return status === 'unknown' ? { sign: '!', tone: 'bad' } : glyph(status);
}

/** Where a page is: the runs, this run, and the part of it that the page shows. */
export function Crumb({ run, children }: { readonly run: string; readonly children?: Child }) {
  return (
    <p class="crumb">
      <a href="/runs">Runs</a> / {children === undefined ? run : <a href={runPath(run)}>{run}</a>}
      {children !== undefined && <> / {children}</>}
    </p>
  );
}

/** A moment as a person reads it; the browser shows it in the local zone. */
export function Moment({ at }: { readonly at: string }) {
  return <time datetime={at}>{`${at.slice(0, 16).replace('T', ' ')} UTC`}</time>;
}

const INSTANT = /(\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)/;

/** A text of the run, with each instant in it as a time that the browser shows in its zone. */
export function Timed({ text }: { readonly text: string }) {
  // Every second part is an instant.
  return <>{text.split(INSTANT).map((part, place) => (place % 2 === 1 ? <Moment at={part} /> : part))}</>;
}

/** The time left, counted down by the browser between two updates of the page, from the server's clock. */
export function TimeLeft({ until, now }: { readonly until: string; readonly now: number }) {
  const left = Math.max(0, Date.parse(until) - now);
  return (
    <span>
      <span class="left" data-left={String(left)}>
        {duration(left)}
      </span>{' '}
      left, until <Moment at={until} />
    </span>
  );
}

/** Until when an answer is due, in words. Nothing is decided by its passing. */
export function Due({ deadline, now }: { readonly deadline: string; readonly now: number }) {
  const left = Date.parse(deadline) - now;
  if (left <= 0) {
    return (
      <strong class="bad">
        overdue by {duration(-left)}, since <Moment at={deadline} />
      </strong>
    );
  }
  return (
    <>
      due in{' '}
      <span class="left" data-left={String(left)}>
        {duration(left)}
      </span>
      , at <Moment at={deadline} />
    </>
  );
}

/** What became of each requirement, and how that was found out. */
export function Requirements({ results }: { readonly results: readonly RequirementView[] }) {
  if (results.length === 0) return null;
  return (
    <ul class="results">
      {results.map((result) => (
        <li class={toneOf(result)}>
          <span class="verdict">{verdictLabel(result)}</span>{' '}
          <span class="text">
            {result.text}
            {result.evidence !== null && (
              <span class="evidence">
                {' '}
                <Timed text={result.evidence} />
              </span>
            )}
          </span>{' '}
          <span class="how">by {evaluatorLabel(result.how)}</span>
        </li>
      ))}
    </ul>
  );
}

function toneOf({ verdict }: RequirementView): string {
  if (verdict === null) return 'dim';
  return verdict === 'pass' ? 'good' : verdict === 'fail' ? 'bad' : 'asks';
}

export function Votes({ votes }: { readonly votes: readonly Vote[] }) {
  if (votes.length === 0) return null;
  return (
    <ul class="votes">
      {votes.map((vote) => (
        <li>
          <strong>{vote.by}</strong>
          {describeCaster(vote).slice(vote.by.length)} voted <strong>{vote.option}</strong>
          {vote.reason === null ? '' : `: ${vote.reason}`} <Moment at={vote.at} />
        </li>
      ))}
    </ul>
  );
}

/** A message after a form: what was refused and why, or what was taken. */
export function Notice({ text, tone }: { readonly text: string; readonly tone: 'good' | 'bad' }) {
  return (
    <p class={`banner ${tone}`} role={tone === 'bad' ? 'alert' : undefined}>
      {text}
    </p>
  );
}

/** What a program printed; it scrolls by itself, so it can be reached by keyboard. */
export function Output({
  label,
  text,
  bad = false,
}: {
  readonly label: string;
  readonly text: string;
  readonly bad?: boolean;
}) {
  return (
    <section class={bad ? 'output bad' : 'output'} tabindex={0} aria-label={label}>
      <pre>{text}</pre>
    </section>
  );
}

/** The end of an output, which says why. */
export function lastLines(text: string, count: number): string {
  return text.trimEnd().split('\n').slice(-count).join('\n');
}
