import { type Command, InvalidArgumentError } from '@commander-js/extra-typings';
import type { CliContext } from '../context.js';
import { openDashboard } from '../dashboard.js';
import { EXIT } from '../exit.js';
import { withInterrupt } from '../interrupt.js';
import { withClient } from '../link.js';
import { MESSAGES } from '../messages.js';

export function web(command: Command, { terminal, finish }: CliContext): void {
  command
    .option('--port <number>', 'the port (default: the first free one from 8420 on)', port)
    .option('--insecure-listen <address>', 'listen beyond this machine, although names are only claimed')
    .action(async (options) => {
      await withClient(terminal, async (client) => {
        await withInterrupt(
          () => terminal.note(MESSAGES.stoppingDashboard),
          async (interrupt) => {
            const dashboard = await openDashboard(client, options.port, options.insecureListen);
            try {
              terminal.out(`Dashboard: ${dashboard.url}`);
              terminal.out(`Engine at ${client.address}`);
              if (options.insecureListen !== undefined) terminal.note(MESSAGES.insecure);
              terminal.out(MESSAGES.ready);
              await interrupt.fired;
            } finally {
              await dashboard.close();
            }
          },
        );
      });
      finish(EXIT.done);
    });
}

/** A port number. */
export function port(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 65_535) {
    throw new InvalidArgumentError('Give a port number, such as 8420; 0 takes a free one.');
  }
  return value;
}
