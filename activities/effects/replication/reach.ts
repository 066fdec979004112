/**
 * Whether the two servers of a stream can reach each other by the URIs of their connections, as far as addresses tell. A URI that this
 * host can use is no use to another server when it means this host: then `create subscription` would fail.
 */
import type { Session } from '../../sql/session.js';

/** One server, as this host reaches it. */
export interface End {
  readonly connection: string;
  /** Of the URI; empty for a socket. */
  readonly host: string;
  readonly port: string;
  readonly password: boolean;
  /** Where the server took this connection; null for a socket. */
  readonly serverAddress: string | null;
  readonly serverPort: string | null;
  /** From where it did. */
  readonly clientAddress: string | null;
  readonly superuser: boolean;
}

/** Only reads. `uri`: of the connection, which can be parsed. */
export async function readEnd(session: Session, connection: string, uri: string): Promise<End> {
  const [row] = (
    await session.query(`select host(inet_server_addr()) as server, inet_server_port()::text as port, host(inet_client_addr()) as client,
  (select rolsuper::text from pg_roles where rolname = current_user) as superuser`)
  ).rows;
  const { hostname, port, password, searchParams } = new URL(uri);
  return {
    connection,
    host: searchParams.get('host') ?? decodeURIComponent(hostname),
    port: port || '5432',
    password: password !== '' || searchParams.has('password'),
    serverAddress: row?.server ?? null,
    serverPort: row?.port ?? null,
    clientAddress: row?.client ?? null,
    superuser: row?.superuser === 'true',
  };
}

/** Each server applies the changes of the other one: the stream and its way back. One sentence per problem, with what to do. */
export function reachProblems(source: End, target: End): readonly string[] {
  return [...oneWay(source, target), ...oneWay(target, source)];
}

function oneWay(publisher: End, subscriber: End): readonly string[] {
  const problems: string[] = [];
  const reach = `The server of "${subscriber.connection}" cannot reach that of "${publisher.connection}"`;
  const advice = 'Use an address in the bindings that both this host and that server reach.';
  if (isThisHost(publisher.host) && !isHere(subscriber)) {
    const where = publisher.host === '' || publisher.host.startsWith('/') ? 'a socket' : publisher.host;
    problems.push(
      `${reach}: the URI of "${publisher.connection}" names ${where}, which there means that server itself (${subscriber.serverAddress ?? ''}). ${advice}`,
    );
  } else if (isThisHost(publisher.host) && isForwarded(subscriber)) {
    problems.push(
      `The server of "${subscriber.connection}" listens on the port ${subscriber.serverPort ?? ''} and is reached by ${subscriber.port}, so it may be on another host, where "${publisher.host}" of "${publisher.connection}" is that host itself. If so, it cannot reach it. ${advice}`,
    );
  }
  if (!subscriber.superuser && !publisher.password) {
    problems.push(
      `The URI of "${publisher.connection}" has no password, and the user of "${subscriber.connection}" is no superuser: Postgres lets it subscribe with a password only. Write one into the URI.`,
    );
  }
  return problems;
}

function isThisHost(host: string): boolean {
  return host === '' || host.startsWith('/') || /^(?:localhost|127\..*|\[?::1\]?)$/i.test(host);
}

/** True when the server runs on this host, so that an address of this host means the same there. */
function isHere({ serverAddress, clientAddress }: End): boolean {
  return serverAddress === null || isThisHost(serverAddress) || serverAddress === clientAddress;
}

/** A tunnel, or a port of a container. */
function isForwarded({ serverPort, port }: End): boolean {
  return serverPort !== null && serverPort !== port;
}
