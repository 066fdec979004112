/**
 * What remains of a document when the values that the schema refuses are taken out, so that the further checks can
 * run as well and all problems are told at once. Never carried out: whoever salvages has problems to report.
 */
import type { ErrorObject, ValidateFunction } from 'ajv';
import { below, segments } from '../pointer.js';
import { suggest } from '../suggest.js';

/** A mended value can uncover a next error below it; files that need more rounds than this are too broken. */
const ROUNDS = 4;

/** The document without what is wrong with it; null when something that must be there is missing. */
export function salvage<T>(value: unknown, check: ValidateFunction<T>): T | null {
  const copy = copyOf(value);
  for (let round = 0; round < ROUNDS; round += 1) {
    if (check(copy)) return copy;
    for (const error of check.errors ?? []) mend(copy, error);
  }
  return check(copy) ? copy : null;
}

/** True for what may only be a consequence of the mending. */
export function isBelowAny(pointer: string, mended: readonly string[]): boolean {
  return mended.some((other) => pointer === other || pointer.startsWith(`${other}/`));
}

type Mapping = Record<string, unknown>;

function mend(root: unknown, error: ErrorObject): void {
  switch (error.keyword) {
    case 'additionalProperties':
      mendKey(root, error);
      break;
    case 'enum':
      replace(root, error.instancePath, firstAllowed(error));
      break;
    case 'required':
    case 'propertyNames':
    case 'anyOf':
    case 'oneOf':
      break;
    default:
      replace(root, error.instancePath, null);
  }
}

/** A misspelt key is taken for the one that was meant, any other unknown one is left out. */
function mendKey(root: unknown, { instancePath, params, parentSchema }: ErrorObject): void {
  const mapping = find(root, instancePath);
  const key: unknown = params.additionalProperty;
  if (!isMapping(mapping) || typeof key !== 'string') return;
  const meant = suggest(key, Object.keys(parentSchema?.properties ?? {}));
  if (meant !== null && !Object.hasOwn(mapping, meant)) mapping[meant] = mapping[key];
  delete mapping[key];
}

function replace(root: unknown, pointer: string, value: unknown): void {
  const path = segments(pointer);
  const last = path.at(-1);
  if (last === undefined) return;
  const parent = find(
    root,
    path.slice(0, -1).reduce((at, segment) => below(at, segment), ''),
  );
  if (Array.isArray(parent)) parent[Number(last)] = value;
  else if (isMapping(parent) && Object.hasOwn(parent, last)) parent[last] = value;
}

function firstAllowed({ params }: ErrorObject): unknown {
  const allowed: unknown = params.allowedValues;
  return Array.isArray(allowed) ? allowed[0] : null;
}

function find(root: unknown, pointer: string): unknown {
  return segments(pointer).reduce<unknown>((at, segment) => {
    if (Array.isArray(at)) return at[Number(segment)];
    return isMapping(at) && Object.hasOwn(at, segment) ? at[segment] : undefined;
  }, root);
}

function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Mappings inherit nothing, as those of the parser. */
function copyOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copyOf);
  if (!isMapping(value)) return value;
  const copy: Mapping = Object.create(null);
  for (const [key, member] of Object.entries(value)) copy[key] = copyOf(member);
  return copy;
}
