/** Whether a stream is carried by Postgres's own subscriptions or relayed by the worker: decided once, before the first row. */
import pg from 'pg';
import type { StreamAction } from '../../../strategy/plan.js';
import { interruption } from '../../attempt.js';
import { isCancelled } from '../../sql/failure.js';
import type { Session } from '../../sql/session.js';
import { quoted } from '../rows/table.js';
import { isUnreachable } from './objects.js';
import { Interrupted, type Setting, type Side } from './setting.js';

/** Below it, a subscription has no `origin`, and changes would go round in circles. */
const OLDEST_NATIVE = 16;

/** What speaks for a relay without a try: the strategy, or an old server; null when nothing does. */
export function relayReason(
  { relay, connection, to }: Pick<StreamAction, 'relay' | 'connection' | 'to'>,
  versions: { readonly source: number; readonly target: number },
): string | null {
  if (relay === true) return 'x-stream.relay says so';
  const old = [
    { name: connection, version: versions.source },
    { name: to, version: versions.target },
  ].filter(({ version }) => version < OLDEST_NATIVE);
  if (old.length === 0) return null;
  const servers = old.map(({ name, version }) => `"${name}" is Postgres ${version}`).join(' and ');
  return `${servers}, and a subscription with a way back needs ${OLDEST_NATIVE} on both sides`;
}

/** The major version of its server. */
export async function versionOf(session: Session): Promise<number> {
  const version = "select (current_setting('server_version_num')::int / 10000)::text as version";
  return Number((await session.query(version)).rows[0]?.version ?? 0);
}

/** Why one server cannot read from the other one; null when each can. Subscribes in a transaction that is rolled back. */
export async function unreachable({ job, names, source, target }: Setting): Promise<string | null> {
  const { connection, to } = job.action;
  return (
    (await cannotReach(target, source, names.prefix, `the server of "${to}" cannot reach "${connection}"`)) ??
    (await cannotReach(source, target, names.prefix, `the server of "${connection}" cannot reach "${to}"`))
  );
}

async function cannotReach(
  { session }: Side,
  { at }: Side,
  prefix: string,
  what: string,
): Promise<string | null> {
  const name = quoted(`${prefix}_try`);
  await session.query('begin');
  try {
    await session.query(`select set_config('statement_timeout', '${REACH_MS}', true)`);
    await session.query(
      `create subscription ${name} connection '${at.url.replaceAll("'", "''")}' publication ${name}
with (create_slot = false, slot_name = none, enabled = false, copy_data = false)`,
    );
    return null;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (interruption() !== null) throw new Interrupted();
    if (isCancelled(error)) return `${what}: no answer for ${REACH_MS / 1_000} s`;
    if (isUnreachable(error.message)) return `${what}: ${error.message.replaceAll(/\s+/g, ' ')}`;
    // Anything else is not about reaching it, and comes up again where the subscription is made.
    if (error instanceof pg.DatabaseError) return null;
    throw error;
  } finally {
    await session.querySteadily('rollback');
  }
}

const REACH_MS = 20_000;
