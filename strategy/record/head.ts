/**
 * The signed head of a record: how many events it holds and the hash of the last one, as an in-toto Statement
 * (https://in-toto.io/Statement/v1) in a DSSE envelope (https://github.com/secure-systems-lab/dsse). The chain shows what
 * was changed between its ends; signing the count shows what was cut off.
 */
import { utf8ToBytes } from '@noble/hashes/utils.js';
import canonicalize from 'canonicalize';

export const PAYLOAD_TYPE = 'application/vnd.in-toto+json';
export const PREDICATE_TYPE = 'urn:sluice:record-head:v1';

export interface RecordHead {
  readonly run: string;
  /** The plan's hash. */
  readonly plan: string;
  /** How many events the record holds. */
  readonly count: number;
  /** The hash of the last line. */
  readonly head: string;
  /** When the run ended (ISO 8601); null while it is open. */
  readonly closedAt: string | null;
  readonly landing: string | null;
}

export interface Envelope {
  readonly payloadType: string;
  /** Base64. */
  readonly payload: string;
  readonly signatures: readonly {
    /** SHA-256, in hex, of the public key in SPKI form. */
    readonly keyid: string;
    /** Base64. */
    readonly sig: string;
    /** The public key (SPKI, base64), to check the signature where the key is not known. */
    readonly publicKey: string;
  }[];
}

/** The text of the statement that is signed. */
export function statementOf({ run, plan, count, head, closedAt, landing }: RecordHead): string {
  return String(
    canonicalize({
      _type: 'https://in-toto.io/Statement/v1',
      subject: [{ name: run, digest: { sha256: plan } }],
      predicateType: PREDICATE_TYPE,
      predicate: { count, head, closedAt, landing },
    }),
  );
}

/** DSSE's pre-authentication encoding: what the signature covers. */
export function signedBytes(payloadType: string, payload: string): Uint8Array {
  const lengths = [payloadType, payload].map((text) => utf8ToBytes(text).length);
  return utf8ToBytes(`DSSEv1 ${lengths[0]} ${payloadType} ${lengths[1]} ${payload}`);
}

/** The head in a statement; null when it is not one of sluice's. */
export function headOfStatement(text: string): RecordHead | null {
  const statement = parsedObject(text);
  const subject = Array.isArray(statement?.subject) ? asObject(statement.subject[0]) : null;
  const digest = asObject(subject?.digest);
  const predicate = asObject(statement?.predicate);
  if (statement?.predicateType !== PREDICATE_TYPE || subject === null || predicate === null) return null;
  const { count, head, closedAt, landing } = predicate;
  const { name: run } = subject;
  const plan = digest?.sha256;
  if (typeof run !== 'string' || typeof plan !== 'string') return null;
  if (typeof count !== 'number' || typeof head !== 'string') return null;
  if (!isTextOrNull(closedAt) || !isTextOrNull(landing)) return null;
  return { run, plan, count, head, closedAt, landing };
}

/** The envelope in this text; null when it is not one with a signature. */
export function parseEnvelope(text: string): Envelope | null {
  const envelope = parsedObject(text);
  if (envelope === null || !Array.isArray(envelope.signatures)) return null;
  const { payloadType, payload } = envelope;
  if (typeof payloadType !== 'string' || typeof payload !== 'string') return null;
  const signatures = envelope.signatures.flatMap((entry: unknown) => {
    const signature = asObject(entry);
    if (signature === null) return [];
    const { keyid, sig, publicKey } = signature;
    return typeof keyid === 'string' && typeof sig === 'string' && typeof publicKey === 'string'
      ? [{ keyid, sig, publicKey }]
      : [];
  });
  return signatures.length === 0 ? null : { payloadType, payload, signatures };
}

function parsedObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    return asObject(JSON.parse(text));
  } catch {
    // Not JSON: somebody changed it.
    return null;
  }
}

function asObject(value: unknown): Readonly<Record<string, unknown>> | null {
  return isObject(value) ? value : null;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTextOrNull(value: unknown): value is string | null {
  return value === null || typeof value === 'string';
}
