/** The database that a connection name of the bindings leads to. */
import type { DatabaseIdentity } from '../../strategy/run/database.js';
import type { RunContext } from '../contract.js';
import type { Dependencies } from '../dependencies.js';
import { Refusal } from '../refusal.js';
import { resolveReferences } from '../secrets.js';

export interface Target {
  /** Holds the credentials: never to be shown. */
  readonly url: string;
  /** For people: the name, host, port and database. */
  readonly name: string;
  /** Which database it must be; null when the run has not used it yet. */
  readonly pin: DatabaseIdentity | null;
}

/** Throws `Refusal` or `UnresolvedReference`. */
export async function targetOf(
  context: RunContext,
  connection: string,
  env: Dependencies['env'],
): Promise<Target> {
  const source = context.bindings.connections[connection];
  if (source === undefined) {
    throw new Refusal(
      `The bindings have no connection "${connection}". Add it under "connections", and start a new run.`,
    );
  }
  const url = await resolveReferences(source.postgres, { env, workspace: context.workspace });
  if (!URL.canParse(url)) {
    throw new Refusal(
      `The connection "${connection}" is not a URI. Write postgres://USER@HOST:PORT/DATABASE where ${source.postgres.includes('${') ? 'its reference leads' : 'the bindings name it'}.`,
    );
  }
  const { hostname, port, pathname } = new URL(url);
  const pin = context.pins[connection] ?? null;
  return { url, pin, name: `"${connection}" (${hostname || 'local'}:${port || '5432'}${pathname})` };
}
