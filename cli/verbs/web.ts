import { type Command, InvalidArgumentError } from '@commander-js/extra-typings';
import { usageError } from '../cli-error.js';
import type { CliContext } from '../context.js';
import { type MonitoringPlace, type OidcSettings, oidcSettings, openDashboard } from '../dashboard.js';
import { EXIT } from '../exit.js';
import { withInterrupt } from '../interrupt.js';
import { withClient } from '../link.js';
import { MESSAGES } from '../messages.js';
import type { Terminal } from '../terminal.js';

export function web(command: Command, { terminal, finish }: CliContext): void {
  command
    .option('--port <number>', 'the port (default: the first free one from 8420 on)', port)
    .option('--insecure-listen <address>', 'listen beyond this machine, although names are only claimed')
    .option(
      '--public-url <url>',
      'where browsers reach it; people log in by the provider of SLUICE_OIDC_ISSUER',
    )
    .option('--listen <address>', 'listen on this address, behind a proxy that speaks HTTPS; needs a log-in')
    .action(async (options) => {
      const oidc = logInOf(terminal, options.publicUrl);
      if (oidc === null && options.listen !== undefined)
        throw usageError(
          '--listen needs a log-in: without one, anyone who reaches the dashboard acts under any name.',
          'Set SLUICE_OIDC_ISSUER, SLUICE_OIDC_CLIENT_ID and --public-url, or leave --listen out.',
        );
      const address = options.listen ?? options.insecureListen;
      const monitoring = monitoringOf(terminal);
      await withClient(terminal, async (client) => {
        await withInterrupt(
          () => terminal.note(MESSAGES.stoppingDashboard),
          async (interrupt) => {
            const dashboard = await openDashboard(client, { port: options.port, address, oidc, monitoring });
            try {
              terminal.out(`Dashboard: ${dashboard.url}`);
              terminal.out(`Engine at ${client.address}`);
              if (oidc === null && address !== undefined) terminal.note(MESSAGES.insecure);
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

/** Who says who is who; null where names are claimed. @throws CliError that says which setting is missing or wrong */
function logInOf({ env }: Terminal, publicUrl: string | undefined): OidcSettings | null {
  try {
    return oidcSettings(env, publicUrl);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw usageError(message, 'See the settings of the log-in: docs/identity.md.');
  }
}

/** From SLUICE_METRICS_ADDRESS; null where it is not set. @throws CliError when it is no address and port */
function monitoringOf({ env }: Terminal): MonitoringPlace | null {
  const text = env.SLUICE_METRICS_ADDRESS;
  if (!text) return null;
  const [, address = '', port = ''] = /^([\d.]+|\[[\da-f:]+\]):(\d{1,5})$/i.exec(text) ?? [];
  if (address === '') {
    throw usageError(
      `SLUICE_METRICS_ADDRESS is an IP address and a port, and not "${text}".`,
      'Such as 127.0.0.1:9464.',
    );
  }
  return { address: address.replace(/^\[|\]$/g, ''), port: Number(port) };
}

/** A port number. */
export function port(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 65_535) {
    throw new InvalidArgumentError('Give a port number, such as 8420; 0 takes a free one.');
  }
  return value;
}
