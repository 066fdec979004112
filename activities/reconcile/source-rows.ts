/** Rows of the source, as the target must have them. */
import type { ComparedTable } from '../../strategy/plan.js';
import { mapping } from '../effects/rows/pass.js';
import { readTable } from '../effects/rows/table.js';
import type { Pair } from './moment.js';
import { amongKeys, keyColumns } from './ranges.js';
import { keyText, type Side } from './side.js';

/** Columns, with their values as text. */
export interface SourceRow {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly values: readonly (string | null)[];
}

/** By the text of the key. Throws what the databases answer. */
export async function sourceRows(
  compared: ComparedTable,
  side: Side,
  { source, target }: Pair,
  keys: readonly string[],
): Promise<ReadonlyMap<string, SourceRow>> {
  const from = await readTable(source, compared.source);
  const into = await readTable(target, compared.target);
  if (from === null || into === null || keys.length === 0) return new Map();
  const mapped = mapping(compared, from, into);
  const columns = mapped.map(({ column: { name, type } }) => ({ name, type }));
  const list = mapped.map(({ column, value }) => {
    return column.base === null ? `(${value})::text` : `((${value})::${column.base})::text`;
  });
  const query = `select ${keyText(side)} as key, array_to_json(array[${list.join(', ')}]::text[])::text as list from ${side.from}
  where ${amongKeys(side)} and (${side.where})`;
  const { rows } = await source.query(query, keyColumns(side, keys), side.limitMs);
  return new Map(rows.map(({ key, list: json }) => [key ?? '', { columns, values: textsOf(json) }]));
}

function textsOf(json: string | null | undefined): readonly (string | null)[] {
  const list: unknown = JSON.parse(json ?? '[]');
  return Array.isArray(list) ? list.map((value) => (value === null ? null : String(value))) : [];
}
