/** The data migration as a user runs it: it ends with 0 only when the run ended as it should and no acknowledged write is lost. */
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect, it } from 'vitest';
import { compare, expectedRows, isComplete } from '../../examples/orders-split/shop/verify.mjs';

const demo = fileURLToPath(new URL('../../examples/orders-split/demo.mjs', import.meta.url));
/** A limit, not an expectation: alone, a demo takes less than a minute. */
const PATIENCE_MS = 900_000;

it(
  'moves the orders to the other database with no write lost and no request failed',
  async () => {
    const { exitCode, stdout } = await run();
    expect(stdout).toContain('yes  no write is lost');
    expect(stdout).toContain('yes  zero downtime: no request failed');
    expect(exitCode, stdout).toBe(0);
  },
  PATIENCE_MS,
);

it(
  'moves them back after the cut-over, with every order that was written since',
  async () => {
    const { exitCode, stdout } = await run('--failure');
    expect(stdout).toContain('yes  no write is lost');
    expect(stdout).toContain(
      'yes  tables, triggers and replication of both databases are what they were before',
    );
    expect(exitCode, stdout).toBe(0);
  },
  PATIENCE_MS,
);

it('finds every kind of loss', () => {
  const seeds = [
    { ref: 'S1', status: 'placed', cents: 100 },
    { ref: 'S2', status: 'placed', cents: 200 },
  ];
  const expected = expectedRows(seeds, [
    { ref: 'C1', becomes: { status: 'placed', cents: 300 } },
    { ref: 'C1', becomes: { status: 'paid' } },
    { ref: 'C2', becomes: { status: 'placed', cents: 400 } },
    { ref: 'C2', becomes: null },
    { ref: 'S2', becomes: { status: 'shipped' } },
  ]);
  const whole = [
    { ref: 'C1', status: 'paid', cents: 300 },
    { ref: 'S1', status: 'placed', cents: 100 },
    { ref: 'S2', status: 'shipped', cents: 200 },
  ];
  expect(isComplete(compare(expected, whole))).toBe(true);
  const spoiled = [
    { ref: 'C1', status: 'placed', cents: 300 },
    { ref: 'C2', status: 'placed', cents: 400 },
    { ref: 'S2', status: 'shipped', cents: 200 },
  ];
  expect(compare(expected, spoiled)).toEqual({
    missing: ['S1'],
    unexpected: ['C2'],
    different: ['C1: status is placed instead of paid'],
  });
});

function run(...args: string[]) {
  return execa(process.execPath, [demo, ...args], { reject: false, all: true });
}
