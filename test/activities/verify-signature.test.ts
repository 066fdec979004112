/** Only the holder of one of the named keys can make a signature that is taken. */
import { CompactSign, exportJWK, generateKeyPair } from 'jose';
import { expect, it } from 'vitest';
import { verifySignature } from '../../activities/verify-signature.js';
import type { PublicKey } from '../../strategy/plan.js';

const TYPE = 'sluice-vote+jwt';
const alice = await generateKeyPair('Ed25519', { extractable: true });
const mallory = await generateKeyPair('Ed25519', { extractable: true });
const keyOf = async ({ publicKey }: typeof alice): Promise<PublicKey> => {
  const { x = '' } = await exportJWK(publicKey);
  return { kty: 'OKP', crv: 'Ed25519', x };
};
const keys = [await keyOf(alice)];
const content = new TextEncoder().encode('{"option":"approve"}');
const sign = (by: typeof alice, alg = 'Ed25519', typ = TYPE) =>
  new CompactSign(content).setProtectedHeader({ alg, typ }).sign(by.privateKey);
const whyOf = async (signed: string) => {
  const verified = await verifySignature({ signed, type: TYPE, keys });
  return 'why' in verified ? verified.why : 'it is genuine';
};

it('a genuine signature gives what was signed and the thumbprint of its key, under either name of the algorithm', async () => {
  const verified = await verifySignature({
    signed: await sign(alice),
    type: TYPE,
    keys: [await keyOf(mallory), ...keys],
  });
  expect(verified).toEqual({ payload: '{"option":"approve"}', key: expect.stringMatching(/^[\w-]{43}$/) });
  expect(await whyOf(await sign(alice, 'EdDSA'))).toBe('it is genuine');
});

it('a signature of another key, of altered content, or of another type is refused', async () => {
  expect(await whyOf(await sign(mallory))).toContain('None of the keys');
  const [header, , signature] = (await sign(alice)).split('.');
  const altered = Buffer.from('{"option":"reject"}').toString('base64url');
  expect(await whyOf(`${header}.${altered}.${signature}`)).toContain('None of the keys');
  expect(await whyOf(await sign(alice, 'Ed25519', 'sluice-command+jwt'))).toContain('not of type');
});

it('a signature without algorithm, or with the public key as a shared secret, is refused', async () => {
  const [, payload] = (await sign(alice)).split('.');
  const none = Buffer.from(JSON.stringify({ alg: 'none', typ: TYPE })).toString('base64url');
  expect(await whyOf(`${none}.${payload}.`)).not.toBe('it is genuine');
  const shared = await new CompactSign(content)
    .setProtectedHeader({ alg: 'HS256', typ: TYPE })
    .sign(Buffer.from((await keyOf(alice)).x, 'base64url'));
  expect(await whyOf(shared)).not.toBe('it is genuine');
});

it.each(['', 'x', 'a.b.c', '....', '{"payload":"x"}'])('%j is refused, not thrown', async (signed) => {
  expect(await whyOf(signed)).toContain('not a compact JWS');
});
