/** A run as `run` and `status --watch` look at it. */
import type { Sluice, SluiceError } from '../client/index.js';
import type { RunEvent } from '../strategy/run/event.js';
import type { MigrationView } from '../strategy/run/view.js';

export interface Watched {
  view(): Promise<MigrationView>;
  /** The view whenever it changes, until the run ends or the signal fires. */
  views(signal: AbortSignal, onTrouble: (trouble: SluiceError | null) => void): AsyncIterable<MigrationView>;
  /** Every event from the first on, until the run ends or the signal fires. */
  events(signal: AbortSignal): AsyncIterable<RunEvent>;
}

/** Why the watching ended: the run did, every path waits for a person, or the signal fired. */
export type Ending = 'ended' | 'blocked' | 'interrupted';

/** A run that a client looks at. `note` is called when the engine or the worker goes away and comes back. */
export function watchedRun(client: Sluice, run: string, note: (text: string) => void): Watched {
  const noteTrouble = (trouble: SluiceError | null): void =>
    note(
      trouble === null
        ? 'Connected again.'
        : `${trouble.message} Waiting for it. ${trouble.advice ?? ''}`.trim(),
    );
  return {
    view: () => client.view(run),
    views: (signal, onTrouble) => client.watch(run, { signal, onTrouble }),
    events: (signal) => client.follow(run, { signal, onTrouble: noteTrouble }),
  };
}
