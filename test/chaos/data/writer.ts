/** A client that writes all the time, and knows of each of its rows what it may be in the end. */
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';

/** How a client writes to one table. */
export interface Door {
  readonly url: string;
  /** Statements that write this id and name. */
  insert(id: number, name: string): string;
  update(id: number, name: string): string;
  remove(id: number): string;
}

/** Refused without having done anything: fenced, a deadlock, a lock that was not to be had, a row that somebody else changed. */
const NOT_DONE = ['25006', '40P01', '55P03', '40001'];

/** Milliseconds between two writes, so that servers on a busy machine keep up. */
const PAUSE_MS = 8;

export class Writer {
  /** By id, the names that the row may have; null: no row. More than one where the answer to a write was lost. */
  readonly #may = new Map<number, readonly (string | null)[]>();
  readonly #given: readonly number[];
  #running: Promise<void> | null = null;
  #stopped = false;
  #door = 0;
  #written = 0;
  #turn = 0;

  /**
   * @param doors the tables that it may write; while one is fenced it uses the next
   * @param first the id of its first own row
   * @param given ids and names of rows that are there already, and that nobody else writes
   */
  constructor(
    readonly doors: readonly Door[],
    readonly first: number,
    given: ReadonlyMap<number, string>,
  ) {
    for (const [id, name] of given) this.#may.set(id, [name]);
    this.#given = [...given.keys()];
  }

  start(): void {
    this.#stopped = false;
    this.#running = this.#run();
    // Thrown where it is awaited.
    this.#running.catch(() => undefined);
  }

  /** Resolves when so many writes more have been answered with success. */
  async more(writes: number): Promise<void> {
    const enough = this.#written + writes;
    while (this.#written < enough) await Promise.race([this.#running ?? pause(0), pause(20)]);
  }

  /** From now on it uses the next table. */
  moveOn(): void {
    this.#door += 1;
  }

  /** Throws what a server answered that no client can expect. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  /** What is wrong with its rows, in words. */
  wrong(rows: ReadonlyMap<number, string>): readonly string[] {
    return [...this.#may].flatMap(([id, names]) => {
      const found = rows.get(id) ?? null;
      return names.includes(found)
        ? []
        : [`row ${id} is ${found ?? 'missing'}, and was written as ${names.map(String).join(' or ')}`];
    });
  }

  async #run(): Promise<void> {
    let client: pg.Client | null = null;
    let at = this.#door;
    try {
      while (!this.#stopped) {
        this.#turn += 1;
        if (at !== this.#door) {
          await client?.end().catch(() => undefined);
          client = null;
          at = this.#door;
        }
        const door = this.doors[at % this.doors.length];
        if (door === undefined) throw new Error('A writer needs a table.');
        client ??= await connected(door);
        if (client === null) await pause(50);
        else if (!(await this.#write(client, door, this.#turn))) {
          await client.end().catch(() => undefined);
          client = null;
        }
        await pause(PAUSE_MS);
      }
    } finally {
      await client?.end().catch(() => undefined);
    }
  }

  /** False when the connection must not be used any more. */
  async #write(client: pg.Client, door: Door, turn: number): Promise<boolean> {
    const { id, before, after, sql } = this.#next(door, turn);
    try {
      const { rowCount } = await client.query(sql);
      if (rowCount !== 1) throw new Error(`A client wrote ${String(rowCount)} rows by "${sql}".`);
      this.#may.set(id, [after]);
      this.#written += 1;
      return true;
    } catch (error) {
      if (error instanceof pg.DatabaseError && NOT_DONE.includes(error.code ?? '')) {
        if (error.code === '25006') this.#door += 1;
        return error.code !== '25006';
      }
      if (!isLost(error)) throw error;
      this.#may.set(id, [before, after]);
      return false;
    }
  }

  /** An insert, a change of a row that was given or is its own, or a deletion. Never of a row about which it is not sure. */
  #next(door: Door, turn: number) {
    const given = this.#given[(turn * 7) % Math.max(1, this.#given.length)] ?? 0;
    const recent = this.first + Math.max(1, turn - 1 - (turn % 9));
    const id = [given, recent, this.first + turn][turn % 3] ?? 0;
    const names = this.#may.get(id);
    const name = `user ${turn}`;
    if (names?.length === 1 && names[0] != null) {
      const before = names[0];
      return turn % 5 === 0
        ? { id, before, after: null, sql: door.remove(id) }
        : { id, before, after: name, sql: door.update(id, name) };
    }
    const own = this.first + turn;
    return { id: own, before: null, after: name, sql: door.insert(own, name) };
  }
}

async function connected({ url }: Door): Promise<pg.Client | null> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return client;
  } catch (error) {
    if (!isLost(error)) throw error;
    return null;
  }
}

function isLost(error: unknown): boolean {
  if (error instanceof pg.DatabaseError) return /^(?:08...|57P0.)$/.test(error.code ?? '');
  return error instanceof Error && !error.message.startsWith('A client');
}
