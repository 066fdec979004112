/** How Postgres reads the value of a setting: https://www.postgresql.org/docs/current/config-setting.html */
import { escapeLiteral } from 'pg';

/** What `pg_settings` says of a setting. */
export interface SettingType {
  /** `bool`, `integer`, `real`, `enum` or `string`. */
  readonly vartype: string;
  /** The unit of a number without one, such as "8kB" or "ms"; null for none. */
  readonly unit: string | null;
  readonly name: string;
}

/** Settings whose value is a list of names; each name is quoted by itself (`variable_is_guc_list_quote` in pg_dump). */
const LISTS = [
  'local_preload_libraries',
  'search_path',
  'session_preload_libraries',
  'shared_preload_libraries',
  'temp_tablespaces',
  'unix_socket_directories',
];

const BYTES: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1024,
  MB: 1024 ** 2,
  GB: 1024 ** 3,
  TB: 1024 ** 4,
};
const MICROSECONDS: Readonly<Record<string, number>> = {
  us: 1,
  ms: 1_000,
  s: 1_000_000,
  min: 60_000_000,
  h: 3_600_000_000,
  d: 86_400_000_000,
};

/** Two texts with the same canonical form set the same value. */
export function canonical(text: string, type: SettingType): string {
  const value = text.trim();
  switch (type.vartype) {
    case 'bool':
      if (/^(?:on|t|true|y|yes|1)$/i.test(value)) return 'on';
      return /^(?:off|f|false|n|no|0)$/i.test(value) ? 'off' : value;
    case 'integer':
      return canonicalNumber(value, type.unit, Math.round);
    case 'real':
      return canonicalNumber(value, type.unit, (number) => number);
    case 'enum':
      return value.toLowerCase();
    default:
      return isList(type) ? JSON.stringify(namesOf(value)) : text;
  }
}

function canonicalNumber(value: string, unit: string | null, round: (number: number) => number): string {
  const [, digits, written = ''] = /^([-+]?\d*\.?\d+(?:[eE][-+]?\d+)?)\s*([A-Za-z]*)$/.exec(value) ?? [];
  if (digits === undefined) return value;
  if (written === '' || unit === null) return written === '' ? String(round(Number(digits))) : value;
  const [, count = '', base = ''] = /^(\d*)(\w+)$/.exec(unit) ?? [];
  const units = Object.hasOwn(BYTES, base) ? BYTES : MICROSECONDS;
  const [factor, one] = [units[written], units[base]];
  if (factor === undefined || one === undefined) return value;
  return String(round((Number(digits) * factor) / (one * Number(count || '1'))));
}

/** The value as SQL: one literal, or one for each name of a list. */
export function literal(value: string, type: SettingType): string {
  return isList(type) ? namesOf(value).map(escapeLiteral).join(', ') : escapeLiteral(value);
}

function isList({ name }: SettingType): boolean {
  return LISTS.includes(name);
}

/** `"$user", public` as its names. An empty list is one empty name, as Postgres writes it. */
function namesOf(value: string): readonly string[] {
  const names = value.match(/"(?:[^"]|"")*"|[^",\s][^",]*/g) ?? [''];
  return names.map((name) => (name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name.trim()));
}
