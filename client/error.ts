/** What the client could not do. One class with a code for programs; message and advice are for people. */

/**
 * `no-engine`: no Temporal server is configured or answers. `no-worker`: the server answers, but no worker polls.
 * `stalled`: workers poll, but none of them gets the run's workflow code any further.
 * `no-run`: no run of that id. `run-exists`: the id is taken. `run-ended`: nothing can be said to it any more.
 * `bad-run-id`: not usable as an id. `bad-plan`: the files have problems. `refused`: the run said no, and nothing
 * changed. `key`: there is no key to sign with. `unreadable-file`: a file that was named cannot be read.
 * `unknown-outcome`: no answer came in time; it may have happened. `engine-trouble`: anything else.
 */
export type ErrorCode =
  | 'no-engine'
  | 'no-worker'
  | 'stalled'
  | 'no-run'
  | 'run-exists'
  | 'run-ended'
  | 'bad-run-id'
  | 'bad-plan'
  | 'refused'
  | 'unreadable-file'
  | 'key'
  | 'unknown-outcome'
  | 'engine-trouble';

export class SluiceError extends Error {
  override readonly name = 'SluiceError';

  constructor(
    readonly code: ErrorCode,
    message: string,
    /** What to do next; null when the message says it all. */
    readonly advice: string | null,
    cause?: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause });
  }
}
