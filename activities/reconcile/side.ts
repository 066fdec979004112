/**
 * One side of a pair of tables: which rows are compared, and every compared value in a type and as a text that both databases write
 * alike for equal values. They are hashed in the database (hash.ts); only hashes and the keys of rows that differ leave it.
 *
 * A value of the source is first turned into the type of the target column without its limits: a text that was cut, or a number
 * that was rounded on the way, is a difference. A rule of the item says so where it is meant.
 */
import type { ComparedTable } from '../../strategy/plan.js';
import { mapping } from '../effects/rows/pass.js';
import { type Column, quoted, type Table } from '../effects/rows/table.js';
import type { Session } from '../sql/session.js';
import type { Hash, Hashed } from './hash.js';
import { imageSql } from './image.js';

export interface Side {
  readonly session: Session;
  /** The table, quoted. */
  readonly from: string;
  /** SQL for the image of a row `t` of it; see image.ts. */
  readonly image: string;
  readonly key: readonly KeyColumn[];
  readonly values: readonly Value[];
  /** An SQL condition for the rows that are compared. */
  readonly where: string;
  readonly hash: Hash;
  /** Milliseconds that one statement may take. */
  readonly limitMs: number;
}

export interface KeyColumn {
  /** Quoted. */
  readonly name: string;
  /** As SQL sorts and compares it; the same order on both sides. */
  readonly sql: string;
  readonly type: string;
  /** Its canonical text, as SQL. */
  readonly text: string;
}

export interface Value extends Hashed {
  readonly column: string;
}

export interface Sides {
  readonly source: Side;
  readonly target: Side;
}

export interface OpenSide {
  readonly session: Session;
  readonly table: Table;
}

export interface Comparable {
  readonly sides: Sides;
  /** Columns of the source that the target lacks, although nothing says so. */
  readonly drift: readonly string[];
}

export function sidesOf(
  compared: ComparedTable,
  source: OpenSide,
  target: OpenSide,
  { hash, limitMs }: Pick<Side, 'hash' | 'limitMs'>,
): Comparable {
  const mapped = mapping(compared, source.table, target.table).filter(
    ({ column }) => !compared.exclude.includes(column.name),
  );
  const byName = (name: string): number => mapped.findIndex(({ column }) => column.name === name);
  const values = (of: 'source' | 'target'): readonly Value[] =>
    mapped.map(({ column, value }) => {
      const typed = inType(of === 'source' ? value : quoted(column.name), column);
      return { column: column.name, base: column.base, value: typed, text: `${typed}::text` };
    });
  const sameOrder = target.table.key.every(({ name, collation }) => {
    return columnOf(source.table, name)?.collation === collation;
  });
  const keyOf = (table: Table): readonly KeyColumn[] =>
    target.table.key.flatMap((column) => {
      const own = columnOf(table, column.name);
      if (own === undefined) return [];
      const sortable = !sameOrder && (own.collation !== null || column.collation !== null);
      const sql = `${quoted(own.name)}${sortable ? ' collate "C"' : ''}`;
      return [{ name: quoted(own.name), sql, type: own.type, text: canonical(quoted(own.name), column) }];
    });
  const where = (...conditions: readonly (string | null)[]): string =>
    conditions.filter((condition) => condition !== null).join(' and ') || 'true';
  const filter = compared.filter;
  const drift = source.table.columns.filter(({ name, generated }) => {
    const meant = compared.omit.includes(name) || compared.exclude.includes(name) || generated;
    return !meant && byName(name) < 0 && columnOf(target.table, name) === undefined;
  });
  return {
    drift: drift.map(({ name }) => name),
    sides: {
      source: {
        session: source.session,
        from: source.table.name,
        image: imageSql(source.table.columns),
        key: keyOf(source.table),
        values: values('source'),
        where: where(compared.where, filter),
        ...{ hash, limitMs },
      },
      target: {
        session: target.session,
        from: target.table.name,
        image: imageSql(target.table.columns),
        key: keyOf(target.table),
        values: values('target'),
        where: where(filter),
        ...{ hash, limitMs },
      },
    },
  };
}

function columnOf(table: Table, name: string): Column | undefined {
  return table.columns.find((column) => column.name === name);
}

const TIMES: ReadonlySet<string | null> = new Set([
  'date',
  'timestamp without time zone',
  'timestamp with time zone',
]);

/** True for values that are moments, or days. */
export function isTime({ base }: Pick<Column, 'base'>): boolean {
  return TIMES.has(base);
}

/** The text of a value as a column of that type writes it. */
export function canonical(value: string, column: Pick<Column, 'base'>): string {
  return `${inType(value, column)}::text`;
}

/** A value in the type of a column, without its limits. 1.50 and 1.5 are equal numbers. */
function inType(value: string, { base }: Pick<Column, 'base'>): string {
  if (base === 'numeric') return `trim_scale((${value})::numeric)`;
  return base === null ? `(${value})` : `((${value})::${base})`;
}

/** The text of a key, as a JSON array. */
export function keyText({ key }: Pick<Side, 'key'>): string {
  return `json_build_array(${key.map(({ text }) => text).join(', ')})::text`;
}
