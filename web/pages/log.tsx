/** What one execution of an action printed: its end on the page of the step, all of it by pages on its own. */
import type { FinishedAction } from '../../client/logs.js';
import { duration } from '../../strategy/render/elapsed.js';
import { piecesOf } from '../ansi.js';
import type { Line } from '../log-lines.js';
import { logPath, rawLogPath, stepPath } from '../paths.js';
import { Paging } from './paging.js';
import { Crumb } from './parts.js';

export interface ShownLog {
  readonly job: string;
  /** Such as `Action 1, attempt 2`. */
  readonly title: string;
  /** What ran; empty where it is not known. */
  readonly what: string;
  /** How it ended; null while it runs, and where the record does not tell. */
  readonly outcome: FinishedAction | null;
  readonly lines: readonly Line[];
  /** Lines in all. */
  readonly total: number;
  /** How many lines match the search; null without one. */
  readonly found: number | null;
}

interface Place {
  readonly run: string;
  readonly step: string;
}

/** @param follow the end is shown, and stays in sight while it grows */
export function Log({
  run,
  step,
  log,
  follow,
}: Place & { readonly log: ShownLog; readonly follow: boolean }) {
  const { job, lines, total, found } = log;
  return (
    <div class="log" id={`log-${job}`}>
      <LogHead log={log} />
      <p class="log-links">
        <span class="dim">{describeCount(log)}</span>
        {found === null && lines.length < total && (
          <a href={logPath(run, step, job, 1)}>From the beginning</a>
        )}
        <a href={logPath(run, step, job)}>Alone</a>
        <a href={rawLogPath(run, step, job)}>Download</a>
      </p>
      <Lines {...{ run, step, log, follow }} whole={false} />
    </div>
  );
}

function LogHead({ log: { title, what, outcome } }: { readonly log: ShownLog }) {
  return (
    <h3>
      {title}
      {what !== '' && <code>{what}</code>}
      {outcome !== null && (
        <span class={outcome.outcome === 'done' ? 'good' : 'bad'}>
          {outcome.outcome === 'done' ? 'done' : (outcome.cause ?? outcome.outcome)}
          {` in ${duration(outcome.durationMs)}`}
        </span>
      )}
    </h3>
  );
}

function describeCount({ lines, total, found }: ShownLog): string {
  const all = `${total} ${total === 1 ? 'line' : 'lines'}`;
  if (found !== null) return `${found} of ${all} ${found === 1 ? 'matches' : 'match'}`;
  const last = lines.at(-1);
  if (last === undefined || lines.length === total) return all;
  return last.number === total
    ? `the last ${lines.length} of ${all}`
    : `${lines[0]?.number} to ${last.number} of ${all}`;
}

interface LinesModel extends Place {
  readonly log: ShownLog;
  readonly follow: boolean;
  /** A page of its own, on which each line has an address. */
  readonly whole: boolean;
}

function Lines({ run, step, log, follow, whole }: LinesModel) {
  const { job, title, lines, found } = log;
  if (lines.length === 0)
    return <p class="dim">{found === null ? '(it printed nothing)' : '(no line matches)'}</p>;
  return (
    <section
      class="output lines"
      role="log"
      aria-live="off"
      tabindex={0}
      aria-label={`Output: ${title}`}
      data-follow={follow ? 'yes' : undefined}
    >
      <pre>
        {lines.map(({ number, text }) => (
          <span class="line" id={whole ? `L${number}` : undefined}>
            <a href={logPath(run, step, job, number)} aria-label={`Line ${number}`}>
              {number}
            </a>
            <span>
              {piecesOf(text).map((piece) =>
                piece.look === '' ? piece.text : <span class={piece.look}>{piece.text}</span>,
              )}
            </span>
          </span>
        ))}
      </pre>
    </section>
  );
}

export interface LogPageModel extends Place {
  readonly log: ShownLog;
  /** The first line shown, from 0. */
  readonly from: number;
}

/** Lines in one page of a log. */
export const LINES_SHOWN = 500;

export function LogPage({ run, step, log, from }: LogPageModel) {
  const end = from + log.lines.length;
  return (
    <>
      <Crumb run={run}>
        <a href={stepPath(run, step)}>
          <code>{step}</code>
        </a>{' '}
        / output
      </Crumb>
      <h1>Output of {step}</h1>
      <LogHead log={log} />
      <p class="log-links">
        <span class="dim">{describeCount(log)}</span>
        <a href={logPath(run, step, log.job, 1)}>Beginning</a>
        <a href={logPath(run, step, log.job)}>End</a>
        <a href={rawLogPath(run, step, log.job)}>Download</a>
      </p>
      <Paging
        label="Pages of the output"
        {...{ from, shown: log.lines.length, total: log.total, size: LINES_SHOWN }}
        more={end < log.total}
        link={(start) => logPath(run, step, log.job, start + 1)}
      />
      <div id={`log-${log.job}`} class="log whole">
        <Lines {...{ run, step, log, follow: end >= log.total }} whole />
      </div>
    </>
  );
}
