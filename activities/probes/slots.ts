/** Looks at the replication slots of an online migration, also while none of its steps is at work. It only reads. */
import pg from 'pg';
import type { ProbeOf } from '../../strategy/kinds/probes/kind.js';
import { printByteSize } from '../../strategy/sentence/byte-size.js';
import { namesOf } from '../effects/replication/names.js';
import { serverMessage } from '../sql/failure.js';
import { OtherDatabase } from '../sql/identity.js';
import { ConnectionLost, type Session, withSession } from '../sql/session.js';
import { targetOf } from '../sql/target.js';
import {
  broken,
  type Evaluator,
  fail,
  type ProbeContext,
  type ProbeResult,
  pass,
  redactedLine,
} from './verdict.js';

export const evaluateSlots: Evaluator<ProbeOf<'slots'>> = async (probe, context) => {
  const source = await targetOf(context.run, probe.source, context.env);
  const target = await targetOf(context.run, probe.target, context.env);
  try {
    return await withSession(target, (to) =>
      withSession(source, (from) => evaluate(probe, context, { source: from, target: to })),
    );
  } catch (error) {
    if (error instanceof ConnectionLost)
      return broken(`a database could not be reached: ${redactedLine(context, error.message)}`);
    if (error instanceof OtherDatabase) return broken(error.message);
    if (error instanceof pg.DatabaseError) return broken(redactedLine(context, serverMessage(error)));
    throw error;
  }
};

interface Slot {
  readonly name: string;
  readonly connection: string;
  readonly session: Session;
  /** False while a step may be about to create or drop it. */
  readonly mustExist: boolean;
}

async function evaluate(
  { item, source, target, maxWalBytes }: ProbeOf<'slots'>,
  { run, timeoutMs }: ProbeContext,
  sessions: { readonly source: Session; readonly target: Session },
): Promise<ProbeResult> {
  const names = namesOf({ context: run, action: { item } });
  const state = await stateOf(sessions.target, names.id, timeoutMs);
  if (state === null || state === 'undone' || state === 'finished') return pass('no slot is needed');
  const slots: readonly Slot[] = [
    {
      ...{ name: names.forward, connection: source, session: sessions.source },
      mustExist: state === 'in-sync' || state === 'cut-over',
    },
    {
      ...{ name: names.reverse, connection: target, session: sessions.target },
      mustExist: state === 'cut-over',
    },
  ];
  const seen: string[] = [];
  for (const slot of slots) {
    const found = await look(slot, maxWalBytes, timeoutMs);
    if (found?.wrong === true) return fail(found.evidence);
    if (found !== null) seen.push(found.evidence);
  }
  return pass(seen.join('; '));
}

async function stateOf(session: Session, id: string, timeoutMs: number): Promise<string | null> {
  const [known] = (await session.query("select to_regclass('sluice.stream')::text as found")).rows;
  if (known?.found == null) return null;
  const { rows } = await session.query('select state from sluice.stream where id = $1', [id], timeoutMs);
  return rows[0]?.state ?? null;
}

/** Null when there is none, and need not be. */
async function look(
  { name, connection, session, mustExist }: Slot,
  maxWalBytes: number,
  timeoutMs: number,
): Promise<{ readonly wrong: boolean; readonly evidence: string } | null> {
  const query = `select (pg_current_wal_flush_lsn() - restart_lsn)::text as held, wal_status from pg_replication_slots where slot_name = $1`;
  const [row] = (await session.query(query, [name], timeoutMs)).rows;
  const at = `the replication slot ${name} on ${connection}`;
  if (row === undefined) return mustExist ? { wrong: true, evidence: `${at} is gone` } : null;
  if (row.wal_status === 'lost') return { wrong: true, evidence: `${at} has lost WAL that it needs` };
  const held = Number(row.held ?? 0);
  return { wrong: held > maxWalBytes, evidence: `${at} holds back ${printByteSize(held)} of WAL` };
}
