/** Opens the dashboard for the verbs that host it. */
import type { Sluice } from '../client/sluice.js';
import type { ServedDashboard } from '../web/serve.js';
import { CliError } from './cli-error.js';
import { EXIT } from './exit.js';

/** @param port by default the first free one from 8420 on. @throws CliError `no-port` when it cannot listen */
export async function openDashboard(
  client: Sluice,
  port: number | undefined,
  address: string | undefined,
): Promise<ServedDashboard> {
  const { DEFAULT_PORT, serveDashboard } = await import('../web/serve.js');
  try {
    return await serveDashboard({ client, port: port ?? DEFAULT_PORT, exact: port !== undefined, address });
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error && error.syscall === 'listen')) throw error;
    throw new CliError(
      'no-port',
      `The dashboard cannot listen: ${error.message}.`,
      'Name another port: --port 0 takes a free one.',
      EXIT.problems,
    );
  }
}
