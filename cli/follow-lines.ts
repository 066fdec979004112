/** Follows a run with one plain line per event: for logs, pipes, and later readers. */
import type { RunEvent } from '../strategy/run/event.js';
import { waitsForPerson } from './exit.js';
import { eventLine } from './show/event-line.js';
import type { Ending, Watched } from './watched.js';

export interface LineOptions {
  readonly say: (line: string) => void;
  /** Ends when the run waits for a person. */
  readonly noWait: boolean;
  readonly signal: AbortSignal;
}

export async function followLines(run: Watched, { say, noWait, signal }: LineOptions): Promise<Ending> {
  const waiting = new Waiting();
  for await (const event of run.events(signal)) {
    const line = eventLine(event);
    if (line !== null) say(line);
    waiting.take(event);
    if (noWait && waiting.mayBlock() && (await isBlocked(run, event))) return 'blocked';
  }
  return signal.aborted ? 'interrupted' : 'ended';
}

/** Asks the run itself, once all events so far are printed: an earlier question may long be answered. */
async function isBlocked(run: Watched, latest: RunEvent): Promise<boolean> {
  const view = await run.view();
  return view.seq <= latest.seq + 1 && waitsForPerson(view);
}

/** Keeps count of what a person has to answer, so that the run is asked only when it may be blocked. */
class Waiting {
  private readonly open = new Set<string>();
  private paused = false;

  take(event: RunEvent): void {
    if (event.type === 'decision-opened') this.open.add(event.decision.id);
    if (event.type === 'decision-closed') this.open.delete(event.decision);
    if (event.type === 'paused') this.paused = true;
    if (event.type === 'resumed') this.paused = false;
  }

  mayBlock(): boolean {
    return this.paused || this.open.size > 0;
  }
}
