/**
 * Replaces the compiled strategy/validation/validators.js by what Ajv makes of the schemas, as code
 * (https://ajv.js.org/standalone.html), so that no start of the command line compiles them again.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { _, Ajv } from 'ajv';
import standalone from 'ajv/dist/standalone/index.js';
import { AJV_OPTIONS } from '../dist/strategy/validation/ajv-options.js';

const schema = (name) =>
  JSON.parse(readFileSync(new URL(`../schemas/${name}.schema.json`, import.meta.url), 'utf8'));
const strategy = schema('migration-strategy');
const bindings = schema('migration-bindings');

const ajv = new Ajv({
  ...AJV_OPTIONS,
  schemas: [strategy, bindings],
  code: { source: true, esm: true, formats: _`formats` },
});
const code = standalone.default(ajv, { isStrategy: strategy.$id, isBindings: bindings.$id });
// Ajv's own helpers are CommonJS, also in its ESM code.
const head = `import { createRequire } from 'node:module';
import { formats } from './formats.js';
const require = createRequire(import.meta.url);
`;
writeFileSync(new URL('../dist/strategy/validation/validators.js', import.meta.url), head + code);
