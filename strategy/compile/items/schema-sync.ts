/** The trigger that keeps the old and the new columns of a table in step while both are written. */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { ColumnRule, TableName } from '../../plan.js';
import { INNER_TAG, quoted, tableName } from './sql-text.js';

export interface Synced {
  readonly item: string;
  readonly table: TableName;
  /** The added columns that are computed from the old ones. */
  readonly forward: readonly ColumnRule[];
  /** Old columns that are computed from the added ones, for clients that write only those. */
  readonly back: readonly ColumnRule[];
}

export function withSync(change: Synced): readonly string[] {
  return change.forward.length === 0 ? [] : [syncFunction(change), syncTrigger(change), syncAlways(change)];
}

export function withoutSync(change: Synced): readonly string[] {
  if (change.forward.length === 0) return [];
  return [
    `drop trigger if exists ${quoted(syncName(change))} on ${tableName(change.table)}`,
    `drop function if exists sluice.${quoted(syncName(change))}()`,
  ];
}

/**
 * Keeps both shapes in step. What a client changes decides: the old columns give the new ones, else the new ones give the old
 * ones; a client that writes both is left alone.
 */
function syncFunction(change: Synced): string {
  const { forward, back, table } = change;
  const evaluate = (rules: readonly ColumnRule[], row: 'new' | 'old', into: string): string =>
    `select ${rules.map(({ column, value }) => `(${value}\n) as ${quoted(column)}`).join(', ')} into ${into} from (select ${row}.*) as ${quoted(table.table)};`;
  const assign = (rules: readonly ColumnRule[], from: string): string =>
    rules.map(({ column }) => `new.${quoted(column)} := ${from}.${quoted(column)};`).join(' ');
  const empty = (rules: readonly ColumnRule[]): string =>
    rules.map(({ column }) => `new.${quoted(column)} is null`).join(' and ');
  const onInsert =
    back.length === 0
      ? ''
      : `
    elsif ${empty(back)} then
      ${evaluate(back, 'new', 'back_new')} ${assign(back, 'back_new')}`;
  const onUpdate =
    back.length === 0
      ? `  if ahead then ${assign(forward, 'ahead_new')} end if;`
      : `  ${evaluate(back, 'new', 'back_new')} ${evaluate(back, 'old', 'back_old')}
  returned := back_new::text is distinct from back_old::text;
  if ahead and not returned then ${assign(forward, 'ahead_new')}
  elsif returned and not ahead then ${assign(back, 'back_new')} end if;`;
  return `create function sluice.${quoted(syncName(change))}() returns trigger language plpgsql set search_path from current as ${INNER_TAG}
declare ahead_new record; ahead_old record; back_new record; back_old record; ahead boolean; returned boolean;
begin
  if current_setting('sluice.filling', true) = 'on' then return new; end if;
  if tg_op = 'INSERT' then
    if ${empty(forward)} then
      ${evaluate(forward, 'new', 'ahead_new')} ${assign(forward, 'ahead_new')}${onInsert}
    end if;
    return new;
  end if;
  ${evaluate(forward, 'new', 'ahead_new')} ${evaluate(forward, 'old', 'ahead_old')}
  ahead := ahead_new::text is distinct from ahead_old::text;
${onUpdate}
  return new;
end ${INNER_TAG}`;
}

/** A fill does not even call the function: that alone makes it a third faster. */
function syncTrigger(change: Synced): string {
  const own = quoted(syncName(change));
  return `create trigger ${own} before insert or update on ${tableName(change.table)} for each row
  when (current_setting('sluice.filling', true) is distinct from 'on') execute function sluice.${own}()`;
}

/** Rows that arrive by replication have both shapes as well: an ordinary trigger does not fire for them. */
function syncAlways(change: Synced): string {
  return `alter table ${tableName(change.table)} enable always trigger ${quoted(syncName(change))}`;
}

function syncName({ item, table }: Synced): string {
  const digest = bytesToHex(sha256(utf8ToBytes(JSON.stringify([item, table.schema, table.table]))));
  return `sync_${digest.slice(0, 16)}`;
}
