/**
 * A row as it is kept: a JSON object of the texts of its values, which the types read again exactly. As JSON values, SQL NULL and the JSON
 * null would be the same, json would lose its spelling, and a float its negative zero.
 */
import { type Column, quoted } from '../effects/rows/table.js';

type Named = Pick<Column, 'name' | 'type'>;

/** SQL for the image of the row `t`. */
export function imageSql(columns: readonly Named[]): string {
  const texts = columns.map(({ name }) => `t.${quoted(name)}::text as ${quoted(name)}`);
  return `(select to_jsonb(image) from (select ${texts.join(', ')}) image)`;
}

/** SQL for a table of one row, from an image that a parameter holds. */
export function rowSql(columns: readonly Named[], parameter: string): string {
  return `(select ${columns.map((column) => `${valueSql(column, parameter)} as ${quoted(column.name)}`).join(', ')})`;
}

function valueSql({ name, type }: Named, parameter: string): string {
  return `(${parameter}::jsonb ->> '${name.replaceAll("'", "''")}')::${type}`;
}
