/** The sentences of the bindings: matched exactly first, then as Cucumber expressions. */
import { CucumberExpression, ParameterTypeRegistry } from '@cucumber/cucumber-expressions';

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

/** A sentence longer than this is prose that no expression means; it also bounds the cost of matching. */
const LONGEST = 400;

interface Compiled {
  readonly key: string;
  readonly expression: CucumberExpression;
  /** The same pattern without capture groups' bookkeeping: ten times cheaper when it does not match. */
  readonly pattern: RegExp;
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
        const expression = new CucumberExpression(key, registry);
        expressions.push({ key, expression, pattern: expression.regexp });
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
    const matches = this.#expressions.filter(({ pattern }) => pattern.test(text));
    if (matches.length > 1) return { kind: 'ambiguous', keys: matches.map(({ key }) => key) };
    const [only] = matches;
    const value = only === undefined ? undefined : this.#exact.get(only.key);
    if (only === undefined || value === undefined) return { kind: 'none' };
    return { kind: 'one', match: { key: only.key, value, args: argumentsOf(only.expression, text) } };
  }
}

/** Texts as written: "5" of "5%" and not the number 5, the inside of a quoted string. */
function argumentsOf(expression: CucumberExpression, text: string): string[] {
  return (expression.match(text) ?? []).map((argument) => {
    const value = argument.getValue<unknown>(null);
    return typeof value === 'string' ? value : (argument.group.value ?? '');
  });
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
