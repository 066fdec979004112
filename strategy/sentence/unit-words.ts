/** The units a sentence may name, and the words for them. */
import { END_OF_WORD, pattern, type Scanner, wordsPattern } from './scanner.js';
import type { Unit } from './unit.js';

/** A unit as a sentence says it; `symbol` is how it is printed. */
export interface WrittenUnit extends Unit {
  readonly symbol: string;
}

const SECOND = 1e9;

interface Entry {
  readonly unit: WrittenUnit;
  /** In any case. */
  readonly words: readonly string[];
  /** In this case only: "Mb" is a megabit, "M" is no minute. */
  readonly exact?: readonly string[];
}

function time(symbol: string, factor: number, words: readonly string[], exact: readonly string[]): Entry {
  return { unit: { dimension: 'time', factor, symbol }, words, exact };
}

function size(symbol: string, factor: number, words: readonly string[], exact: readonly string[]): Entry {
  return { unit: { dimension: 'size', factor, symbol }, words, exact };
}

function rate(symbol: string, factor: number, word: string, short: readonly string[]): Entry {
  const of = ['', 'requests ', 'queries ', 'transactions ', 'operations '].map(
    (what) => `${what}per ${word}`,
  );
  const slashed = [word, ...short].flatMap((name) =>
    ['', 'req', 'requests', 'ops'].map((what) => `${what}/${name}`),
  );
  return { unit: { dimension: 'rate', factor, symbol }, words: [...of, ...slashed] };
}

const SIZES: readonly Entry[] = [
  size('B', 1, ['bytes?'], ['B']),
  size('kB', 1e3, ['kilobytes?'], ['kB', 'KB', 'kb']),
  size('MB', 1e6, ['megabytes?'], ['MB', 'mb']),
  size('GB', 1e9, ['gigabytes?'], ['GB', 'gb']),
  size('TB', 1e12, ['terabytes?'], ['TB', 'tb']),
  size('KiB', 1024, ['kibibytes?', 'kib'], []),
  size('MiB', 1024 ** 2, ['mebibytes?', 'mib'], []),
  size('GiB', 1024 ** 3, ['gibibytes?', 'gib'], []),
  size('TiB', 1024 ** 4, ['tebibytes?', 'tib'], []),
];

const OTHERS: readonly Entry[] = [
  { unit: { dimension: 'share', factor: 1, symbol: '%' }, words: ['%', 'percent', 'per cent', 'pct'] },
  { unit: { dimension: 'share', factor: 0.1, symbol: '‰' }, words: ['‰', 'per mille', 'permille'] },
  time('ns', 1, ['ns', 'nanoseconds?'], []),
  time('µs', 1e3, ['µs', 'μs', 'us', 'microseconds?'], []),
  time('ms', 1e6, ['ms', 'msecs?', 'milliseconds?', 'millis'], []),
  time('s', SECOND, ['secs?', 'seconds?'], ['s']),
  time('min', 60 * SECOND, ['mins?', 'minutes?'], ['m']),
  time('h', 3600 * SECOND, ['hrs?', 'hours?'], ['h']),
  time('d', 86_400 * SECOND, ['days?'], ['d']),
  rate('/s', 3600, 'second', ['s', 'sec']),
  rate('/min', 60, 'minute', ['min']),
  rate('/h', 1, 'hour', ['h', 'hr']),
  { unit: { dimension: 'rate', factor: 3600, symbol: '/s' }, words: ['rps', 'qps', 'tps'] },
];

interface Token {
  readonly unit: WrittenUnit;
  readonly patterns: readonly RegExp[];
}

function tokenOf({ unit, words, exact = [] }: Entry): Token {
  const patterns = words.length === 0 ? [] : [wordsPattern(words)];
  for (const word of exact) patterns.push(new RegExp(`${word}${END_OF_WORD}`, 'y'));
  return { unit, patterns };
}

const SIZE_TOKENS = SIZES.map(tokenOf);
const OTHER_TOKENS = OTHERS.map(tokenOf);
const PER_SECOND = pattern(`\\s*(?:/|per\\s+)\\s*(?:s|secs?|seconds?)${END_OF_WORD}`);

/** Takes a unit; null when the next token is none that is known. */
export function takeUnit(scanner: Scanner): WrittenUnit | null {
  return takeSize(scanner) ?? takeOne(scanner, OTHER_TOKENS);
}

function takeSize(scanner: Scanner): WrittenUnit | null {
  const size = takeOne(scanner, SIZE_TOKENS);
  if (size === null) return null;
  if (scanner.take(PER_SECOND) === null) return size;
  return { dimension: 'throughput', factor: size.factor, symbol: `${size.symbol}/s` };
}

function takeOne(scanner: Scanner, tokens: readonly Token[]): WrittenUnit | null {
  for (const { unit, patterns } of tokens) {
    if (patterns.some((pattern) => scanner.take(pattern) !== null)) return unit;
  }
  return null;
}
