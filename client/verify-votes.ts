/** Verifies the signed votes and commands of a record against the public keys of those who made them. */
import { calculateJwkThumbprint, compactVerify, decodeProtectedHeader, errors, importJWK } from 'jose';
import type { PublicKey } from '../strategy/plan.js';
import { type Finding, finding } from '../strategy/record/audit.js';
import { differingClaim, type SignedMessage } from '../strategy/record/signed-messages.js';

/** Public keys by identity. */
export type VoterKeys = Readonly<Record<string, readonly PublicKey[]>>;

export interface VerifiedVotes {
  /** How many votes and commands carry a signature. */
  readonly signed: number;
  /** How many of them hold. Those of people without a known key are in neither `verified` nor the findings. */
  readonly verified: number;
  /** Whose keys are not known here. */
  readonly unknown: readonly string[];
  readonly findings: readonly Finding[];
}

/** Seconds by which the clocks of who signs and of the engine may differ; as at the vote. */
const LEEWAY_S = 60;

export async function verifyVotes(
  messages: readonly SignedMessage[],
  keys: VoterKeys,
): Promise<VerifiedVotes> {
  const findings: Finding[] = [];
  const unknown = new Set<string>();
  const used = new Set<string>();
  let verified = 0;
  for (const message of messages) {
    const held = Object.hasOwn(keys, message.by) ? (keys[message.by] ?? []) : [];
    if (held.length === 0) {
      unknown.add(message.by);
      continue;
    }
    const why = await whyNot(message, held, used);
    if (why === null) verified += 1;
    else findings.push(finding('vote', message.line, `Line ${message.line}, ${message.what}: ${why}`));
  }
  return { signed: messages.length, verified, unknown: [...unknown], findings };
}

async function whyNot(
  message: SignedMessage,
  keys: readonly PublicKey[],
  used: Set<string>,
): Promise<string | null> {
  const { by, at, type } = message;
  try {
    if (decodeProtectedHeader(message.signed).typ !== type) return `its signature is not of type ${type}.`;
  } catch {
    return 'its signature is not a compact JWS.';
  }
  const opened = await open(message.signed, keys);
  if (opened === null) return `none of the known keys of ${by} made its signature.`;
  if (message.key !== null && message.key !== opened.key) return 'the record names another key.';
  const { iat, exp, jti, ...rest } = opened.payload;
  const claims = Object.fromEntries(
    Object.entries(rest).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
  const differing = differingClaim(claims, message);
  if (differing !== null) return `what was signed differs from what the record says (claim "${differing}").`;
  const seconds = Date.parse(at) / 1000;
  if (
    typeof iat !== 'number' ||
    typeof exp !== 'number' ||
    exp < seconds - LEEWAY_S ||
    iat > seconds + LEEWAY_S
  )
    return `its signature did not count at ${at}.`;
  const id = String(jti);
  if (used.has(id)) return 'its signature is there twice.';
  used.add(id);
  return null;
}

interface Opened {
  readonly payload: Readonly<Record<string, unknown>>;
  readonly key: string;
}

async function open(signed: string, keys: readonly PublicKey[]): Promise<Opened | null> {
  for (const key of keys) {
    try {
      const { payload } = await compactVerify(signed, await importJWK({ ...key }, 'Ed25519'), {
        algorithms: ['Ed25519', 'EdDSA'],
      });
      const value: unknown = JSON.parse(new TextDecoder().decode(payload));
      if (typeof value !== 'object' || value === null) return null;
      return { payload: { ...value }, key: await calculateJwkThumbprint({ ...key }) };
    } catch (error) {
      if (!(error instanceof errors.JOSEError) && !(error instanceof SyntaxError)) throw error;
    }
  }
  return null;
}
