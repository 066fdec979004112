/**
 * Signed votes and commands: what is signed, and when a signature counts. Pure: signing is in client/sign.ts, and the
 * signature itself is verified by an activity.
 *
 * A message carries its content in the open and once more as a compact JWS (RFC 7515, Ed25519 of RFC 8037). The claims
 * are computed from the content in one place, here, by who signs and by who verifies, so that whatever differs shows.
 * They name the installation, the run and the instant it started, the plan and the evidence: what was signed for one
 * question counts for no other. An id that is used once and a short life keep it from being sent again.
 */
import type { Ballot } from './ballot.js';
import type { Command } from './messages.js';

/** The `typ` of each kind of message. */
export const SIGNED_TYPES = { vote: 'sluice-vote+jwt', command: 'sluice-command+jwt' } as const;

/** Seconds between `iat` and `exp`. */
export const LIFETIME_S = 600;
/** Seconds by which the clock of who signs may be ahead of the engine's. */
const LEEWAY_S = 60;
/** Characters of a compact JWS: room for the longest names and reason, in characters of four bytes. */
export const SIGNED_LIMIT = 32_000;
const ID_LIMIT = 100;

/** Which run a signature is for. */
export interface Place {
  readonly installation: string;
  readonly run: string;
  /** When the run started, as its view says: an id may be used again once a run has ended. */
  readonly startedAt: string;
  readonly planHash: string;
}

/** What is signed, without the times and the id. */
export type Claims = Readonly<Record<string, string>>;

/** The claims of a vote. */
export function claimsOfVote(place: Place, ballot: Ballot): Claims {
  const { decision, option, role, evidenceHash, recordHead, by, reason, onBehalfOf } = ballot;
  return defined({
    ...common(place, by, reason),
    decision,
    option,
    role,
    for: onBehalfOf,
    evidence: evidenceHash,
    record: recordHead,
  });
}

/** The claims of a command. */
export function claimsOfCommand(place: Place, command: Command): Claims {
  const to = targetOf(command);
  const decision = 'decision' in command ? command.decision : undefined;
  const paced = command.command === 'throttle' ? claimsOfRate(command) : {};
  return defined({
    ...common(place, command.by, command.reason),
    command: command.command,
    to,
    decision,
    ...paced,
  });
}

/** Of a limit of rows: the step, and the rate as text. */
export function claimsOfRate({ step, ratePerSecond }: { step: string; ratePerSecond: number | null }): Draft {
  return { step, rate: ratePerSecond === null ? 'none' : String(ratePerSecond) };
}

/** A landing, or the hash of another plan. */
function targetOf(command: Command): string | undefined {
  if (command.command === 'rollback') return command.to;
  return command.command === 'amend' ? command.plan.hash : undefined;
}

type Draft = Readonly<Record<string, string | undefined>>;

function common(place: Place, by: string, reason: string | undefined): Draft {
  return {
    iss: by,
    aud: place.installation,
    run: place.run,
    started: place.startedAt,
    plan: place.planHash,
    reason,
  };
}

function defined(draft: Draft): Claims {
  const given = Object.entries(draft).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Object.fromEntries(given);
}

/** The id of a signature, and until when it must be remembered (seconds since 1970). */
export interface Use {
  readonly id: string;
  readonly expires: number;
}

/**
 * What a verified payload comes to: that it says just what `expected` says and is used for the first time, or why it
 * does not count. `now` is on the engine's clock.
 */
export function checkPayload(
  payload: string,
  expected: Claims,
  used: ReadonlyMap<string, number>,
  now: Date,
): Use | { readonly why: string } {
  const { iat, exp, jti, ...claims } = readPayload(payload);
  const foreign = [...new Set([...Object.keys(expected), ...Object.keys(claims)])].find(
    (name) => claims[name] !== (Object.hasOwn(expected, name) ? expected[name] : undefined),
  );
  if (foreign !== undefined) return { why: describeForeign(foreign) };
  if (typeof iat !== 'number' || typeof exp !== 'number' || !(exp > iat && exp - iat <= LIFETIME_S)) {
    return {
      why: `A signature lives ${LIFETIME_S / 60} minutes at most: exp must be ${LIFETIME_S} seconds after iat or earlier.`,
    };
  }
  if (typeof jti !== 'string' || jti === '' || jti.length > ID_LIMIT) {
    return { why: `A signature needs an id of its own (jti) of at most ${ID_LIMIT} characters.` };
  }
  const seconds = now.getTime() / 1000;
  if (exp < seconds) {
    return {
      why: `This signature expired at ${instant(exp)}; it is now ${now.toISOString()}. Review the decision again, then sign again.`,
    };
  }
  if (iat > seconds + LEEWAY_S) {
    return {
      why: `This signature is dated ${instant(iat)}, and it is only ${now.toISOString()}. Correct the clock of the host that signed it.`,
    };
  }
  return used.has(jti)
    ? { why: 'This signature was used before. Each one counts once.' }
    : { id: jti, expires: exp };
}

/** ISO 8601; a number that is no date at all stays a number. */
function instant(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? String(seconds) : date.toISOString();
}

function readPayload(payload: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(payload);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

/** What a claim is about, for people. */
const ABOUT: Readonly<Record<string, string>> = {
  iss: 'another person',
  aud: 'another installation',
  run: 'another run',
  started: 'an earlier run of the same id',
  plan: 'another plan',
  decision: 'another decision',
  evidence: 'other evidence',
  record: 'another state of the record',
  option: 'another option',
  role: 'another role',
  for: 'a vote in another name',
  reason: 'another reason',
  command: 'another command',
  to: 'another landing or plan',
  step: 'another step',
  rate: 'another rate',
};

function describeForeign(claim: string): string {
  const about = Object.hasOwn(ABOUT, claim) ? ABOUT[claim] : undefined;
  if (about === undefined) return 'This signature has claims that sluice does not know. Sign again.';
  return `This signature is for ${about} than the message (claim "${claim}"). Review what is asked, then sign again.`;
}
