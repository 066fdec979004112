/**
 * The SQL of a schema change on Postgres, in transactions. Every part that would make traffic wait is split: a constraint is
 * added `NOT VALID` and then validated, an index is built concurrently, and NOT NULL is set once a validated check proves it.
 *
 * The first transaction leaves a row in `sluice.schema_change`, and the undo does nothing without it: so it never drops what
 * was there before the run.
 */
import type { TableName } from '../../plan.js';
import type { SchemaRule } from '../../sentence/schema-rule.js';
import { type Synced, withoutSync, withSync } from './schema-sync.js';
import { body, literal, quoted, regclass, tableName } from './sql-text.js';

export interface SchemaChange extends Synced {
  readonly rules: readonly SchemaRule[];
  readonly dropped: readonly string[];
}

/** Statements that commit together. */
export type Transaction = readonly string[];

/** Everything that is done before the rows are filled. */
export function expandStart(change: SchemaChange): Transaction {
  const { item, table, rules } = change;
  const columns = rules.flatMap((rule) =>
    rule.kind === 'add-column' ? [`add column ${quoted(rule.column)} ${rule.type}`] : [],
  );
  return [
    MARKS,
    refuseWhatExists(change),
    `insert into sluice.schema_change (run, item) values (${RUN}, ${literal(item)})`,
    ...(columns.length === 0 ? [] : [`alter table ${tableName(table)} ${columns.join(', ')}`]),
    ...withSync(change),
  ];
}

/** Everything that is done after the rows are filled. */
export function expandEnd({ table, rules }: SchemaChange): readonly Transaction[] {
  const alter = `alter table ${tableName(table)}`;
  return rules.flatMap((rule): readonly Transaction[] => {
    switch (rule.kind) {
      case 'not-null': {
        const proof = quoted(proofOf(rule.column));
        return [
          [`${alter} add constraint ${proof} check (${quoted(rule.column)} is not null) not valid`],
          [`${alter} validate constraint ${proof}`],
          [`${alter} alter column ${quoted(rule.column)} set not null`, `${alter} drop constraint ${proof}`],
        ];
      }
      case 'constraint':
        return [
          [`${alter} add constraint ${quoted(rule.name)} ${rule.definition} not valid`],
          [`${alter} validate constraint ${quoted(rule.name)}`],
        ];
      case 'unique':
        return [
          [indexOf(table, rule.name, true, rule.columns)],
          [`${alter} add constraint ${quoted(rule.name)} unique using index ${quoted(rule.name)}`],
        ];
      case 'index':
        return [[indexOf(table, rule.name, rule.unique, rule.on)]];
      case 'add-column':
      case 'set':
      case 'drop-column':
        return [];
      default:
        return rule satisfies never;
    }
  });
}

/** Takes away what the change added. */
export function expandUndo(change: SchemaChange): Transaction {
  const { item, table, rules } = change;
  const alter = `alter table ${tableName(table)}`;
  const statements = rules.toReversed().flatMap((rule): readonly string[] => {
    switch (rule.kind) {
      case 'add-column':
        return [`${alter} drop column if exists ${quoted(rule.column)}`];
      case 'not-null':
        return [
          `${alter} drop constraint if exists ${quoted(proofOf(rule.column))}`,
          `${alter} alter column ${quoted(rule.column)} drop not null`,
        ];
      case 'constraint':
        return [`${alter} drop constraint if exists ${quoted(rule.name)}`];
      case 'unique':
        return [
          `${alter} drop constraint if exists ${quoted(rule.name)}`,
          `drop index if exists ${tableName({ ...table, table: rule.name })}`,
        ];
      case 'index':
        return [`drop index if exists ${tableName({ ...table, table: rule.name })}`];
      case 'set':
      case 'drop-column':
        return [];
      default:
        return rule satisfies never;
    }
  });
  return [ifMarked(item, [...withoutSync(change), ...statements, forget(item)])];
}

/** Puts the old columns aside, under another name, and ends what kept them in step. */
export function contractStart(change: SchemaChange, contract: string): Transaction {
  const { table, dropped } = change;
  const alter = `alter table ${tableName(table)}`;
  const list = dropped.map(literal).join(', ');
  return [
    MARKS,
    `insert into sluice.schema_change (run, item, not_null)
select ${RUN}, ${literal(contract)}, coalesce(array_agg(attname::text) filter (where attnotnull), '{}')
  from pg_attribute where attrelid = ${regclass(table)} and attname in (${list}) and not attisdropped`,
    ...withoutSync(change),
    ...dropped.flatMap((column) => [
      `${alter} alter column ${quoted(column)} drop not null`,
      `${alter} rename column ${quoted(column)} to ${quoted(asideOf(column))}`,
    ]),
  ];
}

/** Brings the old columns back. Their rows are filled after it, and then `contractUndoEnd` makes them NOT NULL again. */
export function contractUndoStart(change: SchemaChange, contract: string): Transaction {
  const { table, dropped } = change;
  const alter = `alter table ${tableName(table)}`;
  const back = dropped.map(
    (column) => `${alter} rename column ${quoted(asideOf(column))} to ${quoted(column)}`,
  );
  return [ifMarked(contract, [...back, ...withSync(change)])];
}

export function contractUndoEnd(change: SchemaChange, contract: string): readonly Transaction[] {
  const { table, dropped } = change;
  const alter = `alter table ${tableName(table)}`;
  const each = (statements: (column: string) => readonly string[]): Transaction =>
    dropped.map((column) => ifMarked(contract, statements(column), column));
  return [
    each((column) => [
      `${alter} add constraint ${quoted(proofOf(column))} check (${quoted(column)} is not null) not valid`,
    ]),
    each((column) => [`${alter} validate constraint ${quoted(proofOf(column))}`]),
    [
      ...each((column) => [
        `${alter} alter column ${quoted(column)} set not null`,
        `${alter} drop constraint ${quoted(proofOf(column))}`,
      ]),
      ifMarked(contract, [forget(contract)]),
    ],
  ];
}

/** Drops what the contract put aside. Its mark stays, so that an undo of the contract fails instead of doing nothing. */
export function dropAside({ table, dropped }: SchemaChange, contract: string): Transaction {
  const columns = dropped.map((column) => `drop column if exists ${quoted(asideOf(column))}`);
  return [
    body(`begin
  if not exists (select from sluice.schema_change where run = ${RUN} and item = ${literal(contract)}) then
    raise exception '%', ${literal(`${contract} has put no column aside in this run`)};
  end if;
end`),
    `alter table ${tableName(table)} ${columns.join(', ')}`,
  ];
}

/** Which rows still need the added columns. */
export function unfilled({ forward }: SchemaChange): string {
  return forward.map(({ column }) => `${quoted(column)} is null`).join(' and ');
}

/** Which rows were written while the old columns were aside: the new ones are not what the old ones give. */
export function unreturned({ forward }: SchemaChange): string {
  const now = forward.map(({ column }) => quoted(column)).join(', ');
  const then = forward.map(({ value }) => `(${value}\n)`).join(', ');
  return `row(${now}) is distinct from row(${then})`;
}

const RUN = "current_setting('sluice.run')";

const MARKS = `create table if not exists sluice.schema_change (run text, item text, not_null text[] not null default '{}', at timestamptz not null default now(), primary key (run, item))`;

function forget(item: string): string {
  return `delete from sluice.schema_change where run = ${RUN} and item = ${literal(item)}`;
}

/** `notNull`: only if this column was NOT NULL before. */
function ifMarked(item: string, statements: readonly string[], notNull: string | null = null): string {
  const and = notNull === null ? '' : ` and ${literal(notNull)} = any (not_null)`;
  return body(`begin
  if to_regclass('sluice.schema_change') is null then return; end if;
  if not exists (select from sluice.schema_change where run = ${RUN} and item = ${literal(item)}${and}) then return; end if;
${statements.map((statement) => `  ${statement};`).join('\n')}
end`);
}

function refuseWhatExists({ table, rules }: SchemaChange): string {
  const found = (what: string, condition: string): string =>
    `  if ${condition} then raise exception '%', ${literal(`${what} exists already`)}; end if;`;
  const constraint = (own: string): string =>
    found(
      `the constraint ${own}`,
      `exists (select from pg_constraint where conrelid = ${regclass(table)} and conname = ${literal(own)})`,
    );
  const index = (own: string): string =>
    found(`the index ${own}`, `to_regclass(${literal(tableName({ ...table, table: own }))}) is not null`);
  const lines = rules.flatMap((rule): readonly string[] => {
    switch (rule.kind) {
      case 'constraint':
        return [constraint(rule.name)];
      case 'unique':
        return [constraint(rule.name), index(rule.name)];
      case 'index':
        return [index(rule.name)];
      case 'not-null':
        return [
          found(
            `NOT NULL of ${rule.column}`,
            `exists (select from pg_attribute where attrelid = ${regclass(table)} and attname = ${literal(rule.column)} and attnotnull and not attisdropped)`,
          ),
        ];
      case 'add-column':
      case 'set':
      case 'drop-column':
        return [];
      default:
        return rule satisfies never;
    }
  });
  return body(`begin\n${lines.join('\n')}\nend`);
}

function indexOf(table: TableName, index: string, unique: boolean, on: string): string {
  return `create ${unique ? 'unique ' : ''}index concurrently ${quoted(index)} on ${tableName(table)} ${on}`;
}

/** Postgres cuts longer names off, and then two may be the same. */
const MOST = 63;

function asideOf(column: string): string {
  return `sluice_old_${column}`.slice(0, MOST);
}

function proofOf(column: string): string {
  return `sluice_not_null_${column}`.slice(0, MOST);
}
