/**
 * What remains of a document when the values that the schema refuses are replaced, so that the further checks can run
 * as well and all problems are reported at once. Never executed: a salvaged document always comes with problems.
 */
import type { ErrorObject, ValidateFunction } from 'ajv';
import { below, segments } from '../pointer.js';
import { suggest } from '../suggest.js';
import { standIn } from './stand-in.js';

/** A repaired value can uncover another error below it; files that need more rounds than this are too broken. */
const ROUNDS = 6;

export interface Salvaged<T> {
  /** Null when the document cannot be repaired. */
  readonly rest: T | null;
  /** Pointers to what was replaced, added or left out: further problems there are only consequences. */
  readonly repaired: readonly string[];
}

/** The document without what is wrong with it; `schema` is what `check` was made of. */
export function salvage<T>(value: unknown, check: ValidateFunction<T>, schema: unknown): Salvaged<T> {
  const copy = copyOf(value);
  const repaired = new Set<string>();
  for (let round = 0; round < ROUNDS; round += 1) {
    if (check(copy)) return { rest: copy, repaired: [...repaired] };
    for (const error of check.errors ?? []) repaired.add(repair(copy, error, schema));
  }
  return { rest: check(copy) ? copy : null, repaired: [...repaired] };
}

type Mapping = Record<string, unknown>;

/** Mends one error; returns the pointer to what was touched. */
function repair(root: unknown, error: ErrorObject, schema: unknown): string {
  const { instancePath, keyword, parentSchema } = error;
  switch (keyword) {
    case 'additionalProperties':
      return mendKey(root, error);
    case 'enum':
      replace(root, instancePath, firstAllowed(error));
      return instancePath;
    case 'required':
      return addMissing(root, error, schema);
    case 'oneOf':
      remove(root, instancePath);
      return instancePath;
    case 'anyOf':
      return instancePath;
    case 'propertyNames': {
      const pointer = below(instancePath, String(error.params.propertyName));
      remove(root, pointer);
      return pointer;
    }
    default:
      replace(root, instancePath, standIn(parentSchema, schema));
      return instancePath;
  }
}

/** A misspelt key is taken for the one that was meant, any other unknown one is left out. */
function mendKey(root: unknown, { instancePath, params, parentSchema }: ErrorObject): string {
  const mapping = find(root, instancePath);
  const key = String(params.additionalProperty);
  const meant = suggest(key, Object.keys(parentSchema?.properties ?? {}));
  if (isMapping(mapping)) {
    if (meant !== null && !Object.hasOwn(mapping, meant)) mapping[meant] = mapping[key];
    delete mapping[key];
  }
  return below(instancePath, key);
}

function addMissing(
  root: unknown,
  { instancePath, params, parentSchema }: ErrorObject,
  schema: unknown,
): string {
  const key = String(params.missingProperty);
  const mapping = find(root, instancePath);
  if (isMapping(mapping) && !Object.hasOwn(mapping, key)) {
    mapping[key] = standIn(parentSchema?.properties?.[key], schema);
  }
  return below(instancePath, key);
}

function replace(root: unknown, pointer: string, value: unknown): void {
  const { parent, key } = parentOf(root, pointer);
  if (Array.isArray(parent)) parent[Number(key)] = value;
  else if (isMapping(parent) && Object.hasOwn(parent, key)) parent[key] = value;
}

function remove(root: unknown, pointer: string): void {
  const { parent, key } = parentOf(root, pointer);
  if (isMapping(parent)) delete parent[key];
}

function parentOf(root: unknown, pointer: string): { readonly parent: unknown; readonly key: string } {
  const path = segments(pointer);
  const parent = path.length === 0 ? null : find(root, below('', ...path.slice(0, -1)));
  return { parent, key: path.at(-1) ?? '' };
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
