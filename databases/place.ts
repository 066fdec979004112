/** Where the databases of a plan are, for what acts on them without a run. */
import pg from 'pg';
import type { RunContext } from '../activities/contract.js';
import { redact } from '../activities/redact.js';
import { Refusal } from '../activities/refusal.js';
import { secretForms, UnresolvedReference } from '../activities/secrets.js';
import { causeOf } from '../activities/sql/failure.js';
import { ConnectionLost, type Session, withSession } from '../activities/sql/session.js';
import { type Target, targetOf } from '../activities/sql/target.js';
import type { Plan } from '../strategy/plan.js';
import { jobBindings } from '../strategy/run/job-bindings.js';

export interface Place {
  readonly plan: Plan;
  /** The folder that holds the strategy. */
  readonly workspace: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A database cannot be reached or refuses. The message holds no secret. */
export class DatabaseTrouble extends Error {
  override readonly name = 'DatabaseTrouble';
}

/** Opens one session per connection. Throws `DatabaseTrouble`. */
export async function withSessions<T>(
  place: Place,
  connections: readonly string[],
  work: (sessions: readonly Session[]) => Promise<T>,
): Promise<T> {
  const context = contextOf(place, connections);
  const open = async (left: readonly string[], sessions: readonly Session[]): Promise<T> => {
    const [connection, ...rest] = left;
    if (connection === undefined) return work(sessions);
    const target = await targetOf(context, connection, place.env);
    return withNamed(target, (session) => open(rest, [...sessions, session]));
  };
  try {
    return await open(connections, []);
  } catch (error) {
    const message = messageOf(error);
    if (message === null) throw error;
    throw new DatabaseTrouble(redact(await secretForms(context, place.env), message));
  }
}

/** Holds the credentials. Throws `Refusal` or `UnresolvedReference`, which `withSessions` has thrown before. */
export async function uriOf(place: Place, connection: string): Promise<string> {
  return (await targetOf(contextOf(place, [connection]), connection, place.env)).url;
}

async function withNamed<T>(target: Target, work: (session: Session) => Promise<T>): Promise<T> {
  try {
    return await withSession(target, work);
  } catch (error) {
    if (error instanceof ConnectionLost)
      throw new Refusal(`The database ${target.name} cannot be reached: ${error.message}.`);
    if (error instanceof pg.DatabaseError) throw new Refusal(causeOf(error, target, false));
    throw error;
  }
}

function messageOf(error: unknown): string | null {
  return error instanceof Refusal || error instanceof UnresolvedReference ? error.message : null;
}

function contextOf({ plan, workspace }: Place, connections: readonly string[]): RunContext {
  const needs = { connections, metrics: [], environment: false };
  return { run: '', execution: '', workspace, bindings: jobBindings(plan.bindings, needs), pins: {} };
}
