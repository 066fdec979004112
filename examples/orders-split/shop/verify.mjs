/**
 * Was a write lost? Compares what the customers got acknowledged, write by write in the ledger, with the rows of a database. An
 * order must be there as its last acknowledged write left it, a cancelled one must be gone, an order from before that
 * nobody touched must be as it was, and nothing else may be there.
 */
import { readFileSync } from 'node:fs';
import { readIfThere } from '../../discount-code/shop/home.mjs';
import { ledgerFile, seedsFile } from './places.mjs';
import { rowsOf, withDatabase } from './rows.mjs';

/** @param {'shop-db' | 'orders-db'} name the database that has to have everything */
export async function verify(home, name) {
  const ledger = linesOf(readIfThere(ledgerFile(home)) ?? '');
  const expected = expectedRows(linesOf(readFileSync(seedsFile(home), 'utf8')), ledger);
  const rows = await withDatabase(home, name, (client) =>
    rowsOf(client, name === 'shop-db' ? 'total' : 'cents'),
  );
  return { database: name, writes: ledger.length, rows: rows.length, ...compare(expected, rows) };
}

/** By its reference, every order that must be there, as far as it is known. */
export function expectedRows(seeds, ledger) {
  const expected = new Map(seeds.map((row) => [row.ref, row]));
  for (const { ref, becomes } of ledger) {
    if (becomes === null) expected.delete(ref);
    else expected.set(ref, { ...expected.get(ref), ...becomes });
  }
  return expected;
}

/** The references that are missing, unexpected, or different, with what differs. */
export function compare(expected, rows) {
  const found = new Map(rows.map((row) => [row.ref, row]));
  const missing = [...expected.keys()].filter((ref) => !found.has(ref));
  const unexpected = [...found.keys()].filter((ref) => !expected.has(ref));
  const different = [...expected].flatMap(([ref, wanted]) => {
    const row = found.get(ref);
    if (row === undefined) return [];
    return Object.entries(wanted)
      .filter(([column, value]) => row[column] !== value)
      .map(([column, value]) => `${ref}: ${column} is ${row[column]} instead of ${value}`);
  });
  return { missing, unexpected, different };
}

export function isComplete({ missing, unexpected, different }) {
  return missing.length + unexpected.length + different.length === 0;
}

function linesOf(text) {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}
