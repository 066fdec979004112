/** The truth: what took effect, counted outside of sluice, in a file and in the target database. */
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { type Case, namesOf } from './cases.js';

export class Ledger {
  constructor(private readonly url: string) {}

  async prepare(): Promise<void> {
    await this.#ask('create table ledger (id serial primary key, run text, effect text)');
  }

  async prepareRun(run: string): Promise<void> {
    await this.#ask(`create table if not exists ${namesOf(run).table} (what text)`);
  }

  /** The effects of a run by commands, in order, each with the number of the attempt that had it. */
  commands({ ledger }: Case): string[] {
    return readFileSync(ledger, 'utf8')
      .split('\n')
      .filter((line) => line !== '');
  }

  /** The effects of a run by name, commands and SQL; each as often as it happened. */
  async effects(given: Case): Promise<string[]> {
    const rows = await this.#ask('select effect from ledger where run = $1 order by id', [given.run]);
    const index = await this.index(given.run);
    return [
      ...this.commands(given).map((line) => line.split(' ').slice(0, 2).join(' ')),
      ...rows.map(({ effect }) => String(effect)),
      ...(index === 'valid' ? ['apply I.0'] : []),
    ];
  }

  /** What became of the index of the run. */
  async index(run: string): Promise<'none' | 'valid' | 'invalid'> {
    const [row] = await this.#ask(
      'select i.indisvalid from pg_class c join pg_index i on i.indexrelid = c.oid where c.relname = $1',
      [namesOf(run).index],
    );
    if (row === undefined) return 'none';
    return row.indisvalid === true ? 'valid' : 'invalid';
  }

  /** Asked until the database answers: it, too, is being killed. */
  async #ask(text: string, values: readonly unknown[] = []): Promise<readonly Record<string, unknown>[]> {
    const deadline = Date.now() + 60_000;
    for (;;) {
      const client = new pg.Client({ connectionString: this.url });
      client.on('error', () => undefined); // The query tells.
      try {
        await client.connect();
        return (await client.query<Record<string, unknown>>(text, [...values])).rows;
      } catch (error) {
        if (Date.now() > deadline) throw error;
        await pause(100);
      } finally {
        await client.end().catch(() => undefined);
      }
    }
  }
}
