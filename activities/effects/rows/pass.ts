/**
 * One way through the rows of a table by ranges of its key, and the statement that changes the rows of a range. Each statement
 * answers with the number of rows that it wrote, so that every row it read is accounted for.
 *
 * What is changed or deleted is first kept, in the same statement, in a table of the transfer (`sluice.saved_...`) that has
 * the columns of the source. `sluice_after` holds the changed columns as the update left them: the undo restores a row
 * only if they still are so, and what somebody wrote since is left alone.
 */
import type { RowsAction } from '../../../strategy/plan.js';
import { type Column, quoted, type Table } from './table.js';
import { type ThroughStatements, throughOf } from './through.js';

export interface Tables {
  readonly source: Table;
  /** Null for what is changed in place. */
  readonly target: Table | null;
  /** The name of the table of saved rows, quoted. */
  readonly saved: string;
}

export interface Pass {
  /** The table whose keys are gone through, quoted. */
  readonly over: string;
  readonly key: readonly Column[];
  /** An SQL condition for the rows that are written; null for all. */
  readonly where: string | null;
  /** @param range an SQL condition on the key columns */
  readonly statement: (range: string) => string;
  /** For rows that go from one database to another; null for a statement that does it all in one. */
  readonly pipe: PipeStatements | null;
  /** For rows that pass through a program. */
  readonly through: ThroughStatements | null;
  /** For the way back of rows that were delivered: those with the keys that are saved in the source. */
  readonly byKeys: ByKeys | null;
}

export interface ByKeys {
  /** Answers with the keys, as JSON arrays. @param range an SQL condition on the key columns */
  readonly read: (range: string) => string;
  /** Deletes the rows with these keys; a parameter per column. */
  readonly remove: string;
}

/** What is read on one connection and written on another. */
export interface PipeStatements {
  /** @param range an SQL condition on the key columns */
  readonly out: (range: string) => string;
  readonly in: string;
  /** The rows, as a query of the source. */
  readonly query: (range: string) => string;
  /** An insert into the same columns, to be planned only. */
  readonly trial: string;
  /** The setting that says to triggers of the target that sluice writes; null without such triggers. */
  readonly guard: string | null;
}

export function passOf(action: RowsAction, tables: Tables): Pass {
  const { source, target, saved } = tables;
  const { key } = source;
  const where = action.direction === 'apply' ? action.where : null;
  const delivers = action.change.do === 'deliver';
  const over =
    action.direction === 'apply' || delivers
      ? source.name
      : isCopy(action) && target !== null
        ? target.name
        : saved;
  const build = action.direction === 'apply' ? applying(action, tables) : undoing(action, tables);
  const program = action.direction === 'apply' && action.program !== undefined;
  const pipe = action.direction === 'apply' && isBetween(action) && target !== null && !program;
  return {
    ...{ over, key, where, statement: build },
    pipe: pipe ? piping(action, source, target, saved) : null,
    through: program ? throughOf(action, { source, target, saved }) : null,
    byKeys: delivers && action.direction === 'undo' && target !== null ? removing(source, target) : null,
  };
}

function removing({ name, key }: Table, target: Table): ByKeys {
  const texts = key.map((column) => `${quoted(column.name)}::text`).join(', ');
  const types = key.map(
    (column) => target.columns.find((own) => own.name === column.name)?.type ?? column.type,
  );
  const lists = types.map((type, index) => `$${index + 1}::text[]::${type}[]`).join(', ');
  return {
    read: (range) => `select to_json(array[${texts}])::text as key from ${name} where ${range}`,
    remove: `delete from ${target.name} where (${names(key)}) in (select * from unnest(${lists}))`,
  };
}

/** True where the pass itself leaves the rows where they are. */
export function isCopy({ change }: Pick<RowsAction, 'change'>): boolean {
  return change.do === 'copy' || change.do === 'join' || change.do === 'deliver';
}

/** The setting that says to the triggers of a transfer that it writes itself. `saved`: the name of its table of saved rows. */
export function guardOf(saved: string): string {
  return saved.replaceAll('"', '');
}

/** True for rows that go to another connection. */
export function isBetween({ connection, to = connection }: RowsAction): boolean {
  return to !== connection;
}

/**
 * Values travel in the type of the target's column without its limits, which the target then applies as any insert does. In binary
 * form, unless a column has a type of the database's own, whose number may be another one there.
 */
function piping(action: RowsAction, source: Table, target: Table, saved: string): PipeStatements {
  const mapped = mapping(action, source, target);
  const format = mapped.every(({ column }) => column.base !== null) ? 'binary' : 'text';
  const values = mapped.map(({ column, value }) =>
    column.base === null ? value : `(${value})::${column.base}`,
  );
  const chosen = action.where === null ? '' : ` and (${action.where})`;
  const query = (range: string): string =>
    `select ${values.join(', ')} from ${source.name} as ${source.alias} where ${range}${chosen}`;
  const list = names(mapped.map(({ column }) => column));
  return {
    query,
    guard: action.change.do === 'join' ? guardOf(saved) : null,
    trial: `insert into ${target.name} (${list}) overriding system value select ${mapped.map(({ column }) => `null::${column.type}`).join(', ')}`,
    out: (range) => `copy (${query(range)}) to stdout (format ${format})`,
    in: `copy ${target.name} (${list}) from stdin (format ${format})`,
  };
}

/** Every column of the target that gets a value, and the expression for it over the source. */
export function mapping(
  { set, omit }: Pick<RowsAction, 'set' | 'omit'>,
  source: Table,
  target: Table,
): readonly { readonly column: Column; readonly value: string }[] {
  return target.columns.flatMap((column) => {
    if (column.generated) return [];
    const rule = set.find((own) => own.column === column.name);
    if (rule !== undefined) return [{ column, value: `(${rule.value}\n)` }];
    const same = source.columns.some(({ name }) => name === column.name) && !omit.includes(column.name);
    return same ? [{ column, value: quoted(column.name) }] : [];
  });
}

function names(columns: readonly Column[], of = ''): string {
  return columns.map(({ name }) => of + quoted(name)).join(', ');
}

function applying(action: RowsAction, { source, target, saved }: Tables): Pass['statement'] {
  const { key, columns } = source;
  const chosen = action.where === null ? '' : ` and (${action.where})`;
  const kept = names(columns);
  const into = (from: string): string => {
    if (target === null) throw new Error(`${action.item} has no target table`);
    const mapped = mapping(action, source, target);
    const values = mapped.map(({ value }) => value).join(', ');
    const list = names(mapped.map(({ column }) => column));
    return `insert into ${target.name} (${list}) overriding system value select ${values} from ${from}`;
  };
  switch (action.change.do) {
    case 'copy':
    case 'deliver':
      return (range) => `${into(`${source.name} as ${source.alias}`)} where ${range}${chosen}`;
    case 'join': {
      if (target === null) throw new Error(`${action.item} has no target table`);
      return joining(action, source, target, guardOf(saved));
    }
    case 'archive':
      return (range) => `with sluice_gone as (delete from ${source.name} where ${range}${chosen} returning *),
  sluice_kept as (insert into ${saved} (${kept}) select ${kept} from sluice_gone)
${into(`sluice_gone as ${source.alias}`)}`;
    case 'fill': {
      const set = action.set.map(({ column, value }) => `${quoted(column)} = (${value}\n)`).join(', ');
      // A trigger that keeps the columns in step must not take a fill for a change of a client.
      return (range) => `update ${source.name} set ${set}
  from (select set_config('sluice.filling', 'on', true) as sluice_filling offset 0) sluice_setting where ${range}${chosen}`;
    }
    case 'delete':
      return (range) => `with sluice_gone as (delete from ${source.name} where ${range}${chosen} returning *)
insert into ${saved} (${kept}) select ${kept} from sluice_gone`;
    case 'update': {
      const set = action.set.map(({ column, value }) => `${quoted(column)} = (${value}\n)`).join(', ');
      return (
        range,
      ) => `with sluice_batch as materialized (select * from ${source.name} where ${range}${chosen} for update),
  sluice_changed as (update ${source.name} set ${set} where ${range} and (${names(key)}) in (select ${names(key)} from sluice_batch)
    returning ${names(key)}, ${valuesText(changedColumns(action, source), '')} as sluice_after)
insert into ${saved} (${kept}, sluice_after) select ${names(columns, 'b.')}, c.sluice_after
  from sluice_batch b join sluice_changed c on (${names(key, 'b.')}) = (${names(key, 'c.')})`;
    }
    default:
      return action.change satisfies never;
  }
}

/**
 * A copy beside triggers that write what changes meanwhile. Its rows of the source are held until it commits, so that none
 * changes or goes between; what the triggers have written already is as new as they are. It waits for nobody at the target: a
 * client that holds a row there may be waiting for one of ours.
 */
function joining(action: RowsAction, source: Table, target: Table, guard: string): Pass['statement'] {
  const { key, alias } = source;
  const chosen = action.where === null ? '' : ` and (${action.where})`;
  const mapped = mapping(action, source, target);
  const list = names(mapped.map(({ column }) => column));
  const values = mapped.map(({ value }) => value).join(', ');
  const own = names(target.key);
  const sameKey = (of: string): string =>
    `(${names(target.key, 't.')}) = (${target.key.map(({ name, type }) => `${of}${quoted(name)}::${type}`).join(', ')})`;
  return (
    range,
  ) => `with sluice_batch as materialized (select * from ${source.name} where ${range}${chosen} for share),
  sluice_new as (insert into ${target.name} as t (${list}) overriding system value
    select ${values} from sluice_batch as ${alias}
    where (select set_config('${guard}', 'on', true)) = 'on' and not exists (select from ${target.name} t where ${sameKey(`${alias}.`)})
    on conflict (${own}) do nothing returning ${names(target.key, 't.')})
select ${names(key, 'b.')} from sluice_batch b
where exists (select from ${target.name} t where ${sameKey('b.')}) or exists (select from sluice_new t where ${sameKey('b.')})`;
}

/** What the changes of a pass do, without the table of saved rows: to be planned only. */
export function trialsOf(action: RowsAction, { source, target }: Omit<Tables, 'saved'>): readonly string[] {
  const where = action.where ?? 'true';
  const gone = `delete from ${source.name} where ${where}`;
  switch (action.change.do) {
    case 'copy':
    case 'join':
    case 'deliver':
    // Its columns are added just before.
    case 'fill':
      return [];
    case 'delete':
      return [gone];
    case 'update': {
      if (action.program !== undefined) return throughOf(action, { source, target, saved: '' }).trials;
      const set = action.set.map(({ column, value }) => `${quoted(column)} = (${value}\n)`).join(', ');
      return [`update ${source.name} set ${set} where ${where}`];
    }
    case 'archive': {
      if (target === null) return [gone];
      const mapped = mapping(action, source, target);
      const list = names(mapped.map(({ column }) => column));
      const values = mapped.map(({ value }) => value).join(', ');
      return [
        gone,
        `insert into ${target.name} (${list}) overriding system value select ${values} from ${source.name} where ${where}`,
      ];
    }
    default:
      return action.change satisfies never;
  }
}

/** The values of the changed columns as one text, which is exact: the settings of the session are those of the batch. */
export function valuesText(columns: readonly string[], of: string): string {
  return `row(${columns.map((column) => of + quoted(column)).join(', ')})::text`;
}

/** The columns that an update may change: those of the rules, or, where a program answers, all that can be written but the key. */
export function changedColumns({ set, program }: RowsAction, { columns, key }: Table): readonly string[] {
  if (program === undefined) return set.map(({ column }) => column);
  return columns.filter((column) => !column.generated && !key.includes(column)).map(({ name }) => name);
}

/** What has been restored is removed from the saved rows: those that stay could not be restored. */
function undoing(action: RowsAction, { source, target, saved }: Tables): Pass['statement'] {
  const { key, columns } = source;
  const written = names(columns.filter(({ generated }) => !generated));
  const sameKey = (left: string, right: string): string => `(${names(key, left)}) = (${names(key, right)})`;
  const restored = (
    range: string,
  ): string => `with sluice_saved as materialized (select * from ${saved} where ${range}),
  sluice_back as (insert into ${source.name} (${written}) overriding system value select ${written} from sluice_saved
    on conflict do nothing returning ${names(key)})`;
  const forget = `delete from ${saved} where (${names(key)}) in (select ${names(key)} from sluice_back)`;
  switch (action.change.do) {
    case 'fill':
      throw new Error('What was filled is undone with its columns.');
    case 'copy':
    case 'join':
    // Not executed for a delivery, which goes by the keys.
    case 'deliver':
      return (range) => `delete from ${target?.name ?? ''} where ${range}`;
    case 'delete':
      return (range) => `${restored(range)}\n${forget}`;
    case 'archive':
      return (range) => `${restored(range)},
  sluice_gone as (delete from ${target?.name ?? ''} t using sluice_back b where ${sameKey('t.', 'b.')})
${forget}`;
    case 'update': {
      const changed = changedColumns(action, source);
      const set = changed.map((column) => `${quoted(column)} = s.${quoted(column)}`).join(', ');
      return (range) => `with sluice_saved as materialized (select * from ${saved} where ${range}),
  sluice_back as (update ${source.name} t set ${set} from sluice_saved s
    where ${sameKey('t.', 's.')} and ${valuesText(changed, 't.')} = s.sluice_after returning ${names(key, 't.')})
${forget}`;
    }
    default:
      return action.change satisfies never;
  }
}
