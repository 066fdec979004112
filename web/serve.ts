/** Serves the dashboard on a port of this machine. */
import { isIP } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';
import { type ServerType, serve } from '@hono/node-server';
import type { Sluice } from '../client/sluice.js';
import { createDashboard } from './app.js';
import type { OidcSettings } from './session/oidc-settings.js';
import { Sessions } from './session/sessions.js';

export interface ServeOptions {
  readonly client: Sluice;
  /** 0 takes a free one. */
  readonly port: number;
  /** Only this port will do; by default the next ones are tried when it is taken. */
  readonly exact?: boolean | undefined;
  /** Another address than this machine's own needs `insecureListen` or a log-in: names are only claimed without. */
  readonly address?: string | undefined;
  /** The identity provider that says who is who; by default names are claimed. */
  readonly oidc?: OidcSettings | null | undefined;
  /** Where health and metrics are served besides, for machines: without a session, and under any host name. */
  readonly monitoring?: MonitoringPlace | null | undefined;
}

export interface MonitoringPlace {
  /** An IP address of this machine. */
  readonly address: string;
  readonly port: number;
}

export interface ServedDashboard {
  /** With the token that lets its reader in, where nobody logs in. */
  readonly url: string;
  readonly port: number;
  /** Tells open pages, finishes requests, and stops listening. */
  close(): Promise<void>;
}

/** Of a port that is taken: the next one is tried, so that two homes can show theirs side by side. */
export const DEFAULT_PORT = 8420;
const PORTS_TRIED = 20;
const LOOPBACK = '127.0.0.1';

/** @throws Error with the system's code, such as EADDRINUSE, when it cannot listen */
export async function serveDashboard({
  client,
  port,
  exact = false,
  address = LOOPBACK,
  oidc = null,
  monitoring = null,
}: ServeOptions): Promise<ServedDashboard> {
  const sessions = new Sessions(client.home);
  const insecure = address !== LOOPBACK && oidc === null;
  let close = (): void => undefined;
  let fetch: Parameters<typeof serve>[0]['fetch'] = () => new Response(null, { status: 503 });
  const { server, port: bound } = await listen(address, port, exact ? 0 : PORTS_TRIED, (request, env) =>
    fetch(request, env),
  );
  const dashboard = createDashboard({
    client,
    sessions,
    origins:
      oidc === null ? namesOf(address).map((name) => `http://${name}:${bound}`) : [oidc.publicUrl.origin],
    port: bound,
    insecure,
    oidc,
  });
  fetch = dashboard.app.fetch;
  close = dashboard.close;
  const second =
    monitoring === null ? null : await bind(monitoring.address, monitoring.port, dashboard.monitoring.fetch);
  return {
    url:
      oidc === null
        ? `http://${namesOf(address)[0]}:${bound}/open?token=${sessions.accessToken}`
        : oidc.publicUrl.href,
    port: bound,
    close: async () => {
      close();
      await Promise.all([stop(server), second === null ? undefined : stop(second.server)]);
    },
  };
}

/** Finishes requests, and stops listening. */
function stop(server: ServerType): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    if ('closeIdleConnections' in server) server.closeIdleConnections();
    // A browser keeps its connection; it has been told.
    setTimeout(() => {
      if ('closeAllConnections' in server) server.closeAllConnections();
    }, 500).unref();
  });
}

/** Under which names the dashboard is reached; the first is the one for people. */
function namesOf(address: string): readonly string[] {
  if (address === LOOPBACK) return [LOOPBACK, 'localhost'];
  // One that stands for every address of this machine is in no URL.
  const own = isIP(address) !== 0 && /^[0.:]+$/.test(address) ? addressesOfThisMachine() : [address];
  return [...own.map(inUrl), hostname(), LOOPBACK, 'localhost'];
}

function addressesOfThisMachine(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap((all = []) =>
    all.filter(({ internal }) => !internal).map((each) => each.address),
  );
}

function inUrl(address: string): string {
  return isIP(address) === 6 ? `[${address}]` : address;
}

async function listen(
  address: string,
  port: number,
  more: number,
  fetch: Parameters<typeof serve>[0]['fetch'],
): Promise<{ readonly server: ServerType; readonly port: number }> {
  for (let tried = 0; ; tried += 1) {
    try {
      return await bind(address, port === 0 ? 0 : port + tried, fetch);
    } catch (error) {
      const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
      if (!taken || port === 0 || tried >= more) throw error;
    }
  }
}

function bind(
  hostname: string,
  port: number,
  fetch: Parameters<typeof serve>[0]['fetch'],
): Promise<{ readonly server: ServerType; readonly port: number }> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch, hostname, port }, (info) => resolve({ server, port: info.port }));
    server.once('error', reject);
  });
}
