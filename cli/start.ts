/** Starting a run: carried out and followed in this process, or handed over to a worker that is there already. */
import type { Plan, Sluice, SubmitOptions } from '../client/index.js';
import { isWatched } from '../strategy/run/view.js';
import { CliError, errorDocument } from './cli-error.js';
import { printResult } from './context.js';
import { EXIT, type ExitCode, exitOf } from './exit.js';
import { followLines } from './follow-lines.js';
import { followLive } from './follow-live.js';
import type { HostedWorker } from './hosting.js';
import { type Interrupt, withInterrupt } from './interrupt.js';
import { keyboard } from './keyboard.js';
import { withClient } from './link.js';
import { MESSAGES } from './messages.js';
import { describeStatus } from './show/status.js';
import type { Terminal } from './terminal.js';
import { type Ending, type Watched, watchedRun } from './watched.js';

export interface StartRequest {
  readonly plan: Plan;
  readonly submit: SubmitOptions;
  /** The person said who they are. */
  readonly named: boolean;
  readonly noWait: boolean;
  readonly json: boolean;
}

/** Submits the run for a worker elsewhere. @throws CliError `no-worker`, and then nothing is submitted */
export function startDetached(request: StartRequest, terminal: Terminal): Promise<ExitCode> {
  return withClient(terminal, async (client) => {
    if (!(await client.hasWorker())) {
      throw new CliError(
        'no-worker',
        `No worker polls at ${client.address}, so nothing would execute the run. Nothing was submitted.`,
        'Start one in another terminal (sluice up, or sluice worker), or omit --detach.',
        EXIT.noEngine,
      );
    }
    const submitted = await client.submit(request.plan, request.submit);
    printResult(terminal, request.json, submitted, () => [submitted.run]);
    return EXIT.done;
  });
}

/** Hosts the engine (where none is configured) and a worker, submits, and follows. */
export async function startHere(request: StartRequest, terminal: Terminal): Promise<ExitCode> {
  const { hostWorker } = await import('./hosting.js');
  let started: string | null = null;
  const first = (): void => {
    if (started !== null) terminal.note(`\n${MESSAGES.lives(started)}`);
    terminal.note(MESSAGES.stopping);
  };
  return withInterrupt(first, async (interrupt) => {
    const hosted = await hostWorker(terminal);
    try {
      if (interrupt.signal.aborted) return EXIT.interrupted;
      const { run, attached } = await hosted.client.submit(request.plan, request.submit);
      started = run;
      terminal.note(attached ? MESSAGES.attached(run) : MESSAGES.begun(run));
      const watched = watchedRun(hosted.client, run, (text) => terminal.note(`sluice: ${text}`));
      const following = follow(watched, run, hosted.client, request, terminal, interrupt);
      const ending = await whileWorking(hosted, following, interrupt);
      return await conclude(ending, watched, run, request, terminal);
    } finally {
      await hosted.close();
    }
  });
}

/**
 * A worker that fails ends the following as well: nothing else would happen in this process. An interrupt ends
 * it at once, without waiting for a last answer of an engine that may be going away itself.
 */
async function whileWorking(
  hosted: HostedWorker,
  following: Promise<Ending>,
  { fired }: Interrupt,
): Promise<Ending> {
  // Where another one wins the race, what the following still meets on its way out is of no interest.
  following.catch(() => undefined);
  const died = hosted.worker.run.then((): Promise<Ending> => following);
  return Promise.race([following, died, fired.then((): Ending => 'interrupted')]);
}

function follow(
  watched: Watched,
  run: string,
  client: Sluice,
  request: StartRequest,
  terminal: Terminal,
  { signal }: Interrupt,
): Promise<Ending> {
  const { noWait, json } = request;
  if (!terminal.interactive || json) {
    const say = (line: string): void => (json ? terminal.note(line) : terminal.out(line));
    return followLines(watched, { say, noWait, signal });
  }
  const actor = { by: request.submit.by, named: request.named };
  const prompter = keyboard(client, run, request.plan, actor, terminal);
  return followLive(watched, { terminal, prompter, noWait, signal });
}

async function conclude(
  ending: Ending,
  watched: Watched,
  run: string,
  request: StartRequest,
  terminal: Terminal,
): Promise<ExitCode> {
  if (ending === 'interrupted') {
    if (request.json) terminal.out(JSON.stringify(errorDocument(interrupted(run)), null, 2));
    return EXIT.interrupted;
  }
  const view = await watched.view();
  // On a terminal the tree stands there already.
  if (request.json || !terminal.interactive) {
    printResult(terminal, request.json, view, () => describeStatus(view, terminal));
  }
  if (ending === 'blocked') terminal.note(MESSAGES.blocked(run));
  if (isWatched(view)) terminal.note(MESSAGES.stillWatched(run));
  return exitOf(view);
}

function interrupted(run: string): CliError {
  return new CliError('interrupted', 'Stopped before the run ended.', MESSAGES.lives(run), EXIT.interrupted);
}
