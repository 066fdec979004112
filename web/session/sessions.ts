/**
 * Sessions, in cookies that are sealed with a secret of the home folder: they outlive the process and need no store, and
 * dashboards that share the secret share their sessions. In the trusted local mode anyone who has the URL that `sluice up`
 * prints, and so may read this user's files, is let in.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { EncryptJWT, type JWTPayload, jwtDecrypt } from 'jose';

export interface Session {
  /** Tells sessions apart; forms are bound to it. */
  readonly id: string;
  /** Under which name this person acts: claimed, and null until one is chosen; or, with an account, `iss|sub`. */
  readonly by: string | null;
  /** What an identity provider said of this person; null where names are claimed. */
  readonly account: Account | null;
}

export interface Account {
  /** For people; never an identity. */
  readonly label: string;
  readonly groups: readonly string[];
  readonly readOnly: boolean;
  /** When this person last proved who they are, in seconds since 1970. */
  readonly authenticatedAt: number;
}

const SECRET_BYTES = 32;
/** The `aud` of each kind of sealed content: one is never taken for another. */
const SESSION = 'session';
const PENDING = 'log-in';
const PENDING_SECONDS = 600;

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
  seal({ id, by, account }: Session, seconds: number): Promise<string> {
    return this.#seal(new EncryptJWT({ by, account }).setSubject(id), SESSION, seconds);
  }

  /** What a log-in that has begun must find again when it comes back. */
  sealPending(content: Readonly<Record<string, string>>): Promise<string> {
    return this.#seal(new EncryptJWT({ ...content }), PENDING, PENDING_SECONDS);
  }

  /** Null when it is none of ours, or too old. */
  async openPending(cookie: string | undefined): Promise<Readonly<Partial<Record<string, string>>> | null> {
    const payload = await this.#open(cookie, PENDING);
    if (payload === null) return null;
    return Object.fromEntries(
      Object.entries(payload).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
    );
  }

  /** The session in a cookie's value; null when it is none of ours, or too old. */
  async open(cookie: string | undefined): Promise<Session | null> {
    const payload = await this.#open(cookie, SESSION);
    if (payload?.sub === undefined) return null;
    const { sub, by, account } = payload;
    return { id: sub, by: typeof by === 'string' ? by : null, account: isAccount(account) ? account : null };
  }

  /** A session that nobody has yet. */
  create(): Session {
    return { id: randomBytes(16).toString('base64url'), by: null, account: null };
  }

  /** Binds a form to the session, to what it does, and to what its page showed. */
  formToken({ id }: Session, ...content: readonly string[]): string {
    return this.#mac(JSON.stringify(['form', id, ...content]));
  }

  isFormToken(token: string, session: Session, ...content: readonly string[]): boolean {
    return same(token, this.formToken(session, ...content));
  }

  #seal(content: EncryptJWT, audience: string, seconds: number): Promise<string> {
    return content
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
      .setAudience(audience)
      .setIssuedAt()
      .setExpirationTime(`${seconds} s`)
      .encrypt(this.#secret);
  }

  async #open(cookie: string | undefined, audience: string): Promise<JWTPayload | null> {
    if (cookie === undefined) return null;
    try {
      return (await jwtDecrypt(cookie, this.#secret, { audience })).payload;
    } catch {
      // Whatever is wrong with it, the answer is the same, and says nothing to who forged it.
      return null;
    }
  }

  #mac(text: string): string {
    return createHmac('sha256', this.#secret).update(text).digest('base64url');
  }
}

function isAccount(value: unknown): value is Account {
  return (
    typeof value === 'object' &&
    value !== null &&
    'label' in value &&
    typeof value.label === 'string' &&
    'groups' in value &&
    Array.isArray(value.groups) &&
    'readOnly' in value &&
    typeof value.readOnly === 'boolean' &&
    'authenticatedAt' in value &&
    typeof value.authenticatedAt === 'number'
  );
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
