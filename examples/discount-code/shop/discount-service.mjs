/** Discount service: what a code takes off a subtotal. Amounts are rounded to cents, half a cent up. */
import { createCounters } from './metrics.mjs';
import { identify, serve } from './service.mjs';

/** Cents off a subtotal in cents. */
const CODES = {
  SAVE10: (cents) => Math.round(cents * 0.1),
  SAVE25: (cents) => Math.round(cents * 0.25),
  FIVER: (cents) => Math.min(500, cents),
};

const counters = createCounters();

await serve(identify(), {
  version: 1,
  counters,
  async handle(_request, url) {
    if (url.pathname !== '/validate')
      return { status: 404, body: { error: 'GET /validate?code=C&subtotal=N' } };
    counters.add('discount_validations_total');
    const cents = Math.round(Number(url.searchParams.get('subtotal')) * 100);
    if (!Number.isFinite(cents) || cents < 0) {
      counters.add('discount_validation_errors_total');
      return { status: 400, body: { error: 'subtotal must be a number of at least 0' } };
    }
    const code = url.searchParams.get('code') ?? '';
    const rule = Object.hasOwn(CODES, code) ? CODES[code] : undefined;
    return { status: 200, body: { code, valid: rule !== undefined, discount: (rule?.(cents) ?? 0) / 100 } };
  },
});
