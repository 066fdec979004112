/** A value that a schema accepts, in the place of one that it refuses. */

type Schema = Readonly<Record<string, unknown>>;

/** Stand-ins for ids and orders must differ from each other: a file has at most a million values. */
const FIRST = 1_000_000;
let used = 0;

/** Null where it is allowed, else a small value of the type that the file does not have. */
export function standIn(schema: unknown, root: unknown): unknown {
  const { type, enum: allowed } = dereferenced(schema, root);
  const types: readonly unknown[] = Array.isArray(type) ? type : [type];
  if (Array.isArray(allowed)) return allowed[0];
  used = (used + 1) % FIRST;
  if (types.includes('string') && !types.includes('null')) return `missing-${FIRST + used}`;
  if (types.includes('integer') && !types.includes('null')) return FIRST + used;
  if (types.includes('array') && !types.includes('null')) return [];
  if (types.includes('object') && !types.includes('null')) return Object.create(null);
  return types.includes('boolean') && !types.includes('null') ? false : null;
}

function dereferenced(schema: unknown, root: unknown): Schema {
  if (!isSchema(schema)) return {};
  const reference =
    typeof schema.$ref === 'string' ? /^#\/definitions\/(\w+)$/.exec(schema.$ref)?.[1] : undefined;
  if (reference === undefined) return schema;
  const definitions = isSchema(root) ? root.definitions : undefined;
  return isSchema(definitions) ? dereferenced(definitions[reference], root) : {};
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
