/** What pause, resume, abort and rollback have in common. */
import type { Command } from '../strategy/run/messages.js';
import { printResult } from './context.js';
import { EXIT, type ExitCode } from './exit.js';
import { withClient } from './link.js';
import { MESSAGES } from './messages.js';
import { actor, type Terminal } from './terminal.js';
import { withExactRun } from './which-run.js';

export type CommandChoice =
  | { readonly command: 'pause' | 'resume' | 'abort' }
  | { readonly command: 'rollback'; readonly to: string };

export interface CommandRequest {
  readonly run: string;
  readonly command: CommandChoice;
  readonly as?: string | undefined;
  readonly reason?: string | undefined;
  readonly json?: true | undefined;
}

export async function sendCommand(terminal: Terminal, request: CommandRequest): Promise<ExitCode> {
  const by = actor(request.as, terminal.env);
  const command: Command = { ...request.command, by, reason: request.reason };
  const { run } = request;
  const onWaiting = (seconds: number) => terminal.note(MESSAGES.waiting(seconds));
  await withClient(terminal, (client) =>
    withExactRun(client, run, () => client.command(run, command, { onWaiting })),
  );
  printResult(terminal, request.json, { run, ...command }, () => [describeCommand(run, command)]);
  return EXIT.done;
}

function describeCommand(run: string, command: Command): string {
  switch (command.command) {
    case 'pause':
      return `${run} pauses before its next action. Continue it with: sluice resume ${run}`;
    case 'resume':
      return `${run} continues.`;
    case 'abort':
      return `${run} stops and keeps what is applied; during a rollback, after the undo under way. See: sluice status ${run}`;
    case 'rollback':
      return `${run} rolls back to ${command.to}. Watch: sluice status ${run} --watch`;
    default:
      return command satisfies never;
  }
}
