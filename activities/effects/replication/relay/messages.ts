/**
 * The messages of Postgres's output plugin `pgoutput`, version 1 of its protocol. Values stay the text that the server sent: a parser
 * that makes objects of them loses microseconds, and a decoder that drops a byte order mark loses a character.
 */

export interface Relation {
  readonly oid: number;
  readonly schema: string;
  readonly table: string;
  readonly columns: readonly RelationColumn[];
  /** All columns are its replica identity (REPLICA IDENTITY FULL). */
  readonly full: boolean;
}

export interface RelationColumn {
  readonly name: string;
  /** Part of the replica identity. */
  readonly key: boolean;
}

/** `undefined`: not sent, because it is stored apart and has not changed. */
export type Value = string | null | undefined;

export interface Change {
  readonly tag: 'insert' | 'update' | 'delete';
  readonly relation: number;
  /** The replica identity of the row before; null where it has not changed. */
  readonly before: readonly Value[] | null;
  /** Null for a delete. */
  readonly after: readonly Value[] | null;
  /** Of the message. */
  readonly bytes: number;
}

export type Message =
  | Change
  | { readonly tag: 'relation'; readonly relation: Relation }
  /** `at`: where its commit record begins. */
  | { readonly tag: 'begin'; readonly at: bigint }
  /** `end`: the position behind its commit record. */
  | { readonly tag: 'commit'; readonly end: bigint }
  | { readonly tag: 'truncate' }
  /** Types, origins and others, which change no row. */
  | { readonly tag: 'other' };

export function parseMessage(buffer: Buffer): Message {
  const reader = new Reader(buffer);
  const tag = reader.letter();
  switch (tag) {
    case 'B':
      return { tag: 'begin', at: reader.lsn() };
    case 'C':
      reader.skip(1 + 8);
      return { tag: 'commit', end: reader.lsn() };
    case 'R':
      return { tag: 'relation', relation: relationOf(reader) };
    case 'I':
    case 'U':
    case 'D':
      return changeOf(reader, tag, buffer.length);
    case 'T':
      return { tag: 'truncate' };
    default:
      return { tag: 'other' };
  }
}

function relationOf(reader: Reader): Relation {
  const oid = reader.int32();
  const schema = reader.name();
  const table = reader.name();
  const full = reader.letter() === 'f';
  const columns: RelationColumn[] = [];
  for (let left = reader.int16(); left > 0; left -= 1) {
    const key = (reader.byte() & 1) === 1;
    columns.push({ key, name: reader.name() });
    reader.skip(4 + 4);
  }
  return { oid, schema: schema === '' ? 'pg_catalog' : schema, table, columns, full };
}

const TAGS = { I: 'insert', U: 'update', D: 'delete' } as const;

function changeOf(reader: Reader, letter: keyof typeof TAGS, bytes: number): Change {
  const relation = reader.int32();
  let before: readonly Value[] | null = null;
  let after: readonly Value[] | null = null;
  while (!reader.done) {
    const part = reader.letter();
    const tuple = reader.tuple();
    if (part === 'N') after = tuple;
    else before = tuple;
  }
  return { tag: TAGS[letter], relation, before, after, bytes };
}

class Reader {
  #at = 0;

  constructor(readonly buffer: Buffer) {}

  get done(): boolean {
    return this.#at >= this.buffer.length;
  }

  skip(bytes: number): void {
    this.#at += bytes;
  }

  byte(): number {
    this.#at += 1;
    return this.buffer.readUInt8(this.#at - 1);
  }

  letter(): string {
    return String.fromCharCode(this.byte());
  }

  int16(): number {
    this.#at += 2;
    return this.buffer.readInt16BE(this.#at - 2);
  }

  int32(): number {
    this.#at += 4;
    return this.buffer.readUInt32BE(this.#at - 4);
  }

  lsn(): bigint {
    this.#at += 8;
    return this.buffer.readBigUInt64BE(this.#at - 8);
  }

  name(): string {
    const end = this.buffer.indexOf(0, this.#at);
    const text = this.buffer.toString('utf8', this.#at, end);
    this.#at = end + 1;
    return text;
  }

  tuple(): readonly Value[] {
    const values: Value[] = [];
    for (let left = this.int16(); left > 0; left -= 1) values.push(this.#value());
    return values;
  }

  #value(): Value {
    const kind = this.letter();
    if (kind === 'n') return null;
    if (kind === 'u') return undefined;
    const length = this.int32();
    this.#at += length;
    return this.buffer.toString('utf8', this.#at - length, this.#at);
  }
}

/** As Postgres writes a position. */
export function lsnText(lsn: bigint): string {
  return `${(lsn >> 32n).toString(16)}/${(lsn & 0xffffffffn).toString(16)}`.toUpperCase();
}

export function readLsn(text: string): bigint {
  const [high = '0', low = '0'] = text.split('/');
  return (BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`);
}
