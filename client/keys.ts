/** The keys with which people sign, one file each under the home folder, readable by their owner only. */
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK } from 'jose';
import type { PublicKey } from '../strategy/plan.js';
import { SluiceError } from './error.js';

/** An Ed25519 key pair (RFC 8037) and whose it is. */
export interface SigningKey {
  readonly identity: string;
  readonly publicKey: PublicKey;
  /** The private part: 32 bytes in base64url. */
  readonly d: string;
}

/** A key as it may be shown to anybody. */
export interface KeySummary {
  readonly identity: string;
  readonly publicKey: PublicKey;
  /** RFC 7638: what votes in the record name. */
  readonly thumbprint: string;
  readonly file: string;
}

/** Makes a key and keeps it. @throws SluiceError `key` when this identity has one already */
export async function newKey(home: string, identity: string): Promise<KeySummary> {
  const { privateKey } = await generateKeyPair('Ed25519', { extractable: true });
  const { x = '', d = '' } = await exportJWK(privateKey);
  return keep(home, { identity, publicKey: { kty: 'OKP', crv: 'Ed25519', x }, d });
}

/** Keeps a key that was made elsewhere: a private JSON Web Key. @throws SluiceError `key` */
export async function addKey(home: string, identity: string, source: string): Promise<KeySummary> {
  const { publicKey, d } = await readKey(source, identity);
  return keep(home, { identity, publicKey, d });
}

/** The keys of this home folder, by identity. */
export async function listKeys(home: string): Promise<readonly KeySummary[]> {
  const names = entriesOf(folderOf(home))
    .filter((name) => name.endsWith('.json'))
    .sort();
  return Promise.all(
    names.map(async (name) => {
      const file = join(folderOf(home), name);
      return summaryOf(await readKey(file, null), file);
    }),
  );
}

/** The key of this identity: from `file`, else the one kept under the home folder. @throws SluiceError `key` */
export function findKey(home: string, identity: string, file?: string): Promise<SigningKey> {
  return readKey(file ?? fileOf(home, identity), identity);
}

async function keep(home: string, key: SigningKey): Promise<KeySummary> {
  const { identity, publicKey, d } = key;
  const file = fileOf(home, identity);
  mkdirSync(folderOf(home), { recursive: true, mode: 0o700 });
  try {
    writeFileSync(file, `${JSON.stringify({ ...publicKey, d, identity }, null, 2)}\n`, {
      flag: 'wx',
      mode: 0o600,
    });
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error;
    throw new SluiceError(
      'key',
      `${identity} already has a key here: ${file}.`,
      'To replace it, move that file away, and take its public part out of the bindings.',
      error,
    );
  }
  // The mode of a new file is cut by the umask, never widened; a filesystem that ignores it is told once more.
  chmodSync(file, 0o600);
  return summaryOf(key, file);
}

async function summaryOf({ identity, publicKey }: SigningKey, file: string): Promise<KeySummary> {
  return { identity, publicKey, thumbprint: await calculateJwkThumbprint({ ...publicKey }), file };
}

/** `identity`: whose it must be; null for whoever the file says. */
async function readKey(file: string, identity: string | null): Promise<SigningKey> {
  const whose = identity ?? 'anybody';
  const make = `Make one: sluice key new --as "${whose}". Or name its file with --key.`;
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const why = isCode(error, 'ENOENT')
      ? `there is no key at ${file}`
      : `${file} cannot be read: ${String(error)}`;
    throw new SluiceError('key', `Cannot sign as ${whose}: ${why}.`, make, error);
  }
  const found = await parseKey(text);
  if (found === null) {
    throw new SluiceError('key', `${file} is not a private Ed25519 key in JWK format.`, make);
  }
  const owner = found.identity ?? identity;
  if (owner === null || (identity !== null && owner !== identity)) {
    throw new SluiceError(
      'key',
      `${file} is the key of ${owner ?? 'nobody'}, not of ${whose}.`,
      'Name its owner with --as, or another file with --key.',
    );
  }
  return { identity: owner, publicKey: found.publicKey, d: found.d };
}

interface KeyFile extends Omit<SigningKey, 'identity'> {
  readonly identity: string | null;
}

/** Null for what is no private Ed25519 key; its parts are checked against each other by importing them. */
async function parseKey(text: string): Promise<KeyFile | null> {
  try {
    const file: unknown = JSON.parse(text);
    const { kty, crv, x, d, identity } = fieldsOf(file);
    if (kty !== 'OKP' || crv !== 'Ed25519' || typeof x !== 'string' || typeof d !== 'string') return null;
    await importJWK({ kty, crv, x, d }, 'Ed25519');
    return { publicKey: { kty, crv, x }, d, identity: typeof identity === 'string' ? identity : null };
  } catch {
    return null;
  }
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function folderOf(home: string): string {
  return join(home, 'identities');
}

function fileOf(home: string, identity: string): string {
  return join(folderOf(home), `${encodeURIComponent(identity)}.json`);
}

function entriesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (isCode(error, 'ENOENT')) return [];
    throw error;
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
