/** Who really sent a vote or command, where the bindings demand signatures. */
import { CancellationScope } from '@temporalio/workflow';
import type { SignedIdentity } from '../strategy/plan.js';
import type { Signable } from '../strategy/run/ballot.js';
import { type Claims, checkPayload, type Place, SIGNED_LIMIT, SIGNED_TYPES } from '../strategy/run/signed.js';
import { messageOf, shared } from './activities.js';
import type { Run } from './run.js';

export interface SignedMessage {
  readonly kind: keyof typeof SIGNED_TYPES;
  readonly by: string;
  /** A compact JWS. */
  readonly signed: string;
  /** What the signature must say. */
  readonly claims: (place: Place) => Claims;
}

/** The key that signed the message, or why it does not count. Uses the signature up. */
export async function authenticate(
  run: Run,
  identity: SignedIdentity,
  message: SignedMessage,
): Promise<{ readonly key: string } | { readonly why: string }> {
  const { installation } = identity;
  const job = {
    signed: message.signed,
    type: SIGNED_TYPES[message.kind],
    keys: keysOf(identity, message.by),
  };
  try {
    // Also once the workflow was cancelled: an abort must not lock the approvers of its rollback out.
    const verified = await CancellationScope.nonCancellable(() => shared.verifySignature(job));
    if ('why' in verified) return verified;
    const { run: name, startedAt } = run.view;
    const claims = message.claims({ installation, run: name, startedAt, planHash: run.plan.hash });
    const now = new Date();
    const use = checkPayload(verified.payload, claims, run.signatures, now);
    if ('why' in use) return use;
    for (const [id, expires] of run.signatures) {
      if (expires * 1000 < now.getTime()) run.signatures.delete(id);
    }
    run.signatures.set(use.id, use.expires);
    return { key: verified.key };
  } catch (error) {
    return { why: `The signature could not be verified: ${messageOf(error)}` };
  }
}

/** Why a message proves nothing, before its signature is verified; null when it may, or when none is needed. */
export function refusalOfUnsigned(
  identity: SignedIdentity | undefined,
  kind: SignedMessage['kind'],
  { by, signed }: Signable & { readonly by: string },
): string | null {
  if (identity === undefined) return null;
  if (keysOf(identity, by).length === 0) {
    return `The bindings of this run have no key of ${by}, so nobody can vote or command under that name.`;
  }
  if (signed === undefined) {
    return `This run counts only signed ${kind}s, and this one is not signed. Use the command line, which signs with your key: sluice key list.`;
  }
  return signed.length > SIGNED_LIMIT ? `Signatures are limited to ${SIGNED_LIMIT} characters.` : null;
}

function keysOf({ keys }: SignedIdentity, by: string): SignedIdentity['keys'][string] {
  return (Object.hasOwn(keys, by) ? keys[by] : undefined) ?? [];
}
