/** docs/reference.md names every key that the schemas accept, and no other. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

interface Schema {
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly definitions?: Readonly<Record<string, Schema>>;
}

const text = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const strategy: Schema = JSON.parse(text('schemas/migration-strategy.schema.json'));
const bindings: Schema = JSON.parse(text('schemas/migration-bindings.schema.json'));

/** Every key below a schema, as a path; `NAME` stands for a key of the writer's own. */
function* keysOf(root: Schema, schema: Schema, path: readonly string[] = []): Generator<string> {
  if (schema.$ref !== undefined) {
    const definition = root.definitions?.[schema.$ref.split('/').at(-1) ?? ''];
    if (definition !== undefined) yield* keysOf(root, definition, path);
  }
  for (const choice of [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])]) yield* keysOf(root, choice, path);
  for (const [key, value] of Object.entries(schema.properties ?? {})) {
    yield [...path, key].join('.');
    yield* keysOf(root, value, [...path, key]);
  }
  if (typeof schema.additionalProperties === 'object')
    yield* keysOf(root, schema.additionalProperties, [...path, 'NAME']);
  if (schema.items !== undefined) yield* keysOf(root, schema.items, path);
}

/** The keys in the first column of the table under a heading. */
function keysUnder(heading: string): readonly string[] {
  const [, section = ''] = text('docs/reference.md').split(`## ${heading}\n`);
  const [table = ''] = section.split('\n## ');
  return [...table.matchAll(/^\| `([^`]+)` \|.*\S.*\|$/gm)].map(([, key = '']) => key);
}

const sorted = (keys: Iterable<string>) => [...new Set(keys)].sort();

test('docs/reference.md names every section of the strategy', () => {
  expect(sorted(keysUnder('The strategy, by section'))).toEqual(
    sorted(Object.keys(strategy.properties ?? {})),
  );
});

test('docs/reference.md names every x- key of sluice', () => {
  const step = strategy.properties?.migration_phases?.items?.properties?.steps?.items ?? {};
  const keys = [...keysOf(strategy, step)].filter((key) => key.startsWith('x-'));
  expect(keys).not.toEqual([]);
  expect(sorted(keysUnder('`x-` keys on a step'))).toEqual(sorted(keys));
});

test('docs/reference.md names every x- key of a data migration', () => {
  const item = strategy.properties?.data_migration?.properties?.migrations?.items ?? {};
  const keys = [...keysOf(strategy, item)].filter((key) => key.startsWith('x-'));
  expect(keys).not.toEqual([]);
  expect(sorted(keysUnder('`x-` keys on a data migration'))).toEqual(sorted(keys));
});

test('docs/reference.md names every key of the bindings', () => {
  expect(sorted(keysUnder('The bindings'))).toEqual(sorted(keysOf(bindings, bindings)));
});
