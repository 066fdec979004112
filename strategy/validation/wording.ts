/** What a schema error says to people. */
import type { ErrorObject } from 'ajv';
import { suggest } from '../suggest.js';

export interface Finding {
  readonly code: string;
  readonly message: string;
  readonly advice: string | null;
}

/** Words one schema error; `quote` says whether the value may be shown. */
export function finding(error: ErrorObject, quote: boolean): Finding {
  const shown = quote ? ` ${show(error.data)}` : '';
  const hint = description(error);
  switch (error.keyword) {
    case 'additionalProperties':
      return unknownKey(error);
    case 'required':
      return {
        code: 'missing-key',
        message: `the key "${error.params.missingProperty}" is missing`,
        advice: 'Add it.',
      };
    case 'dependencies': {
      const { property, missingProperty } = error.params;
      const message = `the key "${property}" needs "${missingProperty}" as well`;
      return { code: 'missing-key', message, advice: `Add "${missingProperty}", or remove "${property}".` };
    }
    case 'type':
      return wrongType(error, quote);
    case 'enum':
      return notAllowed(error, quote);
    case 'oneOf':
      return notExactlyOne(error);
    case 'format': {
      const moment = error.params.format === 'iso-8601' ? ', or 2025-10-04T10:00:00Z' : '';
      const advice = `Write a date such as 2025-10-04${moment}.`;
      return { code: 'bad-date', message: `the text${shown} is not a date in ISO 8601`, advice };
    }
    case 'minItems':
      return { code: 'empty-list', message: 'the list is empty', advice: 'Add at least one entry.' };
    case 'uniqueItems':
      return {
        code: 'duplicate-item',
        message: 'the list contains an entry twice',
        advice: 'Keep one of them.',
      };
    case 'minLength':
      return { code: 'empty-text', message: 'the text is empty', advice: hint };
    case 'maxLength':
      return {
        code: 'too-long',
        message: `the text has more than ${error.params.limit} characters`,
        advice: hint,
      };
    case 'minimum':
    case 'maximum': {
      const { comparison, limit } = error.params;
      return {
        code: 'out-of-range',
        message: `the number${shown} must be ${comparison} ${limit}`,
        advice: hint,
      };
    }
    case 'pattern':
      return {
        code: 'bad-form',
        message: `the text${error.propertyName === undefined ? shown : ''} does not have the required form`,
        advice: hint,
      };
    default:
      return {
        code: 'schema',
        message: `the value${shown} ${error.message ?? 'does not fit'}`,
        advice: hint,
      };
  }
}

function unknownKey(error: ErrorObject): Finding {
  const key = String(error.params.additionalProperty);
  const known = Object.keys(error.parentSchema?.properties ?? {});
  const meant = suggest(key, known);
  const advice =
    meant === null
      ? `Known here: ${known.join(', ')}; your own keys start with "x-".`
      : `Did you mean "${meant}"?`;
  return { code: 'unknown-key', message: `the key ${show(key)} is not known here`, advice };
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  null: 'nothing',
};

function wrongType(error: ErrorObject, quote: boolean): Finding {
  const allowed = types(error.params.type);
  const wanted = allowed.filter((type) => type !== 'null');
  const message = `expected ${wanted.map((type) => KINDS[type] ?? type).join(' or ')}, found ${whatIs(error.data, quote)}`;
  return { code: 'wrong-type', message, advice: typeAdvice(error.data, wanted) ?? description(error) };
}

function typeAdvice(data: unknown, wanted: readonly string[]): string | null {
  const isNumberOrBoolean = typeof data === 'number' || typeof data === 'boolean';
  if (wanted.includes('string') && isNumberOrBoolean) {
    return 'Put it in quotes.';
  }
  if (wanted.includes('array') && typeof data === 'string')
    return 'Write each entry on its own line, after "- ".';
  if (wanted.includes('integer') && typeof data === 'string' && /^-?\d+$/.test(data))
    return 'Remove the quotes.';
  if (wanted.includes('boolean') && typeof data === 'string') {
    if (/^(yes|on|true)$/i.test(data)) return 'Write true, without quotes.';
    if (/^(no|off|false)$/i.test(data)) return 'Write false, without quotes.';
  }
  if (wanted.includes('string') && data !== null && typeof data === 'object') {
    return 'If it is text, put it in quotes: ": " and "[" mean something else in YAML.';
  }
  return null;
}

function notAllowed(error: ErrorObject, quote: boolean): Finding {
  const allowed = items(error.params.allowedValues)
    .filter((value) => value !== null)
    .map(String);
  const meant = typeof error.data === 'string' ? suggest(error.data, allowed) : null;
  const list = `Allowed: ${allowed.join(', ')}.`;
  return {
    code: 'not-allowed',
    message: `${whatIs(error.data, quote)} is not one of the allowed values`,
    advice: meant === null ? list : `Did you mean "${meant}"? ${list}`,
  };
}

/** Every `oneOf` of the schemas says which keys cannot be combined. */
function notExactlyOne(error: ErrorObject): Finding {
  const keys = items(error.schema).flatMap((branch) => types(record(branch).required));
  const found = keys.filter((key) => key in record(error.data));
  const message =
    found.length === 0 ? `none of ${keys.join(', ')} is given` : `${found.join(' and ')} cannot be combined`;
  return { code: 'not-exactly-one', message, advice: `Give exactly one of: ${keys.join(', ')}.` };
}

function description(error: ErrorObject): string | null {
  const text: unknown = error.parentSchema?.description;
  return typeof text === 'string' ? text : null;
}

function kindOf(data: unknown): string {
  if (data === null || data === undefined) return 'nothing';
  if (Array.isArray(data)) return 'a list';
  const kind = typeof data;
  if (kind === 'string') return 'a text';
  return kind === 'number' ? 'a number' : kind === 'boolean' ? 'true or false' : 'a mapping';
}

/** What kind of value and, where it may be shown, which. */
function whatIs(data: unknown, quote: boolean): string {
  if (!quote || data === null || typeof data === 'object') return kindOf(data);
  const kind = typeof data;
  return `${kind === 'string' ? 'the text ' : kind === 'number' ? 'the number ' : ''}${show(data)}`;
}

/** A value in one short line. */
function show(data: unknown): string {
  if (data !== null && typeof data === 'object') return kindOf(data);
  const text = typeof data === 'string' ? JSON.stringify(data.slice(0, 100)) : String(data);
  return text.length > 60 ? `${text.slice(0, 57)}..."` : text;
}

function items(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function types(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [String(value)];
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {};
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
