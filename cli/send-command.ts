/** What pause, resume, abort, rollback, claim, release and throttle have in common. */
import { findKey } from '../client/keys.js';
import type { Command } from '../strategy/run/messages.js';
import { describeCommand } from '../strategy/run/receipt.js';
import { printResult } from './context.js';
import { EXIT, type ExitCode } from './exit.js';
import { withClient } from './link.js';
import { MESSAGES } from './messages.js';
import { actor, type Terminal } from './terminal.js';
import { withExactRun } from './which-run.js';

export type CommandChoice =
  | { readonly command: 'pause' | 'resume' | 'abort' }
  | { readonly command: 'rollback'; readonly to: string }
  | { readonly command: 'claim' | 'take-over' | 'release'; readonly decision: string }
  | { readonly command: 'throttle'; readonly step: string; readonly ratePerSecond: number | null };

export interface CommandRequest {
  readonly run: string;
  readonly command: CommandChoice;
  readonly as?: string | undefined;
  readonly reason?: string | undefined;
  readonly key?: string | undefined;
  readonly json?: true | undefined;
}

export async function sendCommand(terminal: Terminal, request: CommandRequest): Promise<ExitCode> {
  const by = actor(request.as, terminal.env);
  const command: Command = { ...request.command, by, reason: request.reason };
  const { run } = request;
  const onWaiting = (seconds: number) => terminal.note(MESSAGES.waiting(seconds));
  await withClient(terminal, (client) =>
    withExactRun(client, run, () =>
      client.command(run, command, {
        onWaiting,
        key: (identity) => findKey(client.home, identity, request.key),
      }),
    ),
  );
  printResult(terminal, request.json, { run, ...command }, () => [describeCommand(run, command)]);
  return EXIT.done;
}
