/** Signing votes and commands, for runs that count nothing else. */
import { randomUUID } from 'node:crypto';
import { CompactSign, importJWK } from 'jose';
import type { Ballot } from '../strategy/run/ballot.js';
import type { Command } from '../strategy/run/messages.js';
import {
  type Claims,
  claimsOfCommand,
  claimsOfVote,
  LIFETIME_S,
  type Place,
  SIGNED_TYPES,
} from '../strategy/run/signed.js';
import { electorate } from './electorate.js';
import type { SigningKey } from './keys.js';
import type { Session } from './session.js';
import type { UpdateOptions } from './update.js';
import { decisions, summary } from './view.js';

/** Finds the key of an identity. Called only for runs that count nothing unsigned. @throws SluiceError `key` */
export type KeyFinder = (identity: string) => Promise<SigningKey>;

export interface SignOptions extends UpdateOptions {
  /** Signs, where the run asks for it; without it, messages go unsigned. */
  readonly key?: KeyFinder | undefined;
}

/** The vote, signed where this run asks for it: for the evidence of the ballot, else for that of the decision now. */
export async function signedBallot(
  session: Session,
  run: string,
  ballot: Ballot,
  find: KeyFinder | undefined,
): Promise<Ballot> {
  const signer = await signerFor(session, run, ballot.by, find);
  if (signer === null) return ballot;
  const asked = (await decisions(session, run)).find(({ id }) => id === ballot.decision);
  const evidenceHash = ballot.evidenceHash ?? asked?.evidenceHash;
  const bound = { ...ballot, evidenceHash, recordHead: ballot.recordHead ?? asked?.recordHead };
  return { ...bound, signed: await sign(signer.key, 'vote', claimsOfVote(signer.place, bound)) };
}

/** The command, signed where this run asks for it. */
export async function signedCommand(
  session: Session,
  run: string,
  command: Command,
  find: KeyFinder | undefined,
): Promise<Command> {
  const signer = await signerFor(session, run, command.by, find);
  if (signer === null) return command;
  return { ...command, signed: await sign(signer.key, 'command', claimsOfCommand(signer.place, command)) };
}

interface Signer {
  readonly key: SigningKey;
  readonly place: Place;
}

async function signerFor(
  session: Session,
  run: string,
  by: string,
  find: KeyFinder | undefined,
): Promise<Signer | null> {
  if (find === undefined) return null;
  const { installation } = await electorate(session, run);
  if (installation === undefined) return null;
  const key = await find(by);
  const { startedAt, strategy } = await summary(session, run);
  return { key, place: { installation, run, startedAt, planHash: strategy.hash } };
}

/** A compact JWS of these claims, of this moment. */
export async function sign(
  { publicKey, d }: SigningKey,
  kind: keyof typeof SIGNED_TYPES,
  claims: Claims,
): Promise<string> {
  const iat = Math.floor(Date.now() / 1000);
  const payload = JSON.stringify({ ...claims, iat, exp: iat + LIFETIME_S, jti: randomUUID() });
  return new CompactSign(new TextEncoder().encode(payload))
    .setProtectedHeader({ alg: 'Ed25519', typ: SIGNED_TYPES[kind] })
    .sign(await importJWK({ ...publicKey, d }, 'Ed25519'));
}
