/** The rules of a data migration that a machine reads: the new value of a column, and which rows are meant. */

export type RowRule =
  /** `COLUMN = EXPRESSION` */
  | { readonly kind: 'set'; readonly column: string; readonly value: string }
  /** `source.COLUMN = EXPRESSION`: the way back, where the target is written too */
  | { readonly kind: 'back'; readonly column: string; readonly value: string }
  /** `where CONDITION` */
  | { readonly kind: 'where'; readonly condition: string }
  /** `omit COLUMN` */
  | { readonly kind: 'omit'; readonly column: string };

const NAME = '[A-Za-z_][A-Za-z0-9_]*|"[^"]+"';
const SET = new RegExp(`^(${NAME})\\s*=(?!=)\\s*(\\S.*)$`, 's');
const BACK = new RegExp(`^source\\.(${NAME})\\s*=(?!=)\\s*(\\S.*)$`, 'is');
const OMIT = new RegExp(`^omit\\s+(${NAME})$`, 'i');
const WHERE = /^where\s+(\S.*)$/is;

/** Null when it is no such rule. The SQL in it is not parsed here. */
export function parseRowRule(text: string): RowRule | null {
  const rule = text.trim();
  const omit = OMIT.exec(rule)?.[1];
  if (omit !== undefined) return { kind: 'omit', column: nameOf(omit) };
  const condition = WHERE.exec(rule)?.[1];
  if (condition !== undefined) return { kind: 'where', condition };
  const [, returned, from] = BACK.exec(rule) ?? [];
  if (returned !== undefined && from !== undefined) {
    return { kind: 'back', column: nameOf(returned), value: from };
  }
  const [, column, value] = SET.exec(rule) ?? [];
  return column === undefined || value === undefined ? null : { kind: 'set', column: nameOf(column), value };
}

/** As Postgres reads it: small letters, unless it is quoted. */
function nameOf(written: string): string {
  return written.startsWith('"') ? written.slice(1, -1) : written.toLowerCase();
}

/** "500 rows/s", "1,000 rows per second": rows per second; null when it is none. */
/** What a person writes to limit rows: "500 rows/s", "500", or "none" for the limit of the strategy; null for anything else. */
export function parseRowLimit(text: string): { readonly ratePerSecond: number | null } | null {
  if (text.trim() === 'none') return { ratePerSecond: null };
  const ratePerSecond = parseRowRate(/^\d+$/.test(text.trim()) ? `${text} rows/s` : text);
  return ratePerSecond === null ? null : { ratePerSecond };
}

export function parseRowRate(text: string): number | null {
  const [, digits, unit] =
    /^(\d[\d,_]*)\s*(?:rows?|records?)\s*(?:\/|per)\s*(s|sec|second|min|minute|h|hour)$/i.exec(text.trim()) ??
    [];
  if (digits === undefined || unit === undefined) return null;
  const count = Number(digits.replaceAll(/[,_]/g, ''));
  const seconds = { s: 1, m: 60, h: 3_600 }[unit.charAt(0).toLowerCase()] ?? 1;
  return count > 0 ? count / seconds : null;
}
