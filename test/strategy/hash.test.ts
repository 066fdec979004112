import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson, hashPlan } from '../../strategy/hash.js';
import { planOf, stepOf, strategyOf } from './support/compile-text.js';

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, reversed(member)]),
  );
}

test('canonical JSON does not depend on the order of keys, and means the same as JSON', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = canonicalJson(value);
      expect(canonicalJson(reversed(value))).toBe(text);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

test('members that are undefined do not count', () => {
  expect(canonicalJson({ b: 1, a: undefined, c: [undefined] })).toBe('{"b":1,"c":[null]}');
});

test('the hash is SHA-256 over everything but itself, and survives a journey as JSON', () => {
  const plan = planOf({ strategy: strategyOf(stepOf('A', 1, 'execution_details: { commands: [date] }')) });
  const { hash, ...rest } = plan;
  expect(hash).toBe(createHash('sha256').update(canonicalJson(rest)).digest('hex'));
  expect(hashPlan(JSON.parse(JSON.stringify(plan)))).toBe(hash);
});

test('plans longer than one piece hash as a whole', () => {
  const commands = `[${Array.from({ length: 3000 }, (_, index) => `echo ${index} ünïcode`).join(', ')}]`;
  const { hash, ...rest } = planOf({
    strategy: strategyOf(stepOf('A', 1, `execution_details: { commands: ${commands} }`)),
  });
  expect(hash).toBe(createHash('sha256').update(canonicalJson(rest)).digest('hex'));
});

test('another command makes another hash', () => {
  const hashOf = (command: string): string =>
    planOf({ strategy: strategyOf(stepOf('A', 1, `execution_details: { commands: [${command}] }`)) }).hash;
  expect(hashOf('date')).toBe(hashOf('date'));
  expect(hashOf('date')).not.toBe(hashOf('uptime'));
});
