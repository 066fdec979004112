import { expect, test } from 'vitest';
import { formsOf, Redactor, redact } from '../../activities/redact.js';

const SECRET = 'hunter2+"&é/long enough?';

function inChunks(forms: readonly string[], text: string, size: number): string {
  const redactor = new Redactor(forms);
  const bytes = Buffer.from(text);
  const out: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) out.push(redactor.push(bytes.subarray(at, at + size)));
  return Buffer.concat([...out, redactor.end()]).toString('utf8');
}

test.each([
  ['as it is', SECRET],
  ['percent-encoded', encodeURIComponent(SECRET)],
  ['percent-encoded in lower case', encodeURIComponent(SECRET).replace(/%../g, (code) => code.toLowerCase())],
  ['in JSON', JSON.stringify(SECRET).slice(1, -1)],
  ['in hex', Buffer.from(SECRET).toString('hex')],
  ['over two lines', `${SECRET.slice(0, 9)}\n${SECRET.slice(9)}`],
  ['over lines of Windows', `${SECRET.slice(0, 3)}\r\n${SECRET.slice(3)}`],
])('a secret %s is found in chunks of any size', (_name, written) => {
  for (const size of [1, 2, 3, 7, 1000]) {
    expect(inChunks(formsOf(SECRET), `before ${written} after`, size)).toBe('before [redacted] after');
  }
});

test.each([0, 1, 2])('a secret in base64, %i bytes after the beginning, is found', (offset) => {
  const encoded = Buffer.from(`${'u'.repeat(offset)}${SECRET}!!`).toString('base64');
  const shown = inChunks(formsOf(SECRET), encoded, 5);
  expect(shown).toContain('[redacted]');
  expect(Buffer.from(shown.replace('[redacted]', ''), 'base64').toString()).not.toContain('hunter');
});

test('the password of a URL is a secret of its own', () => {
  expect(
    redact(formsOf('postgres://bob:p%40ss-word@db/shop'), 'user bob, password p@ss-word or p%40ss-word'),
  ).toBe('user bob, password [redacted] or [redacted]');
});

test('of two secrets that begin alike the longer one is found whole', () => {
  expect(inChunks([...formsOf('abcd'), ...formsOf('abcdefgh')], 'abcdefgh abcd', 1)).toBe(
    '[redacted] [redacted]',
  );
});

test('a line of a key is a secret of its own', () => {
  const key = '-----BEGIN KEY-----\nMIIEvQIBADANBgkq\nhkiG9w0BAQEFAASC\n-----END KEY-----';
  expect(redact(formsOf(key), 'grep: hkiG9w0BAQEFAASC')).toBe('grep: [redacted]');
});

test('values of fewer than four characters are left alone, and so is everything else', () => {
  expect(redact(formsOf('abc'), 'abc')).toBe('abc');
  expect(inChunks(formsOf(SECRET), 'hunter2 is not the secret: hunt', 4)).toBe(
    'hunter2 is not the secret: hunt',
  );
});
