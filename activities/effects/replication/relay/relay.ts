/**
 * Carries the changes of one direction through this process, for as long as a part of the stream lasts. Whole transactions of the
 * publisher are applied in its order, several in one transaction of the other side, which also writes the position: so a kill of this
 * process or of either server leaves both or neither. Only then the publisher is told, and lets go of its WAL. What is sent again after
 * a kill begins before the position, and is skipped.
 */
import { AsyncResource } from 'node:async_hooks';
import { LogicalReplicationService } from 'pg-logical-replication';
import { pause } from '../../../attempt.js';
import { point } from '../../../fault-points.js';
import { asLost, ConnectionLost, Session } from '../../../sql/session.js';
import type { Direction } from '../objects.js';
import { Stopped } from '../setting.js';
import type { Copied, Watch } from '../watch.js';
import { Applier } from './applier.js';
import { replicationConfig } from './connection.js';
import { type Change, lsnText, type Message, parseMessage, readLsn } from './messages.js';
import { readPosition } from './positions.js';

/** Changes after which a transaction of the other side ends with the next one of the publisher. */
const MOST_CHANGES = 1_000;
/** The publisher ends a connection that says nothing for `wal_sender_timeout`, a minute by default. */
const ALIVE_MS = 5_000;

/** What is known of the publisher's transaction whose changes arrive. */
interface Transaction {
  readonly at: bigint;
  /** It has been applied, or the other relay has brought it. */
  skipped: boolean;
}

export class Relay implements Watch {
  readonly #service: LogicalReplicationService;
  readonly #applier: Applier;
  readonly #alive: NodeJS.Timeout;
  #failure: unknown = null;
  #closed = false;
  /** Messages: a keep-alive says how far the server is only when all that came before it have been applied. */
  #received = 0;
  #handled = 0;
  #transaction: Transaction | null = null;
  /** A transaction of the subscriber is open, with so many changes. */
  #open = false;
  #changes = 0;
  #confirmed: bigint;
  /** The table of positions, in the messages of the publisher. */
  #marks: number | null = null;

  private constructor(
    readonly direction: Direction,
    readonly session: Session,
    /** What is committed: every transaction whose commit record begins before it. */
    private position: bigint,
    confirmed: bigint,
  ) {
    // Never less than the slot knows: older servers would go back, behind the WAL that they still read.
    this.#confirmed = confirmed > position ? confirmed : position;
    this.#applier = new Applier(session, direction.mayLack);
    this.#service = new LogicalReplicationService(replicationConfig(direction.from.url), {
      acknowledge: { auto: false, timeoutSeconds: 0 },
      flowControl: { enabled: true },
    });
    this.#alive = setInterval(() => this.#confirm(this.#confirmed), ALIVE_MS);
  }

  /** Begins to carry. Throws `Stopped` when the direction was never set up, and what a session throws. */
  static async open(direction: Direction): Promise<Relay> {
    const session = await Session.open(direction.into);
    try {
      await session.query(
        `select set_config('session_replication_role', 'replica', false), set_config('synchronous_commit', 'on', false),
  set_config('datestyle', 'ISO, YMD', false), set_config('intervalstyle', 'postgres', false),
  set_config('idle_in_transaction_session_timeout', '0', false), set_config('statement_timeout', '0', false),
  set_config('client_min_messages', 'error', false)`,
      );
      const position = await readPosition(session, { ...direction, subscriber: session });
      if (position === null) {
        throw new Stopped(
          `The position of the relay is gone from ${direction.positions}: somebody deleted it, so what is missing cannot be known any more. Roll the step back, which removes the copy, and run it again.`,
        );
      }
      const relay = new Relay(direction, session, position, await releaseSlot(direction));
      try {
        await relay.#subscribe();
      } catch (error) {
        await relay.close();
        throw error;
      }
      return relay;
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  /** Resolves once the publisher sends. */
  async #subscribe(): Promise<void> {
    const { name } = this.direction;
    const service = this.#service;
    // The callbacks of a socket know nothing of the activity that must interrupt their queries.
    const handle = AsyncResource.bind((message: Message) => this.#handle(message));
    service.on('data', (_, message: Message) => handle(message));
    service.on('heartbeat', (lsn, _, shouldRespond) => this.#heartbeat(readLsn(lsn), shouldRespond));
    service.on('error', (error) => this.#fail(asLost(error)));
    const plugin = {
      name: 'pgoutput',
      options: {},
      parse: (buffer: Buffer): Message => {
        this.#received += 1;
        return parseMessage(buffer);
      },
      start: (client: { query: (text: string) => Promise<unknown> }, slot: string, lsn: string) =>
        client.query(
          `START_REPLICATION SLOT "${slot}" LOGICAL ${lsn} (proto_version '1', publication_names '${name}')`,
        ),
    };
    const started = new Promise<void>((resolve) => service.on('start', () => resolve()));
    const ended = service.subscribe(plugin, name, '0/0').then(
      () => this.#fail(new ConnectionLost('the stream of changes ended')),
      (error: unknown) => this.#fail(asLost(error)),
    );
    await Promise.race([started, ended]);
    await this.look();
  }

  /** All rows were copied before it began. */
  async copied(tables: number): Promise<Copied> {
    return { ready: tables, rows: 0 };
  }

  /** Throws what went wrong. */
  async look(): Promise<void> {
    if (this.#failure !== null) throw this.#failure;
  }

  /** What is not committed is rolled back, and sent again to the next one. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#alive);
    await this.#service.destroy().catch(() => undefined);
    await this.session.close();
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
  }

  /** The service goes on with the next message after an error, so each one is refused here. */
  async #handle(message: Message): Promise<void> {
    if (this.#failure !== null || this.#closed) return;
    try {
      await this.#apply(message);
      this.#handled += 1;
    } catch (error) {
      this.#fail(error);
    }
  }

  async #apply(message: Message): Promise<void> {
    switch (message.tag) {
      case 'begin':
        this.#transaction = { at: message.at, skipped: message.at < this.position };
        return;
      case 'relation': {
        const { oid, schema, table } = message.relation;
        if (`"${schema}"."${table}"` === this.direction.positions) this.#marks = oid;
        else await this.#applier.relation(message.relation);
        return;
      }
      case 'insert':
      case 'update':
      case 'delete':
        return this.#change(message);
      case 'commit':
        return this.#commit(message.end);
      case 'truncate':
        throw new Stopped(
          'A table was truncated, which a stream does not carry. Roll the step back, and run it again.',
        );
      case 'other':
        return;
      default:
        return message satisfies never;
    }
  }

  async #change(change: Change): Promise<void> {
    const transaction = this.#transaction;
    if (transaction === null) throw new Error('A change came outside of a transaction.');
    if (transaction.skipped) return;
    if (change.relation === this.#marks) {
      if (change.after?.[0] === this.direction.opposite) transaction.skipped = true;
      return;
    }
    if (!this.#open) await this.#begin();
    this.#changes += 1;
    await this.#applier.change(change);
  }

  /** The row of the position comes first: the other relay knows by it what not to send back. It is held until the commit. */
  async #begin(): Promise<void> {
    const { name, positions } = this.direction;
    await this.session.query('begin');
    this.#open = true;
    const { rowCount } = await this.session.query(
      `update ${positions} set lsn = lsn where name = $1 and lsn = $2`,
      [name, lsnText(this.position)],
    );
    if (rowCount !== 1)
      throw new ConnectionLost('an earlier connection of the relay was still applying changes');
  }

  async #commit(end: bigint): Promise<void> {
    const transaction = this.#transaction;
    this.#transaction = null;
    const idle = this.#handled + 1 === this.#received;
    if (this.#open) {
      if (transaction !== null && !transaction.skipped) this.#next = transaction.at + 1n;
      if (!idle && this.#changes < MOST_CHANGES) return;
      await this.#applier.flush();
      const { name, positions } = this.direction;
      await this.session.query(`update ${positions} set lsn = $2 where name = $1`, [
        name,
        lsnText(this.#next),
      ]);
      point('before-relay-commit');
      await this.session.querySteadily('commit');
      point('after-relay-commit');
      this.#open = false;
      this.#changes = 0;
      this.position = this.#next;
    }
    this.#confirm(end);
  }

  #next = 0n;

  #heartbeat(lsn: bigint, shouldRespond: boolean): void {
    const idle = this.#handled === this.#received && !this.#open && this.#transaction === null;
    if (idle) this.#confirm(lsn);
    else if (shouldRespond) this.#confirm(this.#confirmed);
  }

  /** Tells the publisher that everything before it is safe. The service adds one, so it gets one less. */
  #confirm(lsn: bigint): void {
    if (this.#failure !== null || this.#closed) return;
    if (lsn > this.#confirmed) this.#confirmed = lsn;
    void this.#service.acknowledge(lsnText(this.#confirmed - 1n));
  }
}

/**
 * The connection of a relay that died may still hold it. That one is not the owner of the stream any more.
 * @returns what the publisher knows to be safe
 */
async function releaseSlot({ publisher, name }: Direction): Promise<bigint> {
  for (let tries = 0; ; tries += 1) {
    const [row] = (
      await publisher.query(
        'select active_pid::text, pg_terminate_backend(active_pid)::text as ended, confirmed_flush_lsn::text as confirmed from pg_replication_slots where slot_name = $1',
        [name],
      )
    ).rows;
    if (row?.active_pid == null || tries === MOST_TRIES) return readLsn(row?.confirmed ?? '0/0');
    await pause(100);
  }
}

const MOST_TRIES = 50;
