/** Strategies for tests, made from the list of the format's fields. */
import { readFileSync } from 'node:fs';

export interface Field {
  readonly path: string;
  readonly type: string;
}

const listed: Field[] = JSON.parse(readFileSync(new URL('fields.json', import.meta.url), 'utf8'));

/** Every field of the format: its path with `[]` after lists of objects, and its type in words. */
export const FIELDS: readonly Field[] = listed;

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** A value that a field's type allows. */
export function sampleValue(type: string): Json {
  if (type === 'string') return 'text';
  if (type === 'list of string') return ['text'];
  if (type === 'ISO8601') return '2025-10-04T10:00:00Z';
  if (type === 'boolean') return true;
  if (type === 'integer') return 1;
  return type.replace('one of ', '').split(' | ')[0] ?? null;
}

/** The smallest strategy that is accepted. */
export function smallest(): JsonObject {
  const step = { step_id: 'STEP-1', name: 'One', order: 1, type: 'validation' };
  return {
    metadata: { version: '1.0.0', migration_name: 'Test' },
    migration_phases: [{ phase_id: 'PHASE-1', name: 'One', order: 1, steps: [step] }],
  };
}

/** A strategy with every field of the format, each list of objects with one entry. */
export function complete(): JsonObject {
  const root: JsonObject = {};
  for (const { path, type } of FIELDS) setAt(root, path, sampleValue(type));
  return root;
}

/** Sets a field, making the objects and one-entry lists on the way. */
export function setAt(root: JsonObject, path: string, value: Json): void {
  const parts = path.split('.');
  const last = parts.pop() ?? '';
  parent(root, parts)[last] = value;
}

/** The object that a path of the list leads to. */
export function parent(root: JsonObject, parts: readonly string[]): JsonObject {
  let at = root;
  for (const part of parts) {
    const name = part.replace('[]', '');
    const next: Json = at[name] ?? (part.endsWith('[]') ? [{}] : {});
    at[name] = next;
    const inner: Json | undefined = Array.isArray(next) ? next[0] : next;
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner))
      throw new Error(`${path(parts)} is no object`);
    at = inner;
  }
  return at;
}

function path(parts: readonly string[]): string {
  return parts.join('.');
}
