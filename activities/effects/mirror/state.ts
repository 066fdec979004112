/**
 * `sluice.mirror` in the database: one row per pair of tables that is kept in step. It commits with the triggers, so a repeat
 * finds what an earlier attempt did. States: `started` -> `finished`, or `undone`.
 */
import type { MirrorAction } from '../../../strategy/plan.js';
import type { EffectJob } from '../../contract.js';
import type { Session } from '../../sql/session.js';
import { quotedTable } from '../rows/table.js';
import { transferId } from '../rows/transfer.js';

const DDL = `create schema if not exists sluice;
create table if not exists sluice.mirror (
  id text primary key,
  run text not null,
  item text not null,
  source text not null,
  target text not null,
  state text not null check (state in ('started', 'finished', 'undone')),
  at timestamptz not null default now()
);`;

export type MirrorState = 'started' | 'finished' | 'undone';

export interface Mirror {
  readonly id: string;
  readonly state: MirrorState;
}

/** Creates the table when it is missing; safe however many do so at once. */
export async function ensureMirrors(session: Session): Promise<void> {
  const [row] = (await session.query("select (to_regclass('sluice.mirror') is not null)::text as found"))
    .rows;
  if (row?.found === 'true') return;
  await session.query(
    `begin; select pg_advisory_xact_lock(hashtextextended('sluice.journal', 0)); ${DDL} commit`,
  );
}

/** Reads the row and holds it until the transaction ends. That of the step itself; for its end, that of any step of the run. */
export async function holdMirror(session: Session, job: EffectJob<MirrorAction>): Promise<Mirror | null> {
  const { item, source } = job.action;
  const { rows } =
    job.action.do === 'finish'
      ? await session.query(
          `select id, state from sluice.mirror where run = $1 and item = $2 and source = $3 and state <> 'undone' for update`,
          [runOf(job), item, quotedTable(source)],
        )
      : await session.query('select id, state from sluice.mirror where id = $1 for update', [
          transferId(job),
        ]);
  const [row] = rows;
  return row === undefined ? null : { id: row.id ?? '', state: stateOf(row.state ?? '') };
}

/** What keeps the same tables in step already. */
export async function othersOf(
  session: Session,
  { source, target }: MirrorAction,
): Promise<readonly string[]> {
  const { rows } = await session.query(
    `select item || ' of the run ' || run as what from sluice.mirror where state = 'started' and source = $1 and target = $2`,
    [quotedTable(source), quotedTable(target)],
  );
  return rows.map(({ what }) => what ?? '');
}

export async function writeMirror(
  session: Session,
  job: EffectJob<MirrorAction>,
  { id, state }: Mirror,
): Promise<void> {
  const { item, source, target } = job.action;
  await session.query(
    `insert into sluice.mirror (id, run, item, source, target, state) values ($1, $2, $3, $4, $5, $6)
on conflict (id) do update set state = excluded.state, at = now()`,
    [id, runOf(job), item, quotedTable(source), quotedTable(target), state],
  );
}

/** As in sluice.journal: an id that is used again is another run. */
function runOf({ context }: EffectJob<MirrorAction>): string {
  return `${context.run}/${context.execution}`;
}

function stateOf(text: string): MirrorState {
  if (text === 'started' || text === 'finished' || text === 'undone') return text;
  throw new Error(`sluice.mirror has the state "${text}".`);
}
