/** The record of an ended run, from the file that its worker wrote: no engine is needed. */
import { readFile } from 'node:fs/promises';
import { recordFile } from '../strategy/layout.js';
import { applyEvent, initialView } from '../strategy/run/apply.js';
import type { RunEvent } from '../strategy/run/event.js';
import { ENDED, type MigrationView } from '../strategy/run/view.js';

export interface RecordedRun {
  readonly events: readonly RunEvent[];
  readonly view: MigrationView;
}

/** The ended run of this id; null when this host has no record of it, or not a whole one. */
export async function recordedRun(home: string, run: string): Promise<RecordedRun | null> {
  const text = await readFile(recordFile(home, run), 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'EISDIR'))
      return null;
    throw error;
  });
  if (text === null) return null;
  const events = wholeRecord(text);
  const [started] = events ?? [];
  if (events === null || started?.type !== 'run-started') return null;
  const view = events.reduce(applyEvent, initialView(run, started));
  return ENDED.includes(view.status) ? { events, view } : null;
}

/** Every event from the first on, in order; null when a line is missing or cut off. */
function wholeRecord(text: string): readonly RunEvent[] | null {
  const events: RunEvent[] = [];
  for (const line of text.split('\n').filter((each) => each !== '')) {
    const event = parseEvent(line);
    if (event === null || event.seq !== events.length) return null;
    events.push(event);
  }
  return events;
}

function parseEvent(line: string): RunEvent | null {
  try {
    const value: unknown = JSON.parse(line);
    return isEvent(value) ? value : null;
  } catch {
    // A full disk or a lost host cut the line off: the engine has the rest.
    return null;
  }
}

function isEvent(value: unknown): value is RunEvent {
  return typeof value === 'object' && value !== null && 'seq' in value && 'type' in value && 'at' in value;
}
