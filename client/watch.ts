/** Watching a run's view, over restarts of its worker and its engine. */
import { WORKFLOW } from '../strategy/run/messages.js';
import type { MigrationView } from '../strategy/run/view.js';
import type { SluiceError } from './error.js';
import { pause } from './pause.js';
import { withProgress } from './progress.js';
import { isPassing, noRun, type Session } from './session.js';
import { describe, markOf, summary, view } from './view.js';

export interface WatchOptions {
  /** Ends the watching, without an error. */
  readonly signal?: AbortSignal | undefined;
  /** Called once when the engine or the worker goes away, and with null when it is back. */
  readonly onTrouble?: ((trouble: SluiceError | null) => void) | undefined;
}

/** Between two looks at whether anything has changed; a quiet run is polled less often. */
const SHORTEST_MS = 200;
const LONGEST_MS = 1_000;
const SLOWER = 1.25;

/**
 * Yields the view now and whenever it changes, as a summary for a large run (see `PhaseView.omitted`); ends after the
 * view of the ended run. While the engine or the worker is away it waits for them, however long.
 *
 * Whether anything has changed is asked of the engine, which knows without a worker; the run itself is asked once per change.
 * @throws SluiceError `no-run`; `run-ended` when the run was ended from outside and left no result.
 */
export async function* watch(
  session: Session,
  run: string,
  { signal, onTrouble }: WatchOptions = {},
): AsyncGenerator<MigrationView, void> {
  let seenMark = '';
  let seen: MigrationView | null = null;
  let shown = '';
  let pauseMs = SHORTEST_MS;
  let trouble = false;
  while (!signal?.aborted) {
    try {
      const described = await describe(session, run);
      if (described.type !== WORKFLOW) throw noRun(session, run);
      if (described.status !== 'RUNNING') {
        const last = await view(session, run);
        // A run still writes its record out after its last event: that event's view may have been shown already.
        if (lookOf(last) !== shown) yield last;
        return;
      }
      const mark = markOf(described);
      if (seen === null || mark !== seenMark) seen = await summary(session, run);
      seenMark = mark;
      const now = await withProgress(session, seen, described.raw);
      if (trouble) onTrouble?.(null);
      trouble = false;
      const look = lookOf(now);
      pauseMs = look === shown ? Math.min(pauseMs * SLOWER, LONGEST_MS) : SHORTEST_MS;
      if (look !== shown) yield now;
      shown = look;
    } catch (error) {
      if (!isPassing(error)) throw error;
      if (!trouble) onTrouble?.(error);
      trouble = true;
      pauseMs = LONGEST_MS;
    }
    await pause(pauseMs, signal);
  }
}

/** What makes two views differ: nothing changes without an event, except what is reported by heartbeat. */
function lookOf({ seq, progress, samples }: MigrationView): string {
  return `${seq} ${JSON.stringify([progress, samples])}`;
}
