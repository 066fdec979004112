/** From a parsed value to a document that the schema accepts: the only way such a document is made. */
import type { ValidateFunction } from 'ajv';
import bindingsSchema from '../schemas/migration-bindings.schema.json' with { type: 'json' };
import strategySchema from '../schemas/migration-strategy.schema.json' with { type: 'json' };
import type { BindingsDocument } from './bindings-document.js';
import type { StrategyDocument } from './document.js';
import type { Parsed, ParsedBindings, ParsedStrategy } from './parse.js';
import type { Problem } from './problem.js';
import { inOrder } from './problems.js';
import { schemaProblems } from './validation/problems.js';
import { salvage } from './validation/salvage.js';
import { isBindings, isStrategy } from './validation/validators.js';

export type Validated<T> =
  | { readonly ok: true; readonly document: T; readonly warnings: readonly Problem[] }
  | {
      readonly ok: false;
      readonly problems: readonly Problem[];
      /** What remains without what is wrong, to look for further problems in; null when that cannot be. */
      readonly rest: T | null;
      /** Pointers to what was repaired in `rest`. */
      readonly repaired: readonly string[];
    };

/** Checks a parsed strategy against the schema. All problems at once, in the order of the file. Never throws. */
export function validateStrategy(parsed: ParsedStrategy): Validated<StrategyDocument> {
  return validate(parsed, isStrategy, strategySchema, true);
}

/** Checks parsed bindings against the schema, likewise. Their values may be secrets, so no problem quotes one. */
export function validateBindings(parsed: ParsedBindings): Validated<BindingsDocument> {
  return validate(parsed, isBindings, bindingsSchema, false);
}

function validate<T>(
  parsed: Parsed,
  check: ValidateFunction<T>,
  schema: unknown,
  quote: boolean,
): Validated<T> {
  const { value, source } = parsed;
  if (check(value) && parsed.problems.length === 0) return { ok: true, document: value, warnings: [] };
  // What could not be read has its own problem; that its hole does not fit the schema is no news.
  const holes = parsed.problems
    .filter((problem) => problem.code !== 'duplicate-key')
    .map((problem) => problem.pointer);
  const found = schemaProblems(check.errors ?? [], source, quote).filter(
    (problem) => !holes.some((hole) => problem.pointer === hole || problem.pointer.startsWith(`${hole}/`)),
  );
  return { ok: false, problems: inOrder([...parsed.problems, ...found]), ...salvage(value, check, schema) };
}
