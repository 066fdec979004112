import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import bindings from '../../schemas/migration-bindings.schema.json' with { type: 'json' };
import strategy from '../../schemas/migration-strategy.schema.json' with { type: 'json' };

test.each([strategy, bindings])(
  'the schema "$title" is a valid JSON Schema, which is not checked at each start',
  (schema) => {
    const ajv = new Ajv();
    expect(ajv.validateSchema(schema), ajv.errorsText()).toBe(true);
    expect(ajv.validateSchema({ ...schema, type: 'mapping' })).toBe(false);
  },
);
