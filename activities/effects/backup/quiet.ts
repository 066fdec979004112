/** Rows are put back without the triggers of applications, and with foreign keys looked at in the end. */
import type { Session } from '../../sql/session.js';
import { quoted } from '../rows/table.js';

/** Own triggers would change the rows that are put back. Those that always fire keep other tables in step, and do so now. */
const TRIGGERS = `select tgrelid::regclass::text as name, tgname::text as what from pg_trigger
where tgrelid = any ($1::text[]::regclass[]) and not tgisinternal and tgenabled = 'O' and tgparentid = 0 order by 1, 2`;

const KEYS = `select conrelid::regclass::text as name, conname::text as what from pg_constraint
where contype = 'f' and not condeferrable and conparentid = 0
  and conrelid = any ($1::text[]::regclass[]) and confrelid = any ($1::text[]::regclass[]) order by 1, 2`;

/** `tables`: quoted. Within a transaction, which must roll back when this throws. */
export async function quietly<T>(
  session: Session,
  tables: readonly string[],
  work: () => Promise<T>,
): Promise<T> {
  const triggers = await found(session, TRIGGERS, tables);
  const keys = await found(session, KEYS, tables);
  const alter = async (those: readonly Owned[], how: (what: string) => string): Promise<void> => {
    for (const { name, what } of those) await session.query(`alter table ${name} ${how(quoted(what))}`);
  };
  await alter(triggers, (what) => `disable trigger ${what}`);
  await alter(keys, (what) => `alter constraint ${what} deferrable initially deferred`);
  const result = await work();
  await session.query('set constraints all immediate');
  await alter(keys, (what) => `alter constraint ${what} not deferrable`);
  await alter(triggers, (what) => `enable trigger ${what}`);
  return result;
}

interface Owned {
  /** Of the table, quoted. */
  readonly name: string;
  readonly what: string;
}

async function found(session: Session, query: string, tables: readonly string[]): Promise<readonly Owned[]> {
  const { rows } = await session.query(query, [tables]);
  return rows.map(({ name, what }) => ({ name: name ?? '', what: what ?? '' }));
}
