/** Verifies signatures of votes and commands: the workflow sandbox has no cryptography. */
import { calculateJwkThumbprint, compactVerify, decodeProtectedHeader, errors, importJWK } from 'jose';
import type { PublicKey } from '../strategy/plan.js';
import type { SignatureJob, Verified } from './contract.js';

/** The name of RFC 9864 and the older one. */
const ALGORITHMS = ['Ed25519', 'EdDSA'];

/** Whether one of the keys made this signature. What is wrong with it is an answer, never an exception. */
export async function verifySignature({ signed, type, keys }: SignatureJob): Promise<Verified> {
  try {
    if (decodeProtectedHeader(signed).typ !== type) {
      return { why: `This signature is not of type ${type}.` };
    }
    for (const key of keys) {
      const payload = await payloadOf(signed, key);
      if (payload !== null) return { payload, key: await calculateJwkThumbprint({ ...key }) };
    }
  } catch {
    return { why: 'The signature is not a compact JWS.' };
  }
  return { why: 'None of the keys that the bindings name for this person made this signature.' };
}

async function payloadOf(signed: string, key: PublicKey): Promise<string | null> {
  try {
    const { payload } = await compactVerify(signed, await importJWK({ ...key }, 'Ed25519'), {
      algorithms: ALGORITHMS,
    });
    return new TextDecoder().decode(payload);
  } catch (error) {
    if (error instanceof errors.JWSSignatureVerificationFailed) return null;
    throw error;
  }
}
