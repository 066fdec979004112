/** The record of an ended run, from the file that its worker wrote: no engine is needed. */
import { readFile } from 'node:fs/promises';
import { recordFile } from '../strategy/layout.js';
import { eventOfLine, hashLine } from '../strategy/record/line.js';
import { applyEvent, initialView } from '../strategy/run/apply.js';
import type { RunEvent } from '../strategy/run/event.js';
import { isOver, isWatched, type MigrationView } from '../strategy/run/view.js';

export interface RecordedRun {
  readonly events: readonly RunEvent[];
  readonly view: MigrationView;
}

/** The ended run of this id; null when this host has no record of it, or not a whole one, and while anything of it is open. */
export async function recordedRun(home: string, run: string): Promise<RecordedRun | null> {
  const recorded = await completedRun(home, run);
  return recorded !== null && isOver(recorded.view) ? recorded : null;
}

/** As `recordedRun`, and also a run that is completed and still watched: it may have gone on since. */
export async function completedRun(home: string, run: string): Promise<RecordedRun | null> {
  const text = await recordText(home, run);
  if (text === null) return null;
  const events = wholeRecord(text);
  const [started] = events ?? [];
  if (events === null || started?.type !== 'run-started') return null;
  const view = events.reduce(applyEvent, initialView(run, started));
  return isOver(view) || isWatched(view) ? { events, view } : null;
}

/** Every event from the first on, in order; null when a line is missing or cut off. */
function wholeRecord(text: string): readonly RunEvent[] | null {
  const events: RunEvent[] = [];
  for (const line of text.split('\n').filter((each) => each !== '')) {
    const event = eventOfLine(line);
    if (event === null || event.seq !== events.length) return null;
    events.push(event);
  }
  return events;
}

/** How far the record of a run is written out on this host. */
export interface RecordedHead {
  /** How many lines are written. */
  readonly count: number;
  /** The hash of the last one: keep it to show later that the record up to here was not changed. */
  readonly head: string;
}

/** The head of a run's record; null when this host has none. */
export async function recordHead(home: string, run: string): Promise<RecordedHead | null> {
  const lines = ((await recordText(home, run)) ?? '').split('\n').slice(0, -1);
  const last = lines.at(-1);
  return last === undefined ? null : { count: lines.length, head: hashLine(last) };
}

function recordText(home: string, run: string): Promise<string | null> {
  return readFile(recordFile(home, run), 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'EISDIR'))
      return null;
    throw error;
  });
}
