/**
 * Sessions of the trusted local mode: anyone who has the URL that `sluice up` prints, and so may read this user's files, is
 * let in. The cookie is sealed with a secret of the home folder, so it outlives the process and needs no store.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { EncryptJWT, jwtDecrypt } from 'jose';

export interface Session {
  /** Tells sessions apart; forms are bound to it. */
  readonly id: string;
  /** The name under which this person acts, recorded as claimed; null until one is chosen. */
  readonly by: string | null;
}

const SECRET_BYTES = 32;
const LIFETIME = '30d';

export class Sessions {
  readonly #secret: Buffer;

  /** @param home the folder of sluice's own files; the secret is made there at the first use, for its owner only */
  constructor(home: string) {
    this.#secret = secretIn(home);
  }

  /** What the printed URL carries. */
  get accessToken(): string {
    return this.#mac('access');
  }

  isAccessToken(token: string): boolean {
    return same(token, this.accessToken);
  }

  /** A session as a cookie's value. */
  seal({ id, by }: Session): Promise<string> {
    return new EncryptJWT({ by })
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
      .setSubject(id)
      .setIssuedAt()
      .setExpirationTime(LIFETIME)
      .encrypt(this.#secret);
  }

  /** The session in a cookie's value; null when it is none of ours, or too old. */
  async open(cookie: string | undefined): Promise<Session | null> {
    if (cookie === undefined) return null;
    try {
      const { payload } = await jwtDecrypt(cookie, this.#secret);
      if (payload.sub === undefined) return null;
      return { id: payload.sub, by: typeof payload.by === 'string' ? payload.by : null };
    } catch {
      // Whatever is wrong with it, the answer is the same, and says nothing to who forged it.
      return null;
    }
  }

  /** A session that nobody has yet. */
  create(): Session {
    return { id: randomBytes(16).toString('base64url'), by: null };
  }

  /** Binds a form to the session, to what it does, and to what its page showed. */
  formToken({ id }: Session, ...content: readonly string[]): string {
    return this.#mac(JSON.stringify(['form', id, ...content]));
  }

  isFormToken(token: string, session: Session, ...content: readonly string[]): boolean {
    return same(token, this.formToken(session, ...content));
  }

  #mac(text: string): string {
    return createHmac('sha256', this.#secret).update(text).digest('base64url');
  }
}

function same(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}

function secretIn(home: string): Buffer {
  const path = join(home, 'dashboard.key');
  mkdirSync(home, { recursive: true, mode: 0o700 });
  try {
    const file = openSync(path, 'wx', 0o600);
    try {
      writeSync(file, randomBytes(SECRET_BYTES));
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  const secret = readFileSync(path);
  if (secret.length === SECRET_BYTES) return secret;
  throw new Error(
    `${path} is damaged: it has ${secret.length} bytes, not ${SECRET_BYTES}. Remove it; open pages must then be opened again.`,
  );
}
