/** From the text of a file to a value whose every part has a position. */
import { type Event, parseEvents } from 'js-yaml';
import type { Problem } from './problem.js';
import { inOrder } from './problems.js';
import { compose } from './yaml/compose.js';
import { faultProblems } from './yaml/faults.js';
import { Lines } from './yaml/lines.js';
import { MAX_BYTES, MAX_EVENTS, tooLarge, utf8Length } from './yaml/size.js';
import { EventSource, type Source } from './yaml/source.js';
import { describeSyntaxError } from './yaml/syntax-error.js';

export { MAX_BYTES } from './yaml/size.js';
export type { Source } from './yaml/source.js';

/** Collections may stand in each other this deep. */
const MAX_DEPTH = 100;

/** The value of a file; not yet known to be a strategy or bindings. */
export interface Parsed {
  readonly value: unknown;
  readonly source: Source;
  /** What did not stop the reading (a key twice, an alias): validation reports it together with what it finds. */
  readonly problems: readonly Problem[];
}

export interface ParsedStrategy extends Parsed {
  readonly of: 'strategy';
}

export interface ParsedBindings extends Parsed {
  readonly of: 'bindings';
}

export type ParseResult<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/**
 * Reads the text of a migration strategy. Never throws.
 * @param file the name that problems carry
 */
export function parseStrategy(text: string, file: string): ParseResult<ParsedStrategy> {
  const parsed = parse(text, file);
  return parsed.ok ? { ok: true, value: { ...parsed.value, of: 'strategy' } } : parsed;
}

/**
 * Reads the text of bindings. Never throws.
 * @param file the name that problems carry
 */
export function parseBindings(text: string, file: string): ParseResult<ParsedBindings> {
  const parsed = parse(text, file);
  return parsed.ok ? { ok: true, value: { ...parsed.value, of: 'bindings' } } : parsed;
}

function parse(raw: string, file: string): ParseResult<Parsed> {
  const fits = raw.length * 3 <= MAX_BYTES || (raw.length <= MAX_BYTES && utf8Length(raw) <= MAX_BYTES);
  if (!fits) return { ok: false, problems: [tooLarge(file)] };
  const text = raw.startsWith('\uFEFF') ? raw.slice(1) : raw;
  const lines = new Lines(text);
  const fail = (code: string, offset: number, message: string, advice: string | null) => {
    const position = lines.at(offset);
    const problem: Problem = { code, severity: 'error', file, position, pointer: '', message, advice };
    return { ok: false, problems: [problem] } as const;
  };

  let events: readonly Event[];
  try {
    events = parseEvents(text, { maxDepth: MAX_DEPTH });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const { offset, message, advice } = describeSyntaxError(text, error, MAX_DEPTH);
    return fail('yaml-syntax', offset, message, advice);
  }
  if (events.length > MAX_EVENTS) {
    return fail('too-many-values', 0, `the file has more than ${MAX_EVENTS} keys and values`, 'Split it.');
  }
  if (events.length === 0) return fail('empty-file', 0, 'the file is empty', null);

  const { value, ends, faults } = compose(events, text);
  const source = new EventSource(file, text, lines, events, ends);
  const failAt = (code: string, event: number, message: string, advice: string) => {
    const position = source.event(event);
    const problem: Problem = { code, severity: 'error', file, position, pointer: '', message, advice };
    return { ok: false, problems: [problem] } as const;
  };
  const second = (ends[0] ?? 0) + 1;
  if (second < events.length) {
    const advice = 'Keep one of them, and remove the "---" between them.';
    return failAt('many-documents', second + 1, 'the file holds more than one YAML document', advice);
  }
  if (value === null && faults.length === 0) return fail('empty-file', 0, 'the file is empty', null);
  if (typeof value !== 'object' || Array.isArray(value)) {
    const found = Array.isArray(value) ? 'a list' : 'a single value';
    return failAt(
      'not-a-mapping',
      1,
      `the file holds ${found}`,
      'It must be a mapping: lines of "key: value".',
    );
  }
  return { ok: true, value: { value, source, problems: inOrder(faultProblems(faults, source)) } };
}
