/** The ways to copy and change rows that are attacked, and what each must come to. */
import type { RowsAction } from '../../../strategy/plan.js';

/** Rows of the source, of which the first five are filtered. */
export const ROWS = 600;
const CHANGED = ROWS - 5;

export interface Method {
  readonly name: string;
  readonly action: Partial<RowsAction>;
  /** The connection and table that are written; each write is noted. */
  readonly written: { readonly side: 'here' | 'there'; readonly table: string; readonly on: string };
  /** How many rows the query finds on that side when all is done: what is missing, doubled or wrong. */
  readonly wrong: string;
}

const NEW = { schema: 'public', table: 'orders_new' };
const RULE = { set: [{ column: 'email', value: 'lower(email)' }] };
const COPIED = `select count(*)::int - ${CHANGED} as n from orders_new where id > 5 and email = 'user' || id`;

export const METHODS: readonly Method[] = [
  {
    name: 'copy within a server',
    action: { change: { do: 'copy', target: NEW }, ...RULE },
    written: { side: 'here', table: 'orders_new', on: 'insert' },
    wrong: COPIED,
  },
  {
    name: 'copy between servers',
    action: { change: { do: 'copy', target: NEW }, ...RULE, to: 'there' },
    written: { side: 'there', table: 'orders_new', on: 'insert' },
    wrong: COPIED,
  },
  {
    name: 'copy by 3 workers',
    action: { change: { do: 'copy', target: NEW }, ...RULE, to: 'there', workers: 3 },
    written: { side: 'there', table: 'orders_new', on: 'insert' },
    wrong: COPIED,
  },
  {
    name: 'update',
    action: { change: { do: 'update' }, ...RULE },
    written: { side: 'here', table: 'orders', on: 'update' },
    wrong: `select count(*)::int - ${CHANGED} as n from orders where id > 5 and email = 'user' || id`,
  },
  {
    name: 'delete',
    action: { change: { do: 'delete' } },
    written: { side: 'here', table: 'orders', on: 'delete' },
    wrong: 'select count(*)::int as n from orders where id > 5',
  },
  {
    name: 'archive',
    action: { change: { do: 'archive', target: NEW } },
    written: { side: 'here', table: 'orders_new', on: 'insert' },
    wrong: `select count(*)::int - ${CHANGED} as n from orders_new`,
  },
];

export const BALANCE = `${ROWS} rows read: ${CHANGED} written, 5 filtered, 0 quarantined`;
