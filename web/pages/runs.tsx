/** The runs, newest first, filtered by status and words. */
import type { RunSummary } from '../../client/list.js';
import { runPath } from '../paths.js';
import { Paging } from './paging.js';
import { Moment, Status, Timed } from './parts.js';

export interface RunsModel {
  readonly runs: readonly RunSummary[];
  readonly filter: RunsFilter;
  readonly from: number;
}

export interface RunsFilter {
  /** Words in the id, the strategy's name, who submitted it, or the reason. */
  readonly words: string;
  readonly show: 'all' | 'open' | 'ended';
}

/** Runs in one page. */
export const RUNS_SHOWN = 50;

export function Runs({ runs, filter, from }: RunsModel) {
  const found = runs.filter((run) => matches(run, filter));
  const shown = found.slice(from, from + RUNS_SHOWN);
  return (
    <>
      <h1>Runs</h1>
      <form class="filter" id="filter" method="get" action="/runs">
        <label>
          Search <input type="search" name="q" value={filter.words} />
        </label>
        <label>
          Show{' '}
          <select name="show">
            {(['all', 'open', 'ended'] as const).map((value) => (
              <option value={value} selected={filter.show === value}>
                {value}
              </option>
            ))}
          </select>
        </label>
        <button type="submit">Filter</button>
      </form>
      {found.length === 0 ? (
        <p class="empty">
          {runs.length === 0 ? 'There are no runs. Start one: sluice run FILE.' : 'No run matches.'}
        </p>
      ) : (
        <section class="scroll" tabindex={0} aria-label="Runs">
          <table>
            <thead>
              <tr>
                <th scope="col">Run</th>
                <th scope="col">Status</th>
                <th scope="col">Started</th>
                <th scope="col">By</th>
              </tr>
            </thead>
            <tbody>
              {shown.map(({ run, strategy, status, reason, startedAt, submittedBy, decisions }) => (
                <tr id={`run-${run}`}>
                  <th scope="row">
                    <a href={runPath(run)}>{strategy ?? run}</a>
                    <br />
                    <code>{run}</code>
                  </th>
                  <td>
                    <Status status={status} />
                    {decisions.length > 0 && <strong> · needs a person</strong>}
                    {reason !== '' && (
                      <p class="reason">
                        <Timed text={reason} />
                      </p>
                    )}
                  </td>
                  <td data-label="Started">
                    <Moment at={startedAt} />
                  </td>
                  <td data-label="By">{submittedBy}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
      <Paging
        label="Pages of the runs"
        {...{ from, shown: shown.length, total: found.length, size: RUNS_SHOWN }}
        more={from + shown.length < found.length}
        link={(start) => pageOf(filter, start)}
      />
    </>
  );
}

function pageOf({ words, show }: RunsFilter, from: number): string {
  return `/runs?${new URLSearchParams({ q: words, show, from: String(from) })}`;
}

function matches(
  { run, strategy, submittedBy, reason, endedAt }: RunSummary,
  { words, show }: RunsFilter,
): boolean {
  if (show !== 'all' && (endedAt === null) !== (show === 'open')) return false;
  const text = [run, strategy, submittedBy, reason].join(' ').toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}
