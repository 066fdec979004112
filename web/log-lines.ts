/**
 * The lines of one log, by their numbers, without reading all of it each time: where every 500th line begins is kept, and
 * of a log that grows only what was added is read.
 */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';

export interface Line {
  /** From 1. */
  readonly number: number;
  readonly text: string;
}

export interface LogPart {
  readonly lines: readonly Line[];
  /** Lines in all, as far as the log goes now. */
  readonly total: number;
}

export interface Matches extends LogPart {
  /** Lines that match, of which `lines` are the latest. */
  readonly found: number;
}

const EVERY = 500;
/** Characters of one line in a page; the download has all. */
const LONGEST = 2_000;
/** Logs of which the places are kept. */
const MOST = 100;

interface Index {
  readonly bytes: number;
  /** Ends of lines so far. */
  readonly ends: number;
  /** True when the last line has no end yet. */
  readonly open: boolean;
  /** Where the lines 1, 501, 1001, ... begin. */
  readonly places: readonly number[];
}

const EMPTY: Index = { bytes: 0, ends: 0, open: false, places: [0] };
const indexes = new Map<string, Index>();

/** `count` lines from the number `from` on; a negative `from` counts from the end, so -200 begins the last 200. */
export async function linesOf(file: string, from: number, count: number): Promise<LogPart> {
  const index = await indexOf(file);
  const total = index.ends + (index.open ? 1 : 0);
  const first = Math.max(1, from < 0 ? total + from + 1 : from);
  const block = Math.min(Math.floor((first - 1) / EVERY), index.places.length - 1);
  const lines: Line[] = [];
  if (first > total) return { lines, total };
  const start = index.places[block] ?? 0;
  let number = block * EVERY;
  for await (const text of readLines(file, start, index.bytes)) {
    number += 1;
    if (number >= first) lines.push({ number, text: shorten(text) });
    if (lines.length === count) break;
  }
  return { lines, total };
}

/** The latest `most` lines that contain `words`, in any case; the whole log is searched. */
export async function matchesOf(file: string, words: string, most: number): Promise<Matches> {
  const wanted = words.toLowerCase();
  const { size } = await stat(file);
  const lines: Line[] = [];
  let [number, found] = [0, 0];
  for await (const text of readLines(file, 0, size)) {
    number += 1;
    if (!text.toLowerCase().includes(wanted)) continue;
    found += 1;
    lines.push({ number, text: shorten(text) });
    if (lines.length > most) lines.shift();
  }
  return { lines, found, total: number };
}

/** Up to the byte `end`, which may be in the middle of a line. */
async function* readLines(file: string, start: number, end: number): AsyncGenerator<string, void> {
  if (end <= start) return;
  const input = createReadStream(file, { encoding: 'utf8', start, end: end - 1 });
  try {
    yield* splitLines(input);
  } finally {
    input.destroy();
  }
}

/** Characters of a line that is still looked for its end: a program may print gigabytes without one. */
const HELD = 1_000_000;

/** Only "\n" ends a line: a carriage return draws one again. */
async function* splitLines(input: AsyncIterable<string>): AsyncGenerator<string, void> {
  let rest = '';
  for await (const chunk of input) {
    const parts = (rest + chunk).split('\n');
    rest = (parts.pop() ?? '').slice(0, HELD);
    yield* parts;
  }
  if (rest !== '') yield rest;
}

async function indexOf(file: string): Promise<Index> {
  const { size } = await stat(file);
  const known = indexes.get(file) ?? EMPTY;
  // A log only grows; one that became shorter is another one.
  const base = known.bytes <= size ? known : EMPTY;
  const index = base.bytes === size ? base : await extend(file, base, size);
  indexes.delete(file);
  indexes.set(file, index);
  const [oldest] = indexes.keys();
  if (indexes.size > MOST && oldest !== undefined) indexes.delete(oldest);
  return index;
}

async function extend(file: string, base: Index, size: number): Promise<Index> {
  const places = [...base.places];
  let { ends, open, bytes } = base;
  const input = createReadStream(file, { start: bytes, end: size - 1 });
  for await (const chunk of input) {
    const piece: Buffer = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    for (let at = piece.indexOf(10); at >= 0; at = piece.indexOf(10, at + 1)) {
      ends += 1;
      if (ends % EVERY === 0) places.push(bytes + at + 1);
    }
    bytes += piece.length;
    open = piece.at(-1) !== 10;
  }
  return { bytes, ends, open, places };
}

function shorten(line: string): string {
  return line.length <= LONGEST ? line : `${line.slice(0, LONGEST)} ... (${line.length} characters)`;
}
