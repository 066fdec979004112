/** Ctrl-C and its relatives: the first asks for a clean stop, the second stops at once. */

const CODES = new Map<NodeJS.Signals, number>([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
]);

export interface Interrupt {
  /** Aborts at the first signal. */
  readonly signal: AbortSignal;
  /** Resolves at the first signal. */
  readonly fired: Promise<void>;
}

/**
 * Handles the signals while `work` runs. `first` is called at once when the first one comes, to say what
 * happens now; the second ends the process with the signal's usual exit code.
 */
export async function withInterrupt<T>(
  first: () => void,
  work: (interrupt: Interrupt) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const { signal } = controller;
  const fired = new Promise<void>((resolve) =>
    signal.addEventListener('abort', () => resolve(), { once: true }),
  );
  const handle = (name: NodeJS.Signals): void => {
    if (signal.aborted) process.exit(CODES.get(name) ?? 1);
    controller.abort();
    first();
  };
  for (const name of CODES.keys()) process.on(name, handle);
  try {
    return await work({ signal, fired });
  } finally {
    for (const name of CODES.keys()) process.off(name, handle);
  }
}
