/** No trial reaches the real thing. */
import { describe, expect, test } from 'vitest';
import {
  refusalAfterSetup,
  refusalWithoutSetup,
  targetsOf,
  variablesPrinted,
} from '../../../strategy/rehearsal/isolation.js';
import { DEFAULT_REHEARSAL } from '../../../strategy/rehearsal/settings.js';
import { phase, step, strategy } from '../../support/strategies.js';
import { compileText, planOf, troubles } from '../support/compile-text.js';

const text = JSON.stringify(
  strategy([phase('P1', 1, [step('S1', 1, { more: { preconditions: ['The shop answers'] } })])]),
);
const bindings = {
  connections: { shop: { postgres: '${env:SHOP_DB}' } },
  checks: { 'The shop answers': { http: 'GET ${env:SHOP_URL}/health -> 200' } },
};
const plan = planOf({ strategy: text, bindings: JSON.stringify(bindings) });
const targets = targetsOf(plan, DEFAULT_REHEARSAL);
const withSetup = { ...DEFAULT_REHEARSAL, setup: './setup.sh' };

describe('a rehearsal', () => {
  test('knows every connection and address', () => {
    expect(targets.map(({ address }) => address)).toEqual(['${env:SHOP_DB}', '${env:SHOP_URL}/health']);
  });

  test('knows flag servers, and files outside of the workspace, which no setup replaces', () => {
    const items = JSON.stringify({
      ...strategy([phase('P1', 1, [step('S1', 1, { more: { 'x-uses': ['C1', 'C2'] } })])]),
      configuration_migration: {
        configuration_changes: [
          { config_id: 'C1', new_value: 'true' },
          { config_id: 'C2', new_value: 'true' },
        ],
      },
    });
    const bound = {
      flags: { discount: { http: { url: '${env:FLAGS}/discount', pointer: '/on' } } },
      items: { C1: { flag: 'discount' }, C2: { file: '/etc/cart.yaml', path: 'discount' } },
    };
    const reached = targetsOf(
      planOf({ strategy: items, bindings: JSON.stringify(bound) }),
      DEFAULT_REHEARSAL,
    );
    expect(reached.map(({ address }) => address)).toEqual(['${env:FLAGS}/discount', '/etc/cart.yaml']);
    expect(refusalWithoutSetup(reached, withSetup)).toMatch(/the file \/etc\/cart\.yaml refers to no/);
  });

  test('does not begin without a setup, unless the strategy reaches nothing', () => {
    expect(refusalWithoutSetup(targets, DEFAULT_REHEARSAL)).toMatch(/connection "shop".*no rehearsal\.setup/);
    expect(refusalWithoutSetup(targets, withSetup)).toBeNull();
    expect(refusalWithoutSetup([], DEFAULT_REHEARSAL)).toBeNull();
  });

  test('does not begin when an address is written out, or comes from a file', () => {
    for (const address of ['postgres://db/shop', '${file:/run/secrets/db}']) {
      expect(refusalWithoutSetup([{ what: 'the connection "x"', address }], withSetup)).toMatch(
        /refers to no/,
      );
    }
  });

  test('does not begin when the setup leaves one as it is', () => {
    expect(refusalAfterSetup(targets, new Set(['SHOP_DB']))).toMatch(/no value for SHOP_URL/);
    expect(refusalAfterSetup(targets, new Set(['SHOP_DB', 'SHOP_URL']))).toBeNull();
  });
});

test('a setup prints variables among its other lines', () => {
  const printed =
    'creating\nSHOP_DB=postgres://localhost/copy?a=b\nexport SHOP_URL=http://x\n+ NOT=this\n 9=x\n';
  expect(variablesPrinted(printed)).toEqual({
    SHOP_DB: 'postgres://localhost/copy?a=b',
    SHOP_URL: 'http://x',
  });
});

test('what is wrong with the section is reported with the other problems', () => {
  const { problems } = compileText({
    strategy: text,
    bindings: JSON.stringify({
      ...bindings,
      rehearsal: {
        setup: { command: 'echo ${env:SECRET}' },
        fingerprint: [{ sql: 'select 1', connection: 'other' }, { files: ['${env}'] }],
        mask: ['('],
      },
    }),
  });
  expect(troubles(problems)).toEqual(
    expect.arrayContaining([
      'misplaced-reference /rehearsal/setup/command',
      'unknown-connection /rehearsal/fingerprint/0',
      'bad-reference /rehearsal/fingerprint/1/files/0',
      'bad-mask /rehearsal/mask/0',
    ]),
  );
});
