/** The errors of the schema validator as problems of a file: positioned, worded, and without their noise. */
import type { ErrorObject } from 'ajv';
import { below } from '../pointer.js';
import type { Position, Problem } from '../problem.js';
import { suggest } from '../suggest.js';
import type { Source } from '../yaml/source.js';
import { type Finding, finding } from './wording.js';

/** Hostile input can break the schema at a million places; nobody reads more than this. */
const MAX_ERRORS = 10_000;

/**
 * Problems for schema errors, in no particular order.
 * @param quote whether values of the file may appear in messages
 */
export function schemaProblems(
  errors: readonly ErrorObject[],
  source: Source,
  quote: boolean,
): readonly Problem[] {
  const telling = withoutNoise(errors.slice(0, MAX_ERRORS));
  const problems = telling.map((error) => toProblem(error, source, quote));
  const rest = errors.length - MAX_ERRORS;
  const last = problems.at(-1);
  if (rest > 0 && last !== undefined) {
    const message = `${rest} more problems follow; they are not listed`;
    problems.push({ ...last, code: 'too-many-problems', message, advice: null });
  }
  return problems;
}

/**
 * Leaves out what only repeats: the branches of an `anyOf` or `oneOf` that failed as a whole, the frame around a bad
 * name, and a missing key where an unknown one beside it is that key misspelt.
 */
function withoutNoise(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const frames = new Map<string, string[]>();
  const misspelt = new Set<string>();
  for (const error of errors) {
    if (error.keyword === 'anyOf' || error.keyword === 'oneOf') {
      const known = frames.get(error.instancePath);
      if (known === undefined) frames.set(error.instancePath, [error.schemaPath]);
      else known.push(error.schemaPath);
    } else if (error.keyword === 'additionalProperties') {
      const meant = suggest(unknownKey(error), knownKeys(error));
      if (meant !== null) misspelt.add(below(error.instancePath, meant));
    }
  }
  return errors.filter((error) => {
    if (error.keyword === 'propertyNames') return false;
    if (error.keyword === 'required' && misspelt.has(below(error.instancePath, missingKey(error))))
      return false;
    return !frames.get(error.instancePath)?.some((frame) => error.schemaPath.startsWith(`${frame}/`));
  });
}

function toProblem(error: ErrorObject, source: Source, quote: boolean): Problem {
  const { pointer, position } = place(error, source);
  const { code, message, advice }: Finding = finding(error, quote);
  return { code, severity: 'error', file: source.file, position, pointer, message, advice };
}

function place(error: ErrorObject, source: Source): { pointer: string; position: Position } {
  if (error.keyword === 'additionalProperties') {
    const pointer = below(error.instancePath, unknownKey(error));
    return { pointer, position: source.key(pointer) };
  }
  if (error.propertyName !== undefined) {
    const pointer = below(error.instancePath, error.propertyName);
    return { pointer, position: source.key(pointer) };
  }
  if (error.keyword === 'required')
    return { pointer: error.instancePath, position: source.key(error.instancePath) };
  return { pointer: error.instancePath, position: source.at(error.instancePath) };
}

function unknownKey(error: ErrorObject): string {
  return String(error.params.additionalProperty);
}

function missingKey(error: ErrorObject): string {
  return String(error.params.missingProperty);
}

function knownKeys(error: ErrorObject): readonly string[] {
  return Object.keys(error.parentSchema?.properties ?? {});
}
