/** The rules of a `schema_change` that a machine reads. The SQL in them is not parsed here. */

export type SchemaRule =
  /** `add column COLUMN TYPE [default SQL]` */
  | { readonly kind: 'add-column'; readonly column: string; readonly type: string }
  /** `COLUMN = SQL`: its value, computed from the other columns of the row */
  | { readonly kind: 'set'; readonly column: string; readonly value: string }
  /** `set not null COLUMN` */
  | { readonly kind: 'not-null'; readonly column: string }
  /** `add constraint NAME check (SQL)`, `... foreign key (COLUMNS) references ...` */
  | { readonly kind: 'constraint'; readonly name: string; readonly definition: string }
  /** `add constraint NAME unique (COLUMNS)` */
  | { readonly kind: 'unique'; readonly name: string; readonly columns: string }
  /** `add index NAME (COLUMNS)`, `add unique index NAME using ...` */
  | { readonly kind: 'index'; readonly name: string; readonly unique: boolean; readonly on: string }
  /** `drop column COLUMN`: what the contract does */
  | { readonly kind: 'drop-column'; readonly column: string };

const NAME = '[A-Za-z_][A-Za-z0-9_]*|"[^"]+"';
const rule = (pattern: string): RegExp => new RegExp(`^${pattern.replaceAll(' ', '\\s+')}$`, 'is');

const ADD_COLUMN = rule(`add column (${NAME}) (\\S.*)`);
const NOT_NULL = rule(`set not null (${NAME})`);
const UNIQUE = rule(`add constraint (${NAME}) unique\\s*(\\(.*\\))`);
const CONSTRAINT = rule(`add constraint (${NAME}) ((?:check|foreign key)\\b.*)`);
const INDEX = rule(`add (unique )?index (${NAME})\\s*((?:\\(|using ).*)`);
const DROP = rule(`drop column (${NAME})`);
const SET = new RegExp(`^(${NAME})\\s*=(?!=)\\s*(\\S.*)$`, 's');

/** True for a rule that only the contract carries out. */
export function isContractRule(text: string): boolean {
  return DROP.test(text.trim());
}

/** Null when it is no such rule. */
export function parseSchemaRule(text: string): SchemaRule | null {
  const given = text.trim();
  const [, column, type] = ADD_COLUMN.exec(given) ?? [];
  if (column !== undefined && type !== undefined) return { kind: 'add-column', column: nameOf(column), type };
  const [, needed] = NOT_NULL.exec(given) ?? [];
  if (needed !== undefined) return { kind: 'not-null', column: nameOf(needed) };
  const [, unique, columns] = UNIQUE.exec(given) ?? [];
  if (unique !== undefined && columns !== undefined) return { kind: 'unique', name: nameOf(unique), columns };
  const [, name, definition] = CONSTRAINT.exec(given) ?? [];
  if (name !== undefined && definition !== undefined) {
    return { kind: 'constraint', name: nameOf(name), definition };
  }
  const [, isUnique, index, on] = INDEX.exec(given) ?? [];
  if (index !== undefined && on !== undefined) {
    return { kind: 'index', name: nameOf(index), unique: isUnique !== undefined, on };
  }
  const [, dropped] = DROP.exec(given) ?? [];
  if (dropped !== undefined) return { kind: 'drop-column', column: nameOf(dropped) };
  const [, set, value] = SET.exec(given) ?? [];
  return set === undefined || value === undefined ? null : { kind: 'set', column: nameOf(set), value };
}

/** As Postgres reads it: small letters, unless it is quoted. */
function nameOf(written: string): string {
  return written.startsWith('"') ? written.slice(1, -1) : written.toLowerCase();
}
