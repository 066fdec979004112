/** A row that a person has stated: the target gets it, and the next round brings it to the source. */
import pg from 'pg';
import type { ConflictAnswer } from '../../../strategy/plan.js';
import type { StatedRow } from '../../../strategy/reconcile/stated.js';
import { serverMessage } from '../../sql/failure.js';
import { quoted } from '../rows/table.js';
import { Ended } from './apply.js';
import type { Conflict } from './conflicts.js';
import type { Flow } from './flow.js';
import { imagesHeld } from './images.js';
import { amongKeys, setKeys } from './keys.js';
import { holdSync } from './state.js';

/** Columns that it does not name keep their value, of the target where that has the row. Returns why it was not done; null when it was. */
export async function stateRow(
  forward: Flow,
  conflict: Conflict,
  row: StatedRow,
  { by, reason }: ConflictAnswer,
): Promise<string | null> {
  const { id, from, to, guard, order, values } = forward;
  const { session, table } = to;
  const unknown = Object.keys(row).find((name) => !values.some(({ column }) => column.name === name));
  if (unknown !== undefined) return `${table.name} takes no column "${unknown}"`;
  await session.query('begin');
  await from.session.query('begin');
  try {
    await session.query('select set_config($1, $2, true)', [guard, 'on']);
    const held = await holdSync(session, id, 'target');
    if (held === null || held.state !== 'running') throw new Ended('The rounds have ended meanwhile.');
    await setKeys(session, [conflict.key]);
    const own = `${amongKeys(order, table, 't.')}`;
    await session.query(`select from ${table.name} t where ${own} for update`);
    const before = (await imagesHeld(forward, [conflict.key]))(conflict.key);
    if (before.source !== conflict.source || before.target !== conflict.target) {
      return 'one of its rows was changed after it was shown';
    }
    const whole = { ...read(before.target ?? before.source), ...row };
    const names = Object.keys(before.target === null ? whole : row).map(quoted);
    const record = `jsonb_populate_record(null::${table.name}, $1::jsonb)`;
    const query =
      before.target === null
        ? `insert into ${table.name} (${names.join(', ')}) overriding system value select ${names.join(', ')} from ${record}`
        : `update ${table.name} t set ${names.map((name) => `${name} = s.${name}`).join(', ')} from ${record} s where ${own}`;
    await session.query(query, [JSON.stringify(whole)]);
    const after = (await imagesHeld(forward, [conflict.key]))(conflict.key);
    await session.query(
      "update sluice.conflicts set chosen = 'target', target = $2::jsonb, stated = $3::jsonb, by = $4, reason = $5 where id = $1 and chosen is null",
      [conflict.id, after.target, JSON.stringify(row), by, reason],
    );
    await session.querySteadily('commit');
    return null;
  } catch (error) {
    if (!(error instanceof pg.DatabaseError && /^(?:2[23]|42)/.test(error.code ?? ''))) throw error;
    return `${table.name} refuses it: ${serverMessage(error)}`;
  } finally {
    for (const own of [session, from.session]) await own.querySteadily('rollback').catch(() => undefined);
  }
}

function read(image: string | null): StatedRow {
  const row: unknown = JSON.parse(image ?? '{}');
  return typeof row === 'object' && row !== null ? { ...row } : {};
}
