/**
 * The schemas as functions. `npm run build` replaces this module's output by the code that Ajv makes of it
 * (build/validators.mjs): to compile the schemas anew costs about 150 ms at every start. Tests run it as it stands here.
 */
import { Ajv, type ValidateFunction } from 'ajv';
import bindingsSchema from '../../schemas/migration-bindings.schema.json' with { type: 'json' };
import strategySchema from '../../schemas/migration-strategy.schema.json' with { type: 'json' };
import type { BindingsDocument } from '../bindings-document.js';
import type { StrategyDocument } from '../document.js';
import { AJV_OPTIONS } from './ajv-options.js';

const ajv = new Ajv(AJV_OPTIONS);

export const isStrategy: ValidateFunction<StrategyDocument> = ajv.compile(strategySchema);
export const isBindings: ValidateFunction<BindingsDocument> = ajv.compile(bindingsSchema);
