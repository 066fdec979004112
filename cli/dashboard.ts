/** Opens the dashboard for the verbs that host it. */
import type { Sluice } from '../client/sluice.js';
import type { MonitoringPlace, ServedDashboard } from '../web/serve.js';
import type { OidcSettings } from '../web/session/oidc-settings.js';
import { CliError } from './cli-error.js';
import { EXIT } from './exit.js';

export type { MonitoringPlace } from '../web/serve.js';
export { type OidcSettings, oidcSettings } from '../web/session/oidc-settings.js';

export interface DashboardPlace {
  /** By default the first free one from 8420 on. */
  readonly port?: number | undefined;
  /** By default this machine's own. */
  readonly address?: string | undefined;
  readonly oidc?: OidcSettings | null;
  /** Where health and metrics are served besides. */
  readonly monitoring?: MonitoringPlace | null;
}

/** @throws CliError `no-port` when it cannot listen */
export async function openDashboard(
  client: Sluice,
  { port, address, oidc, monitoring }: DashboardPlace,
): Promise<ServedDashboard> {
  const { DEFAULT_PORT, serveDashboard } = await import('../web/serve.js');
  try {
    return await serveDashboard({
      client,
      port: port ?? DEFAULT_PORT,
      exact: port !== undefined,
      address,
      oidc,
      monitoring,
    });
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
