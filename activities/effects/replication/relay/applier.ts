/** Writes the changes of a publisher to the tables of the same names on the other side. */
import pg from 'pg';
import { tableText } from '../../../../strategy/kinds/effects/rows.js';
import { serverMessage } from '../../../sql/failure.js';
import type { Session } from '../../../sql/session.js';
import { quoted, readTable } from '../../rows/table.js';
import { Stopped } from '../setting.js';
import type { Change, Relation, Value } from './messages.js';

/** How its changes are written to a table. */
interface Into {
  readonly name: string;
  readonly quoted: string;
  /** By place in the message; null for a column that this side does not have. */
  readonly columns: readonly (string | null)[];
  /** Places of the columns by which a row is found. */
  readonly key: readonly number[];
}

/** Rows that one statement inserts: at most so many values, and so many bytes. */
const MOST_VALUES = 20_000;
const MOST_BYTES = 4_000_000;
/** As long as one statement may take: it may wait for locks of others. */
const APPLY_MS = 3_600_000;

export class Applier {
  readonly #tables = new Map<number, Into>();
  #inserts: Change[] = [];
  #bytes = 0;

  /** @param mayLack columns that this side need not have; null for any */
  constructor(
    readonly session: Session,
    readonly mayLack: readonly string[] | null,
  ) {}

  /** The publisher says what a table is like from now on. Throws `Stopped` when it has a column that would be lost. */
  async relation({ oid, schema, table, columns, full }: Relation): Promise<void> {
    await this.flush();
    const name = tableText({ schema, table });
    const here = await readTable(this.session, { schema, table });
    if (here === null) throw new Stopped(`The table ${name} is gone on the side that the relay writes to.`);
    const own = columns.map((column) => {
      const found = here.columns.find((there) => there.name === column.name);
      if (found !== undefined) return found.generated ? null : quoted(column.name);
      if (this.mayLack === null || this.mayLack.includes(column.name)) return null;
      throw new Stopped(
        `The column "${column.name}" of ${name} is new, and the other side does not have it: its values would be lost. Add it there, and retry: the relay goes on where it was.`,
      );
    });
    const isKey = full
      ? (column: string) => here.key.some((there) => there.name === column)
      : (column: string) => columns.some((there) => there.name === column && there.key);
    const key = columns.flatMap((column, place) => (isKey(column.name) ? [place] : []));
    this.#tables.set(oid, { name, quoted: here.name, columns: own, key });
  }

  async change(change: Change): Promise<void> {
    const into = this.#tables.get(change.relation);
    if (into === undefined) throw new Error(`The publisher has not said what table ${change.relation} is.`);
    if (change.tag === 'insert') return this.#insert(into, change);
    await this.flush();
    const found = change.before ?? change.after ?? [];
    const values: Value[] = [];
    const place = (value: Value): string => `$${values.push(value ?? null)}`;
    const set = change.tag === 'delete' ? [] : this.#assignments(into, change, place);
    if (change.tag === 'update' && set.length === 0) return;
    const where = into.key.map((at) => `${into.columns[at] ?? 'null'} = ${place(found[at])}`).join(' and ');
    const statement =
      change.tag === 'delete'
        ? `delete from ${into.quoted} where ${where}`
        : `update ${into.quoted} set ${set.join(', ')} where ${where}`;
    await this.#run(into, statement, values, 1);
  }

  /** Of all columns that were sent; those of the key only where it has changed. */
  #assignments(
    { columns, key }: Into,
    { before, after }: Change,
    place: (value: Value) => string,
  ): readonly string[] {
    return columns.flatMap((column, at) => {
      const value = after?.[at];
      if (column === null || value === undefined) return [];
      if (key.includes(at) && (before === null || before[at] === value)) return [];
      return [`${column} = ${place(value)}`];
    });
  }

  async #insert(into: Into, change: Change): Promise<void> {
    const [first] = this.#inserts;
    const full =
      (this.#inserts.length + 1) * into.columns.length > MOST_VALUES ||
      this.#bytes + change.bytes > MOST_BYTES;
    if (first !== undefined && (first.relation !== change.relation || full)) await this.flush();
    this.#inserts.push(change);
    this.#bytes += change.bytes;
  }

  /** Writes the rows that are held back to be inserted together. */
  async flush(): Promise<void> {
    const rows = this.#inserts;
    const into = this.#tables.get(rows[0]?.relation ?? -1);
    if (into === undefined) return;
    this.#inserts = [];
    this.#bytes = 0;
    const places = into.columns.flatMap((column, at) => (column === null ? [] : [at]));
    const names = places.map((at) => into.columns[at]).join(', ');
    const values: Value[] = [];
    const tuples = rows.map(
      ({ after }) => `(${places.map((at) => `$${values.push(after?.[at] ?? null)}`).join(', ')})`,
    );
    // The types of the values are those of the columns, so that each is read and limited as the column does.
    const statement = `insert into ${into.quoted} (${names}) overriding system value values ${tuples.join(', ')}`;
    await this.#run(into, statement, values, rows.length);
  }

  /** Forgets what was held back: the transaction is rolled back. */
  reset(): void {
    this.#inserts = [];
    this.#bytes = 0;
  }

  async #run({ name }: Into, statement: string, values: readonly Value[], expected: number): Promise<void> {
    let written: number | null;
    try {
      written = (await this.session.query(statement, values, APPLY_MS)).rowCount;
    } catch (error) {
      if (!(error instanceof pg.DatabaseError) || !REFUSED.test(error.code ?? '')) throw error;
      throw new Stopped(
        `The relay could not apply a change of ${name}: ${serverMessage(error)}. Correct what refuses it, and retry: it goes on with that transaction, and nothing is lost.`,
      );
    }
    if (written === expected) return;
    throw new Stopped(
      `The relay applied a change of ${name} to ${written ?? 0} rows and not to ${expected}: somebody changed that side, or a trigger keeps rows back. Compare both sides ("sluice reconcile"), put the row right, and retry: it goes on with that transaction.`,
    );
  }
}

/** SQLSTATE classes of what is wrong with the row or the table, which no waiting helps. */
const REFUSED = /^(?:0A|21|22|23|42|44|P0)/;
