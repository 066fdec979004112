/** The key that signs the records of this SLUICE_HOME: made once, and then the same for every worker that shares it. */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomUUID,
  sign,
} from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { keysFolder, publicKeyFile, signingKeyFile } from '../strategy/layout.js';
import { codeOf } from './refusal.js';

export interface InstallationKey {
  /** SHA-256, in hex, of the public key in SPKI form. */
  readonly id: string;
  /** The public key: SPKI, base64. */
  readonly publicKey: string;
  /** The Ed25519 signature (RFC 8032), base64. */
  sign(bytes: Uint8Array): string;
}

/** The key, made on first use. To change it, remove `installation.pem`: what it signed can still be verified. */
export async function installationKey(home: string): Promise<InstallationKey> {
  const file = signingKeyFile(home);
  const pem = (await readIfThere(file)) ?? (await makeKey(home, file));
  const privateKey = createPrivateKey(pem);
  const publicKey = createPublicKey(privateKey);
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const id = createHash('sha256').update(spki).digest('hex');
  await keepPublicKey(home, id, publicKey);
  return {
    id,
    publicKey: spki.toString('base64'),
    sign: (bytes) => sign(null, bytes, privateKey).toString('base64'),
  };
}

/** Of several workers that make one at once, the first to link it wins, and all use that one. */
async function makeKey(home: string, file: string): Promise<string> {
  await mkdir(keysFolder(home), { recursive: true, mode: 0o700 });
  const { privateKey } = generateKeyPairSync('ed25519');
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  try {
    await link(draft, file);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  } finally {
    await rm(draft);
  }
  return readFile(file, 'utf8');
}

async function keepPublicKey(home: string, id: string, key: KeyObject): Promise<void> {
  const file = publicKeyFile(home, id);
  if ((await readIfThere(file)) !== null) return;
  await writeFile(file, key.export({ type: 'spki', format: 'pem' }), { mode: 0o600 });
}

async function readIfThere(file: string): Promise<string | null> {
  return readFile(file, 'utf8').catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  });
}
