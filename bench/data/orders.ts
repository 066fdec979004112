/** A table of orders, about 100 bytes a row. */

export function create(table: string): string {
  return `create table ${table} (id bigint primary key, customer int, status text, note text, total numeric(12, 2), at timestamptz)`;
}

export function fill(table: string, rows: number): string {
  return `insert into ${table} select n, n % 1000, 'paid', repeat('x', 40), n * 1.01, '2024-01-01'::timestamptz + n * interval '1 s' from generate_series(1, ${rows}) n`;
}
