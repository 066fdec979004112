/**
 * What `bin/psql` does on the shop's database: every `-c TEXT` and `-f FILE` in order, all in one transaction; prints the
 * rows of the last one, a column each.
 */
import { readFileSync } from 'node:fs';
import pg from 'pg';
import { databaseUrl, shopHome } from './home.mjs';
import { linesOf } from './query.mjs';

const args = process.argv.slice(2);
const texts = [];
while (args.length > 1 && (args[0] === '-c' || args[0] === '-f')) {
  const [kind, value] = args.splice(0, 2);
  texts.push(kind === '-c' ? value : readFileSync(value, 'utf8'));
}
if (texts.length === 0 || args.length > 0) {
  console.error('usage: psql (-c TEXT | -f FILE)...');
  process.exit(2);
}
const client = new pg.Client({ connectionString: databaseUrl(shopHome()) });
await client.connect();
try {
  await client.query('BEGIN');
  let result;
  for (const text of texts) result = await client.query(text);
  await client.query('COMMIT');
  for (const line of linesOf(Array.isArray(result) ? result.at(-1) : result)) console.log(line);
} catch (error) {
  console.error(`psql (the shop's stand-in): ${error.message}`);
  process.exitCode = 1;
} finally {
  await client.end();
}
