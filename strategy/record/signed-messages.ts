/** The signed votes and commands of a record, each with what its signature must say if the record tells the truth. Pure. */
import type { Decision } from '../run/decision.js';
import type { RunEvent, Signed } from '../run/event.js';
import { type Claims, claimsOfRate, SIGNED_TYPES } from '../run/signed.js';

export interface SignedMessage {
  /** The line of the record, from 1 on. */
  readonly line: number;
  /** What it is, for people. */
  readonly what: string;
  readonly by: string;
  readonly at: string;
  /** The `typ` of the signature. */
  readonly type: string;
  /** A compact JWS. */
  readonly signed: string;
  /** The thumbprint of its key as the record has it; null where the record does not say. */
  readonly key: string | null;
  /** By claim; null where nothing may be claimed. */
  readonly claims: Readonly<Record<string, string | null>>;
  /** The role in which it counted; a signature may leave it open. */
  readonly role: string | null;
  /** The hash over the record before the question, of a vote; null where it has none. A signature may leave it open. */
  readonly recordHead: string | null;
  /** For whom it counted, where that is not who signed; a signature may leave it open. */
  readonly onBehalfOf: string | null;
}

/** In the order of the record. `run`: its id, null when the record has no signed head that names it. */
export function signedMessages(
  events: readonly (RunEvent | null)[],
  run: string | null,
): readonly SignedMessage[] {
  const messages: SignedMessage[] = [];
  const place: { plan?: string; started?: string } = {};
  const asked = new Map<string, Asked>();
  for (const [index, event] of events.entries()) {
    if (event === null) continue;
    if (event.type === 'run-started') Object.assign(place, { plan: event.plan, started: event.at });
    if (event.type === 'plan-amended') place.plan = event.to;
    if (event.type === 'decision-opened') asked.set(event.decision.id, event.decision);
    const said = saidIn(event, asked);
    if (said === null) continue;
    const claims = { ...(run === null ? {} : { run }), ...place, ...said.claims };
    messages.push({ line: index + 1, at: event.at, ...said, claims });
  }
  return messages;
}

/** What a vote is bound to. */
type Asked = Pick<Decision, 'evidenceHash' | 'recordHead'>;

type Said = Omit<SignedMessage, 'line' | 'at'>;

function saidIn(event: RunEvent, asked: ReadonlyMap<string, Asked>): Said | null {
  switch (event.type) {
    case 'vote-cast': {
      const { decision, vote } = event;
      const claims = { decision, option: vote.option, evidence: asked.get(decision)?.evidenceHash ?? null };
      return signedBy(vote.by, event, `the vote of ${vote.by} on ${decision}`, {
        type: SIGNED_TYPES.vote,
        key: vote.key ?? null,
        role: vote.escalatedTo ?? vote.role,
        onBehalfOf: vote.onBehalfOf ?? null,
        recordHead: asked.get(decision)?.recordHead ?? null,
        claims: { ...claims, reason: vote.reason },
      });
    }
    case 'paused':
      return commanded(event, { command: 'pause', to: null });
    case 'resumed':
      return commanded(event, { command: 'resume', to: null });
    case 'command-accepted':
      return commanded(event, { command: event.command, to: event.to });
    case 'decision-claimed':
      // To take over what nobody had claimed is a claim like any other, and the record does not tell them apart.
      return commanded(event, {
        decision: event.decision,
        ...(event.from === null ? {} : { command: 'take-over' }),
      });
    case 'throttled': {
      const { step, rate } = claimsOfRate(event);
      return commanded(event, { command: 'throttle', step: step ?? null, rate: rate ?? null });
    }
    case 'decision-released':
      return commanded(event, { command: 'release', decision: event.decision });
    case 'amendment-requested':
      return commanded(event, { command: 'amend', to: event.to });
    default:
      return null;
  }
}

function commanded(
  event: Signed & { readonly by: string; readonly reason: string | null },
  claims: Readonly<Record<string, string | null>>,
): Said | null {
  const { by, reason } = event;
  return signedBy(by, event, `the command "${claims.command ?? 'claim'}" of ${by}`, {
    type: SIGNED_TYPES.command,
    key: null,
    role: null,
    onBehalfOf: null,
    recordHead: null,
    claims: { ...claims, reason },
  });
}

function signedBy(
  by: string,
  { signed }: Signed,
  what: string,
  rest: Pick<Said, 'type' | 'key' | 'claims' | 'role' | 'onBehalfOf' | 'recordHead'>,
): Said | null {
  if (signed === undefined) return null;
  return { by, what, signed, ...rest, claims: { iss: by, ...rest.claims } };
}

/** The claim of a verified payload that the record tells otherwise; null when there is none. */
export function differingClaim(
  payload: Claims,
  { claims, role, onBehalfOf, recordHead }: SignedMessage,
): string | null {
  if (payload.role !== undefined && payload.role !== role) return 'role';
  if (payload.for !== undefined && payload.for !== onBehalfOf) return 'for';
  if (payload.record !== undefined && payload.record !== recordHead) return 'record';
  const found = Object.entries(claims).find(([name, value]) => {
    const claimed = payload[name]?.trim() ?? '';
    return claimed !== (value ?? '').trim();
  });
  return found?.[0] ?? null;
}
