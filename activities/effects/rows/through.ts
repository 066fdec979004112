/**
 * The statements around a program: rows are read as JSON, one document per row, and its answers are written. Both stay text here, so
 * that a number is as exact as the program leaves it.
 */
import type { RowsAction } from '../../../strategy/plan.js';
import { type Column, quoted, type Table } from './table.js';

export interface ThroughStatements {
  /** @param range an SQL condition on the key columns. Answers `key`, a JSON array of texts, and `row`, a JSON object, in the order of the key. */
  readonly read: (range: string) => string;
  /** With one parameter: a JSON array of `{"key": [...], "row": {...}}`. */
  readonly write: (columns: readonly string[]) => string;
  /** With the same parameter: the keys of rows whose answer has another key. */
  readonly otherKeys: string;
  /** The columns that an answer may have. Those that the database computes are not written. */
  readonly columns: readonly Column[];
  readonly key: readonly string[];
  /** Columns that an answer leaves out keep their value (an update), or get their default (a copy). */
  readonly keeps: boolean;
  /** What it will do, to be planned only. */
  readonly trials: readonly string[];
}

/** `saved`: the name of the table of saved rows, quoted. */
interface Places {
  readonly source: Table;
  /** Null for what is changed in place. */
  readonly target: Table | null;
  readonly saved: string;
}

export function throughOf(action: RowsAction, { source, target, saved }: Places): ThroughStatements {
  const into = target ?? source;
  const update = action.change.do === 'update';
  const chosen = action.where === null ? '' : ` and (${action.where})`;
  const key = source.key.map(({ name }) => name);
  const order = list(key);
  const rows = `select ${inputs(action, source)} from ${source.name}`;
  const lock = update ? ' for update' : '';
  const texts = key.map((name) => `sluice_x.${quoted(name)}::text`);
  const shared = { columns: into.columns, key, keeps: update };
  const read = (range: string): string =>
    `select json_build_array(${texts.join(', ')})::text as key, row_to_json(sluice_x)::text as row
from (${rows} where ${range}${chosen} order by ${order}${lock}) sluice_x`;
  const answers = 'json_array_elements($1::json) sluice_a(value)';
  const keyOf = (name: string, index: number): string =>
    `(sluice_a.value->'key'->>${index})::${into.columns.find((column) => column.name === name)?.type ?? 'text'}`;
  const keys = `(${key.map(keyOf).join(', ')})`;
  if (update) {
    const joined = `${into.name} sluice_t join ${answers} on (${list(key, 'sluice_t.')}) = ${keys},
    json_populate_record(sluice_t, sluice_a.value->'row') sluice_n`;
    return {
      ...{ ...shared, read },
      write: (columns) => updating({ source, saved, key, joined, columns }),
      otherKeys: `select sluice_a.value->>'key' as key from ${joined} where (${list(key, 'sluice_n.')}) is distinct from (${list(key, 'sluice_t.')})`,
      trials: [
        `update ${into.name} set ${key.map((name) => `${quoted(name)} = ${quoted(name)}`).join(', ')}`,
      ],
    };
  }
  const from = `${answers}, json_populate_record(null::${into.name}, sluice_a.value->'row') sluice_n`;
  const insert = (columns: readonly string[]): string =>
    `insert into ${into.name} (${list(columns)}) overriding system value`;
  return {
    ...{ ...shared, read },
    write: (columns) =>
      `${insert(columns)} select ${list(columns, 'sluice_n.')} from ${from} where (${list(key, 'sluice_n.')}) = ${keys}`,
    otherKeys: `select sluice_a.value->>'key' as key from ${from} where (${list(key, 'sluice_n.')}) is distinct from ${keys}`,
    trials: [`${insert(key)} select ${list(key)} from ${into.name}`],
  };
}

interface Updating {
  readonly source: Table;
  readonly saved: string;
  readonly key: readonly string[];
  readonly joined: string;
  readonly columns: readonly string[];
}

/** Saves each row before it changes, as any update does, and how it is afterwards. */
function updating({ source, saved, key, joined, columns }: Updating): string {
  const { name, columns: all } = source;
  const may = all
    .filter((column) => !column.generated && !key.includes(column.name))
    .map((column) => column.name);
  const written = columns.filter((column) => !key.includes(column));
  // An answer with nothing but the key changes nothing, and counts all the same.
  const set = (written.length > 0 ? written : may.slice(0, 1)).map(
    (column) => `${quoted(column)} = (sluice_b.sluice_new).${quoted(column)}`,
  );
  const kept = all.map((column) => column.name);
  return `with sluice_batch as materialized (select sluice_t as sluice_old, sluice_n as sluice_new from ${joined}
    where (${list(key, 'sluice_n.')}) = (${list(key, 'sluice_t.')})),
  sluice_changed as (update ${name} sluice_t set ${set.join(', ')} from sluice_batch sluice_b
    where (${list(key, 'sluice_t.')}) = (${list(key, '(sluice_b.sluice_old).')})
    returning ${list(kept, '(sluice_b.sluice_old).')}, row(${list(may, 'sluice_t.')})::text as sluice_after)
insert into ${saved} (${list(kept)}, sluice_after) select * from sluice_changed`;
}

/** The columns that the program reads: those of the source, with the values that rules give them. */
export function inputs({ set, omit }: Pick<RowsAction, 'set' | 'omit'>, { columns, key }: Table): string {
  const ruled = set.map(({ column, value }) => `(${value}\n) as ${quoted(column)}`);
  const own = columns.filter(
    (column) =>
      key.includes(column) ||
      !(omit.includes(column.name) || set.some((rule) => rule.column === column.name)),
  );
  return [...own.map(({ name }) => quoted(name)), ...ruled].join(', ');
}

function list(names: readonly string[], of = ''): string {
  return names.map((name) => of + quoted(name)).join(', ');
}
