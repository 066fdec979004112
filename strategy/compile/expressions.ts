/** The sentences of the bindings: matched exactly first, then as Cucumber expressions. */
import { CucumberExpression, ParameterTypeRegistry } from '@cucumber/cucumber-expressions';
import { RE2JS } from 're2js';

export interface Matched<T> {
  readonly key: string;
  readonly value: T;
  /** What the parameters of an expression matched, as text. */
  readonly args: readonly string[];
}

export type Match<T> =
  | { readonly kind: 'none' }
  | { readonly kind: 'one'; readonly match: Matched<T> }
  | { readonly kind: 'ambiguous'; readonly keys: readonly string[] };

export interface Refusal {
  readonly key: string;
  readonly why: string;
}

/** A sentence longer than this is prose that no expression means. */
const LONGEST = 400;

interface Compiled {
  readonly key: string;
  /**
   * What Cucumber makes of the key, matched by RE2 in time that grows with the sentence. JavaScript's own engine takes
   * 20 seconds to find that four `{}` do not match 400 spaces, and longer than anybody lives for eight.
   */
  readonly pattern: RE2JS;
  /** The numbers of the groups that are parameters; the others lie within them. */
  readonly parameters: readonly Parameter[];
}

interface Parameter {
  readonly group: number;
  /** Only `{string}` has groups within it. */
  readonly quoted: boolean;
}

export class SentenceTable<T> {
  /** The keys with parameters that are no Cucumber expression. */
  readonly refused: readonly Refusal[];
  readonly #exact: ReadonlyMap<string, T>;
  readonly #expressions: readonly Compiled[];
  readonly #known = new Map<string, Match<T>>();

  constructor(entries: ReadonlyMap<string, T>) {
    const registry = new ParameterTypeRegistry();
    const refused: Refusal[] = [];
    const expressions: Compiled[] = [];
    for (const key of entries.keys()) {
      // Without these characters an expression matches only itself, which the exact table does already.
      if (!/[{(/\\]/.test(key)) continue;
      try {
        if (key.length > LONGEST) throw new Error(`Expressions are limited to ${LONGEST} characters.`);
        const { source } = new CucumberExpression(key, registry).regexp;
        expressions.push({ key, pattern: RE2JS.compile(source), parameters: parametersOf(source) });
      } catch (error) {
        // A slash or bracket without a parameter is ordinary prose: such a key is meant to match as it stands.
        if (key.includes('{')) refused.push({ key, why: firstLines(error) });
      }
    }
    this.refused = refused;
    this.#exact = entries;
    this.#expressions = expressions;
  }

  find(text: string): Match<T> {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    const match = this.#match(text);
    this.#known.set(text, match);
    return match;
  }

  #match(text: string): Match<T> {
    const exact = this.#exact.get(text);
    if (exact !== undefined) return { kind: 'one', match: { key: text, value: exact, args: [] } };
    if (text.length > LONGEST) return { kind: 'none' };
    const matches = this.#expressions.filter(({ pattern }) => pattern.matches(text));
    if (matches.length > 1) return { kind: 'ambiguous', keys: matches.map(({ key }) => key) };
    const [only] = matches;
    const value = only === undefined ? undefined : this.#exact.get(only.key);
    if (only === undefined || value === undefined) return { kind: 'none' };
    return { kind: 'one', match: { key: only.key, value, args: argumentsOf(only, text) } };
  }
}

/** Texts as written: "5" of "5%" and not the number 5, the inside of a quoted string. */
function argumentsOf({ pattern, parameters }: Compiled, text: string): string[] {
  const matcher = pattern.matcher(text);
  if (!matcher.matches()) return [];
  return parameters.map(({ group, quoted }) => {
    const value = matcher.group(group) ?? '';
    return quoted ? value.slice(1, -1).replace(/\\(["'])/g, '$1') : value;
  });
}

/** The capture groups of a pattern that lie in no other one. */
function parametersOf(source: string): Parameter[] {
  const found: { group: number; quoted: boolean }[] = [];
  const open: boolean[] = [];
  let group = 0;
  // Escapes and classes hold brackets that group nothing.
  for (const [piece] of source.matchAll(/\\.|\[(?:\\.|[^\]\\])*\]|\(\?:|[()]/g)) {
    if (piece === ')') open.pop();
    if (piece === '(?:') open.push(false);
    if (piece !== '(') continue;
    group += 1;
    const last = found.at(-1);
    if (!open.includes(true)) found.push({ group, quoted: false });
    else if (last !== undefined) last.quoted = true;
    open.push(true);
  }
  return found;
}

/** Cucumber's messages draw the expression over several lines; the first one and the last say what is wrong. */
function firstLines(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const lines = error.message.split('\n').map((line) => line.trim());
  const telling = lines.filter(
    (line) => line !== '' && !/^[\^-]/.test(line) && !line.startsWith('This Cucumber'),
  );
  return telling.slice(1).join(' ') || (telling[0] ?? 'it is not a Cucumber expression');
}
