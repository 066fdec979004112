/** What is shipped: agreed licences, and an audit that tells when it could not be made. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { meaningOf } from '../../.ci/audit.mjs';
import { unwelcome } from '../../.ci/licences.mjs';

test('every dependency has a licence that was agreed to', () => {
  expect(
    unwelcome(JSON.parse(readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8'))),
  ).toEqual([]);
});

test('a licence that was not agreed to is named, and so is a missing one', () => {
  const packages = {
    '': {},
    'node_modules/a': { license: 'GPL-3.0-only' },
    'node_modules/a/node_modules/b': {},
    'node_modules/c': { license: '(MIT OR GPL-3.0-only)' },
    'node_modules/d': { license: 'MIT AND GPL-3.0-only' },
    'node_modules/e': { license: 'MIT' },
  };
  expect(unwelcome({ packages })).toEqual([
    'a: GPL-3.0-only (node_modules/a)',
    'b: no licence (node_modules/a/node_modules/b)',
    'd: MIT AND GPL-3.0-only (node_modules/d)',
  ]);
});

test('an audit is counted, and a registry that refuses it is no clean bill', () => {
  const counted = { metadata: { vulnerabilities: { low: 1, high: 2, critical: 1, total: 4 } } };
  expect(meaningOf(JSON.stringify(counted))).toEqual({ kind: 'known', serious: 3, total: 4 });
  const refused = { message: '405 Method Not Allowed', error: { summary: '', detail: '' } };
  expect(meaningOf(JSON.stringify(refused))).toEqual({ kind: 'unanswered', why: '405 Method Not Allowed' });
  expect(meaningOf('')).toEqual({ kind: 'unanswered', why: 'npm printed nothing' });
});
