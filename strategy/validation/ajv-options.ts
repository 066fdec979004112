import type { Options } from 'ajv';
import { formats } from './formats.js';

/** How the schemas are compiled, at build time and in tests. */
export const AJV_OPTIONS = {
  allErrors: true,
  // Puts the value and the schema into errors, from which they are worded; it costs nothing without errors.
  verbose: true,
  allowUnionTypes: true,
  strictRequired: false,
  unicodeRegExp: false,
  // A test says that the schemas are valid.
  validateSchema: false,
  formats,
} satisfies Options;
