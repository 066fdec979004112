/**
 * Nothing of a strategy is skipped silently: whichever value is changed, the plan or the coverage changes as well, unless
 * docs/format.md says that the field is only words.
 */
import { expect, test } from 'vitest';
import { FIELDS, type Json, type JsonObject } from './sample.js';
import { compileText } from './support/compile-text.js';
import { BINDINGS, everyField, FILES, VARIANTS } from './support/every-field.js';
import { fieldsOfFormatPage } from './support/format-page.js';

/** What changing a value changes: the plan, else the coverage. */
type Effect = 'used' | 'listed' | 'nothing';

interface Leaf {
  /** As in the list of fields: names with `[]` after lists. */
  readonly field: string;
  readonly path: readonly (string | number)[];
  readonly value: boolean | number | string;
}

function* leavesOf(value: Json, path: readonly (string | number)[] = []): Generator<Leaf> {
  if (value === null) return;
  if (typeof value !== 'object') {
    yield { field: fieldOf(path), path, value };
  } else {
    for (const [key, member] of Object.entries(value))
      yield* leavesOf(member, [...path, Array.isArray(value) ? Number(key) : key]);
  }
}

function fieldOf(path: readonly (string | number)[]): string {
  const text = path.map((key) => (typeof key === 'number' ? '[]' : `.${key}`)).join('');
  // A list of sentences is one field.
  return text.slice(1).replace(/\[\]$/, '');
}

const TYPES = new Map(FIELDS.map(({ path, type }) => [path, type]));

/** Another value that the schema allows. */
function changed({ field, value }: Leaf): Json {
  if (typeof value === 'boolean') return !value;
  // Far enough that phases and steps change places.
  if (typeof value === 'number') return value + 10;
  const type = TYPES.get(field) ?? '';
  if (type === 'ISO8601') return '2027-01-02T03:04:05Z';
  const choices = type.startsWith('one of ') ? type.slice('one of '.length).split(' | ') : [];
  const other = choices.find((choice) => choice !== value);
  // Durations, thresholds and ids stay what they are, with another number.
  return (
    other ??
    (/\d/.test(value) ? value.replace(/\d/, (digit) => String(Number(digit) + 1)) : `${value} changed`)
  );
}

function withChange(strategy: JsonObject, leaf: Leaf): JsonObject {
  const copy: JsonObject = JSON.parse(JSON.stringify(strategy));
  let at: Json | undefined = copy;
  for (const key of leaf.path.slice(0, -1)) at = (at as Record<string | number, Json>)[key];
  (at as Record<string | number, Json>)[leaf.path.at(-1) ?? ''] = changed(leaf);
  return copy;
}

function outcomeOf(strategy: JsonObject) {
  const text = JSON.stringify(strategy, null, 1);
  const { plan, coverage, problems } = compileText({ strategy: text, bindings: BINDINGS, files: FILES });
  const sentences = coverage.sentences.map(({ position: _, ...sentence }) => sentence);
  return { plan: plan?.hash ?? null, coverage: JSON.stringify(sentences), problems };
}

function effectsByField(): ReadonlyMap<string, Effect> {
  const effects = new Map<string, Effect>();
  const strongestFirst: readonly Effect[] = ['used', 'listed', 'nothing'];
  for (const sections of [everyField(), ...VARIANTS]) {
    const strategy = { ...everyField(), ...sections };
    const before = outcomeOf(strategy);
    expect(before.plan, JSON.stringify(before.problems)).not.toBeNull();
    for (const leaf of leavesOf(sections)) {
      const after = outcomeOf(withChange(strategy, leaf));
      const effect = effectOf(before, after);
      const known = effects.get(leaf.field) ?? 'nothing';
      effects.set(
        leaf.field,
        strongestFirst.indexOf(effect) < strongestFirst.indexOf(known) ? effect : known,
      );
    }
  }
  return effects;
}

function effectOf(before: ReturnType<typeof outcomeOf>, after: ReturnType<typeof outcomeOf>): Effect {
  if (after.plan !== before.plan) return 'used';
  return after.coverage === before.coverage ? 'nothing' : 'listed';
}

test('docs/format.md names every field of the format once', () => {
  const named = fieldsOfFormatPage().map(({ field }) => field);
  expect([...named].sort()).toEqual(FIELDS.map(({ path }) => path).sort());
});

test('the full strategy sets every field of the format', () => {
  const set = new Set([...leavesOf(everyField())].map(({ field }) => field));
  expect(FIELDS.map(({ path }) => path).filter((path) => !set.has(path))).toEqual([]);
});

test('every value counts as docs/format.md says: in the plan, in the coverage, or for readers only', () => {
  const effects = effectsByField();
  const found = fieldsOfFormatPage().map(({ field }) => `${field}: ${effects.get(field)}`);
  const said = fieldsOfFormatPage().map(({ field, effect }) => {
    return `${field}: ${effect === 'words' || effect === 'later' ? 'nothing' : effect}`;
  });
  expect(found).toEqual(said);
});
