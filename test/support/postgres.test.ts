import pg from 'pg';
import { expect, test } from 'vitest';
import { startPostgres } from './postgres.js';

async function rows(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

test('a cluster starts, survives a crash with its data, and stops', async () => {
  const postgres = await startPostgres();
  try {
    await rows(postgres.url, 'create table t as select 1 as a');
    await postgres.crash();
    await postgres.start();
    expect(await rows(postgres.url, 'select a from t')).toEqual([{ a: 1 }]);
  } finally {
    await postgres.stop();
  }
});
