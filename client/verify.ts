/** Verifies a record: its chain, its signed head, and whose keys wrote it. Needs no engine. */
import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { headFile, keysFolder, PUBLIC_KEY } from '../strategy/layout.js';
import {
  auditHead,
  auditLines,
  auditOrigin,
  auditWitnesses,
  type Finding,
  finding,
} from '../strategy/record/audit.js';
import {
  type Envelope,
  headOfStatement,
  PAYLOAD_TYPE,
  parseEnvelope,
  type RecordHead,
  signedBytes,
} from '../strategy/record/head.js';
import { eventOfLine } from '../strategy/record/line.js';
import { signedMessages } from '../strategy/record/signed-messages.js';
import { SluiceError } from './error.js';
import { type VerifiedVotes, type VoterKeys, verifyVotes } from './verify-votes.js';

export interface VerifyOptions {
  /** The folder whose keys are trusted. */
  readonly home: string;
  /** Heads that notices, votes or reports carried at the time. */
  readonly heads?: readonly string[];
  /** Files with public keys (PEM) that are trusted too. */
  readonly keys?: readonly string[];
  /** The public keys of voters; without them, signed votes are counted but not verified. */
  readonly voters?: VoterKeys;
}

export interface Verification {
  readonly ok: boolean;
  readonly events: number;
  /** The hash of the last line; null for an empty record. */
  readonly head: string | null;
  /** What was signed; null when there is no head whose signature holds. */
  readonly signed: RecordHead | null;
  /** The id of the key that signed it. */
  readonly keyId: string | null;
  /** What became of the signed votes and commands. */
  readonly votes: Omit<VerifiedVotes, 'findings'>;
  readonly findings: readonly Finding[];
}

/** Everything that is wrong with the record in this file. @throws SluiceError `unreadable-file` */
export async function verifyRecord(file: string, options: VerifyOptions): Promise<Verification> {
  const text = await readText(file);
  const trusted = await trustedKeys(options);
  const chain = auditLines(text);
  const seal = await readSeal(headFile(file), trusted);
  // A key that only the head itself vouches for says who wrote the first line, but not that they may be trusted.
  const known = seal.keyId === null ? [...trusted.keys()] : [...trusted.keys(), seal.keyId];
  const messages = signedMessages(text.split('\n').map(eventOfLine), seal.signed?.run ?? null);
  const { findings: broken, ...votes } = await verifyVotes(messages, options.voters ?? {});
  const findings = [
    ...chain.findings,
    ...seal.findings,
    ...(seal.signed === null ? [] : auditHead(chain, seal.signed)),
    ...auditOrigin(chain, known),
    ...auditWitnesses(chain, options.heads ?? []),
    ...broken,
  ];
  return {
    ok: findings.length === 0,
    events: chain.until - chain.from,
    head: chain.hashes.at(-1) ?? null,
    signed: seal.signed,
    keyId: seal.keyId,
    votes,
    findings,
  };
}

interface Seal {
  readonly signed: RecordHead | null;
  readonly keyId: string | null;
  readonly findings: readonly Finding[];
}

async function readSeal(file: string, trusted: ReadonlyMap<string, KeyObject>): Promise<Seal> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw unreadable(file, error);
  });
  if (text === null)
    return unsealed(
      'unsigned',
      `The signed head ${file} is missing, so nothing shows whether the end was cut off.`,
    );
  const envelope = parseEnvelope(text);
  if (envelope === null || envelope.payloadType !== PAYLOAD_TYPE)
    return unsealed('signature', `${file} is not a signed head.`);
  return checkSeal(envelope, trusted);
}

function checkSeal({ payload, signatures }: Envelope, trusted: ReadonlyMap<string, KeyObject>): Seal {
  const statement = Buffer.from(payload, 'base64').toString('utf8');
  const bytes = signedBytes(PAYLOAD_TYPE, statement);
  const holding = signatures.filter(({ publicKey, sig }) => {
    const key = publicKeyOf(publicKey);
    return key !== null && verify(null, bytes, key, Buffer.from(sig, 'base64'));
  });
  // The id is computed, never believed: a forger would name a trusted key.
  const ids = holding.map(({ publicKey }) => idOf(Buffer.from(publicKey, 'base64')));
  const keyId = ids.find((id) => trusted.has(id)) ?? ids[0] ?? null;
  const signed = headOfStatement(statement);
  if (keyId === null || signed === null)
    return unsealed('signature', 'The signature of the head does not fit: the head was changed.');
  if (trusted.has(keyId)) return { signed, keyId, findings: [] };
  const message = `The head is signed with the key ${keyId}, which is not one of this installation. Name its public key with --key if you trust it.`;
  return { signed, keyId, findings: [finding('foreign-key', null, message)] };
}

function unsealed(kind: 'unsigned' | 'signature', message: string): Seal {
  return { signed: null, keyId: null, findings: [finding(kind, null, message)] };
}

/** The public keys of this installation, old ones included, and those that were named; by id. */
async function trustedKeys({ home, keys = [] }: VerifyOptions): Promise<ReadonlyMap<string, KeyObject>> {
  const folder = keysFolder(home);
  const own = await readdir(folder).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw unreadable(folder, error);
  });
  const files = [
    ...own.filter((name) => name.endsWith(PUBLIC_KEY)).map((name) => `${folder}/${name}`),
    ...keys,
  ];
  const found = new Map<string, KeyObject>();
  for (const file of files) {
    const pem = await readText(file);
    try {
      const key = createPublicKey(pem);
      found.set(idOf(key.export({ type: 'spki', format: 'der' })), key);
    } catch (error) {
      throw unreadable(file, error);
    }
  }
  return found;
}

function publicKeyOf(spki: string): KeyObject | null {
  try {
    const key = createPublicKey({ key: Buffer.from(spki, 'base64'), type: 'spki', format: 'der' });
    return key.asymmetricKeyType === 'ed25519' ? key : null;
  } catch {
    // Not a key: somebody changed it, and the signature does not hold.
    return null;
  }
}

function idOf(spki: Uint8Array): string {
  return createHash('sha256').update(spki).digest('hex');
}

async function readText(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: unknown) => Promise.reject(unreadable(file, error)));
}

function unreadable(file: string, error: unknown): SluiceError {
  const why = error instanceof Error ? error.message : String(error);
  return new SluiceError(
    'unreadable-file',
    `${file} cannot be read: ${why}`,
    'Records lie in SLUICE_HOME/runs/RUN/record.jsonl on the host that ran the commands.',
    error,
  );
}
