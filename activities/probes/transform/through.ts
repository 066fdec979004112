/** What a row becomes: by the rules, in the source; by the program; and what of that the target takes. */
import pg from 'pg';
import type { Transform } from '../../../strategy/plan.js';
import { type Program, ProgramFailed } from '../../effects/rows/program.js';
import type { Table } from '../../effects/rows/table.js';
import { inputs } from '../../effects/rows/through.js';
import { serverMessage } from '../../sql/failure.js';
import type { Session } from '../../sql/session.js';
import type { EdgeCase } from './cases.js';

/** A JSON object, or why there is none. */
export type Made =
  | { readonly kind: 'row'; readonly text: string }
  | { readonly kind: 'out' }
  | { readonly kind: 'refused'; readonly why: string };

/** What the rules make of a row: what a program reads, and the row itself without one. */
export async function byRules(
  source: Session,
  { set, omit, where }: Transform,
  table: Table,
  { text }: EdgeCase,
): Promise<Made> {
  const row = `json_populate_record(null::${table.name}, $1::json->'row')`;
  const query = `select row_to_json(sluice_x)::text as row from (
    select ${inputs({ set, omit }, table)} from ${row} ${table.alias} where (${where ?? 'true'}\n)) sluice_x`;
  const answer = await orRefused(() => source.query(query, [text]));
  if ('kind' in answer) return answer;
  const made = answer.rows[0]?.row;
  // A value of the type json keeps the line ends between its parts.
  return made == null ? { kind: 'out' } : { kind: 'row', text: made.replaceAll(/[\r\n]+/g, ' ') };
}

/** What a program makes of rows, all at once; a batch that fails is halved down to the row, as in a run. */
export async function byProgram(program: Program, rows: readonly string[]): Promise<readonly Made[]> {
  if (rows.length === 0) return [];
  try {
    return (await program(rows)).map(madeOf);
  } catch (error) {
    if (!(error instanceof ProgramFailed)) throw error;
    if (rows.length === 1) return [{ kind: 'refused', why: error.message }];
    const half = Math.ceil(rows.length / 2);
    return [
      ...(await byProgram(program, rows.slice(0, half))),
      ...(await byProgram(program, rows.slice(half))),
    ];
  }
}

function madeOf(line: string): Made {
  if (line.trim() === 'null') return { kind: 'out' };
  return { kind: 'row', text: line };
}

export interface Difference {
  readonly column: string;
  /** As JSON. */
  readonly got: string | null;
  readonly want: string | null;
}

/**
 * Compares as the types of the target: 1.5 and 1.50 are equal. `keeps`: columns that an answer leaves out keep their value. Answers why
 * the target refuses a row that it would not take.
 */
export async function differences(
  target: Session,
  table: Table,
  { text }: EdgeCase,
  {
    made,
    columns,
    keeps,
  }: { readonly made: string; readonly columns: readonly string[]; readonly keeps: boolean },
): Promise<readonly Difference[] | { readonly kind: 'refused'; readonly why: string }> {
  const base = keeps ? `json_populate_record(null::${table.name}, $1::json->'row')` : `null::${table.name}`;
  const wanted = `coalesce($1::json->'becomes'->sluice_c.name, $1::json->'row'->sluice_c.name)`;
  const query = `select sluice_c.name as column, (sluice_g.value->sluice_c.name)::text as got, (sluice_w.value->sluice_c.name)::text as want
    from unnest($3::text[]) sluice_c(name)
    cross join (select to_jsonb(json_populate_record(${base}, $2::json))) sluice_g(value)
    cross join lateral (select to_jsonb(json_populate_record(null::${table.name}, json_build_object(sluice_c.name, ${wanted})))) sluice_w(value)
    where sluice_g.value->sluice_c.name is distinct from sluice_w.value->sluice_c.name`;
  const answer = await orRefused(() => target.query(query, [text, made, columns]));
  if ('kind' in answer) return answer;
  return answer.rows.map(({ column, got = null, want = null }) => ({ column: column ?? '', got, want }));
}

/** What a server says of a value (data, integrity) refuses its row; anything else is not about the row. */
async function orRefused<T extends object>(
  ask: () => Promise<T>,
): Promise<T | { readonly kind: 'refused'; readonly why: string }> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || !/^2[23]/.test(error.code ?? '')) throw error;
    return { kind: 'refused', why: serverMessage(error) };
  }
}
