/** Following a run, over restarts of its worker and its engine. */
import type { RunEvent } from '../strategy/run/event.js';
import { SluiceError } from './error.js';
import { chain, PAGE, page } from './events.js';
import { pause } from './pause.js';
import { isPassing, type Session } from './session.js';
import { describe, markOf } from './view.js';

export interface FollowOptions {
  /** The first `seq` wanted; by default 0. */
  readonly from?: number | undefined;
  /** Also what comes after the completion, to its end; by default false. */
  readonly afterwards?: boolean | undefined;
  /** Ends the following, without an error. */
  readonly signal?: AbortSignal | undefined;
  /** Told once when the engine or the worker goes away, and with null when it is back. */
  readonly onTrouble?: ((trouble: SluiceError | null) => void) | undefined;
}

const SHORTEST_MS = 100;
const LONGEST_MS = 1_000;
const SLOWER = 1.5;
/**
 * A question costs a worker a workflow task, so a run is asked when the engine knows that something happened in it, and
 * otherwise after this long: that is how it shows that no worker answers.
 */
const ASKED_AGAIN_MS = 5_000;
/** A record that cannot be written is tried for about this long. */
const CLOSING_MS = 30_000;

/**
 * Yields every event once, in order, as it happens; ends after `run-ended`, or once the run is completed and only watched
 * (`afterwards-begun`). While the engine or the worker is away
 * it waits for them, however long.
 * @throws SluiceError `no-run`; `run-ended` when the run was ended from outside, without a last event.
 */
export async function* follow(
  session: Session,
  run: string,
  options: FollowOptions = {},
): AsyncGenerator<RunEvent, void> {
  const { signal, onTrouble } = options;
  let next = options.from ?? 0;
  let pauseMs = SHORTEST_MS;
  let trouble = false;
  let asked: Asked = { mark: '', at: 0 };
  while (!signal?.aborted) {
    const news = await look(session, run, next, asked);
    if (news instanceof SluiceError) {
      if (!trouble) onTrouble?.(news);
      trouble = true;
    } else {
      if (trouble) onTrouble?.(null);
      trouble = false;
      asked = news.asked;
      for (const event of news.events) {
        next = event.seq + 1;
        yield event;
        if (isLast(event, options)) return await closing(session, run, event, signal);
      }
      if (news.over) throw endedFromOutside(run);
    }
    const idle = news instanceof SluiceError || news.events.length === 0;
    pauseMs = idle ? Math.min(pauseMs * SLOWER, LONGEST_MS) : SHORTEST_MS;
    await pause(pauseMs, signal);
  }
}

function isLast({ type }: RunEvent, { afterwards = false }: FollowOptions): boolean {
  return type === 'run-ended' || (type === 'afterwards-begun' && !afterwards);
}

/**
 * After its last event a run still writes its record out. A program that stops its worker when the following ends would
 * leave that to the next worker.
 */
async function closing(
  session: Session,
  run: string,
  last: RunEvent,
  signal: AbortSignal | undefined,
): Promise<void> {
  // A run that is still watched has written its record, and stays open.
  if (last.type === 'afterwards-begun') return;
  const deadline = Date.now() + CLOSING_MS;
  while (!signal?.aborted && Date.now() < deadline) {
    try {
      if ((await describe(session, run)).status !== 'RUNNING') return;
    } catch (error) {
      if (!isPassing(error)) throw error;
    }
    await pause(SHORTEST_MS / 2, signal);
  }
}

/** When the run was asked last, and what the engine knew of it then. */
interface Asked {
  readonly mark: string;
  readonly at: number;
}

interface News {
  readonly events: readonly RunEvent[];
  /** Nothing will come any more. */
  readonly over: boolean;
  readonly asked: Asked;
}

/** What is new, or the passing trouble that hides it. */
async function look(session: Session, run: string, from: number, last: Asked): Promise<News | SluiceError> {
  try {
    const described = await describe(session, run);
    const over = described.status !== 'RUNNING';
    const mark = markOf(described);
    if (!over && mark === last.mark && Date.now() - last.at < ASKED_AGAIN_MS)
      return { events: [], over, asked: last };
    const { oldest, total, events } = await page(session, run, from);
    // A full page is not the last one.
    const asked = { mark: events.length < PAGE ? mark : '', at: Date.now() };
    if (oldest <= from) return { events, over: over && events.length === 0, asked };
    return { events: await chain(session, run, described.runId, from, total), over: false, asked };
  } catch (error) {
    if (isPassing(error)) return error;
    throw error;
  }
}

function endedFromOutside(run: string): SluiceError {
  return new SluiceError(
    'run-ended',
    `The run "${run}" was terminated or timed out in Temporal, so it did not undo anything.`,
    'Before you continue, check what is applied: sluice events, and the Web UI of Temporal.',
  );
}
