/** Two servers that cannot reach each other by the URIs of their connections are told apart from those that can. */
import { expect, test } from 'vitest';
import { type End, reachProblems } from '../../../activities/effects/replication/reach.js';

function end(connection: string, more: Partial<End>): End {
  return {
    connection,
    ...{ host: '127.0.0.1', port: '5432', password: true, superuser: true },
    ...{ serverAddress: '127.0.0.1', serverPort: '5432', clientAddress: '127.0.0.1' },
    ...more,
  };
}

const FAR = { host: 'db.example.com', serverAddress: '10.0.0.7', clientAddress: '10.0.0.1' };

test.each<readonly [string, Partial<End>, Partial<End>, readonly string[]]>([
  ['both run here', {}, { serverPort: '5433', port: '5433' }, []],
  [
    'both have addresses of their own',
    FAR,
    { ...FAR, host: 'orders.example.com', serverAddress: '10.0.0.8' },
    [],
  ],
  [
    'one is far away, the other is named as this host',
    { host: 'localhost' },
    FAR,
    ['The server of "other" cannot reach that of "shop"'],
  ],
  ['this host is named by its own address', { host: '10.0.0.1' }, FAR, []],
  [
    'one is behind a socket',
    { host: '', serverAddress: null, clientAddress: null },
    FAR,
    ['The server of "other" cannot reach'],
  ],
  [
    'one is a container here',
    {},
    { port: '5433', serverAddress: '172.17.0.3', clientAddress: '172.17.0.1' },
    ['The server of "other" cannot reach'],
  ],
  [
    'one is behind a tunnel',
    {},
    { port: '6000', serverPort: '5432' },
    ['The server of "other" listens on the port 5432'],
  ],
  [
    'a user without a password',
    { ...FAR, password: false },
    { ...FAR, superuser: false },
    ['The URI of "shop" has no password'],
  ],
])('%s', (_, source, target, expected) => {
  const found = reachProblems(end('shop', source), end('other', target));
  expect(found).toEqual(expected.map((part) => expect.stringContaining(part)));
});
