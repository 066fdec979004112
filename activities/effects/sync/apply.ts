/**
 * Brings the rows of some keys from one side to the other, as they are now: written, or deleted where they are gone. In one transaction
 * of the other side, with whatever is noted there. A repeat changes nothing.
 */
import pg from 'pg';
import { point } from '../../fault-points.js';
import { serverMessage } from '../../sql/failure.js';
import type { Session } from '../../sql/session.js';
import { quoted } from '../rows/table.js';
import { afterSnapshot, changedAmong } from './changes.js';
import { columnsOf, type Flow, selectedBy } from './flow.js';
import { amongKeys, type Key, keyJson, readKeys, setKeys } from './keys.js';
import { holdSync } from './state.js';

/** Milliseconds that a statement may take. */
const STATEMENT_MS = 60_000;
const IDLE_MS = 60_000;

/** The pair was taken back or ended meanwhile. */
export class Ended extends Error {
  override readonly name = 'Ended';
}

export interface Applying {
  readonly lockTimeoutMs: number;
  /** The snapshot of the other side up to which its changes are known: a row that a client changed there later is put off. Null where no client writes. */
  readonly seen: string | null;
  /** Asked while the rows of both sides are held: false leaves them all as they are. Goes with `seen`; a refusal is thrown then. */
  readonly only?: () => Promise<boolean>;
  /** Noted in the transaction of the last keys. `putOff`: how many of their rows were left as they are. */
  readonly note: (session: Session, putOff: number) => Promise<void>;
}

export interface Applied {
  /** Rows that were refused and set aside. */
  readonly refused: number;
  /** Rows that were put off. */
  readonly putOff: number;
}

/** Throws what the databases answer, and `Ended`. */
export async function apply(flow: Flow, keys: readonly Key[], applying: Applying): Promise<Applied> {
  try {
    const putOff = await applyAtOnce(flow, keys, applying);
    return { refused: 0, putOff };
  } catch (error) {
    if (!isRefusal(error) || applying.only !== undefined) throw error;
    if (keys.length <= 1) {
      await setAside(flow, keys, error, applying);
      return { refused: keys.length, putOff: 0 };
    }
    // Halved down to the row that is refused.
    const half = Math.ceil(keys.length / 2);
    const first = await apply(flow, keys.slice(0, half), { ...applying, note: async () => undefined });
    const second = await apply(flow, keys.slice(half), applying);
    return { refused: first.refused + second.refused, putOff: first.putOff + second.putOff };
  }
}

/** The other side will not take a value, however often it is tried. */
export function isRefusal(error: unknown): error is pg.DatabaseError {
  return error instanceof pg.DatabaseError && /^2[23]/.test(error.code ?? '');
}

async function applyAtOnce(flow: Flow, keys: readonly Key[], applying: Applying): Promise<number> {
  return writing(flow, keys, applying, async () => {
    if (keys.length === 0) return 0;
    const { from, to } = flow;
    await to.session.query(
      `create temp table sluice_in on commit drop as select ${columnsOf(flow)} from ${to.table.name} with no data`,
    );
    await bring(flow, keys);
    const putOff = await write(flow, keys, applying);
    await from.session.query('rollback');
    return putOff;
  });
}

/** Reads after the row of the pair is held, so that what it brings is never older than what is there. */
async function bring(flow: Flow, keys: readonly Key[]): Promise<void> {
  const { from, to, order, where } = flow;
  const { list, format } = selectedBy(flow);
  await from.session.query('begin isolation level repeatable read read only');
  await limits(from.session, null);
  await setKeys(from.session, keys);
  const chosen = where === null ? '' : ` and (${where})`;
  await from.session.pipe(
    `copy (select ${list} from ${from.table.name} where ${amongKeys(order, from.table)}${chosen}) to stdout (format ${format})`,
    to.session,
    `copy sluice_in (${columnsOf(flow)}) from stdin (format ${format})`,
    STATEMENT_MS,
  );
}

async function write(flow: Flow, keys: readonly Key[], { seen, only }: Applying): Promise<number> {
  const { to, order, values } = flow;
  const { session, table } = to;
  const name = table.name;
  const own = table.key.map((column) => quoted(column.name)).join(', ');
  const same = (left: string): string =>
    order.map((column) => `${left}.${quoted(column.name)} = i.${quoted(column.name)}`).join(' and ');
  const set = values
    .filter(({ column }) => !table.key.some((part) => part.name === column.name))
    .map(({ column }) => quoted(column.name));
  const insert = `insert into ${name} (${columnsOf(flow)}) overriding system value select ${columnsOf(flow)} from sluice_in i`;
  if (seen === null) {
    const changed = set.map((column) => `${column} = excluded.${column}`).join(', ');
    await session.query(
      `${insert} on conflict (${own}) do ${changed === '' ? 'nothing' : `update set ${changed}`}`,
      [],
      STATEMENT_MS,
    );
    await session.query(
      `delete from ${name} t where ${amongKeys(order, table, 't.')} and not exists (select from sluice_in i where ${same('t')})`,
      [],
      STATEMENT_MS,
    );
    return 0;
  }
  // Clients write here too: held rows cannot change any more, and what changed since it was looked at is not overwritten.
  await session.query(
    `select from ${name} t where ${amongKeys(order, table, 't.')} for update`,
    [],
    STATEMENT_MS,
  );
  if (only !== undefined && !(await only())) return keys.length;
  const newer = await changedAmong(session, to.changes, afterSnapshot(seen), keys);
  const ours = keys.filter((key) => !newer.has(JSON.stringify(key)));
  await setKeys(session, ours);
  if (set.length > 0) {
    const changed = set.map((column) => `${column} = i.${column}`).join(', ');
    await session.query(
      `update ${name} t set ${changed} from sluice_in i where ${same('t')} and ${amongKeys(order, table, 't.')}`,
      [],
      STATEMENT_MS,
    );
  }
  await session.query(
    `delete from ${name} t where ${amongKeys(order, table, 't.')} and not exists (select from sluice_in i where ${same('t')})`,
    [],
    STATEMENT_MS,
  );
  const { rows } = await session.query(
    `with missing as (select ${keyJson(order, 'i.')} as key from sluice_in i where ${amongKeys(order, table, 'i.')} and not exists (select from ${name} t where ${same('t')})),
  added as (${insert} where ${amongKeys(order, table, 'i.')} and not exists (select from ${name} t where ${same('t')}) on conflict (${own}) do nothing returning ${keyJson(order)} as key)
select key from missing where key not in (select key from added)`,
    [],
    STATEMENT_MS,
  );
  const late = [...keys.filter((key) => newer.has(JSON.stringify(key))), ...readKeys(rows)];
  if (late.length > 0 && only === undefined) {
    await session.query(
      `insert into sluice.sync_pending (id, role, key) select $1, $2, array(select json_array_elements_text(x)) from json_array_elements($3::json) x on conflict do nothing`,
      [flow.id, flow.from.role, JSON.stringify(late)],
    );
  }
  return late.length;
}

/** One transaction of the other side, with the row of the pair held. */
async function writing(
  { id, from, to, guard }: Flow,
  keys: readonly Key[],
  { lockTimeoutMs, note }: Applying,
  work: () => Promise<number>,
): Promise<number> {
  const { session } = to;
  await session.query('begin');
  try {
    await limits(session, lockTimeoutMs);
    await session.query('select set_config($1, $2, true)', [guard, 'on']);
    const held = await holdSync(session, id, to.role);
    if (held === null || held.state === 'undone' || held.state === 'finished') {
      throw new Ended('The rounds have been taken back or ended meanwhile.');
    }
    await setKeys(session, keys);
    // What was put off is done now; it is put off again if it must be.
    await session.query(
      `delete from sluice.sync_pending where id = $1 and role = $2 and key in (select array(select json_array_elements_text(x)) from json_array_elements($3::json) x)`,
      [id, from.role, JSON.stringify(keys)],
    );
    await session.query(
      `delete from sluice.quarantine where transfer = $1 and key in (select array(select json_array_elements_text(x)) from json_array_elements($2::json) x)`,
      [refusedBy(id, to.role), JSON.stringify(keys)],
    );
    const putOff = await work();
    await note(session, putOff);
    point('before-commit');
    await session.querySteadily('commit');
    point('after-commit');
    return putOff;
  } catch (error) {
    await session.querySteadily('rollback').catch(() => undefined);
    await from.session.querySteadily('rollback').catch(() => undefined);
    throw error;
  }
}

/** The id in `sluice.quarantine` of the rows that this side refuses. */
export function refusedBy(id: string, role: Flow['to']['role']): string {
  return `${id}#sync-${role}`;
}

async function setAside(
  flow: Flow,
  keys: readonly Key[],
  error: pg.DatabaseError,
  applying: Applying,
): Promise<void> {
  await writing(flow, keys, applying, async () => {
    for (const key of keys) {
      await flow.to.session.query(
        `insert into sluice.quarantine (transfer, key, sqlstate, error) values ($1, $2::text[], $3, $4)
on conflict (transfer, key) do update set sqlstate = excluded.sqlstate, error = excluded.error, at = now()`,
        [refusedBy(flow.id, flow.to.role), key, error.code ?? '', serverMessage(error)],
      );
    }
    return 0;
  });
}

async function limits(session: Session, lockTimeoutMs: number | null): Promise<void> {
  await session.query(
    `select set_config('lock_timeout', $1, true), set_config('statement_timeout', $2, true),
  set_config('idle_in_transaction_session_timeout', $3, true), set_config('datestyle', 'ISO, YMD', true),
  set_config('intervalstyle', 'postgres', true), set_config('extra_float_digits', '1', true)`,
    [String(lockTimeoutMs ?? 0), String(STATEMENT_MS), String(IDLE_MS)],
  );
}
