/**
 * Where things lie under SLUICE_HOME, and how they are named. Names only: nothing here touches a disk.
 *
 *   engine.json                      the running embedded engine: address, pid, Temporal's page, the dashboard
 *   engine/                          its database and its log
 *   host-id                          the name of this host in task queues
 *   plans/<hash>.json                plans too large to travel inside a run
 *   keys/installation.pem            the key that signs records; its public half beside it, under its id
 *   reconciliations/                 the keys of rows that differ, one file per `sluice reconcile` that found some
 *   rehearsals/<plan>/               what `sluice rehearse` found, by the first digits of the plan's hash
 *   runs/<run>/record.jsonl          the record
 *   runs/<run>/record.head.json      its signed head
 *   runs/<run>/reconciliations/      the keys of rows that differ, one file per comparison that found some
 *   runs/<run>/jobs/<step>/<effect>/ one job folder per command
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { Purpose } from './run/event.js';

/** The task queue that every worker polls. */
export const TASK_QUEUE = 'sluice';

/** The folder of sluice's own files: `SLUICE_HOME`, else the XDG state folder. */
export function homeFolder(env: Readonly<Record<string, string | undefined>>): string {
  if (env.SLUICE_HOME) return env.SLUICE_HOME;
  const state = env.XDG_STATE_HOME || `${env.HOME ?? ''}/.local/state`;
  return `${state}/sluice`;
}

/** The user's cache folder for sluice, shared by every home: `XDG_CACHE_HOME`, else `~/.cache`. Holds the server binary. */
export function cacheFolder(env: Readonly<Record<string, string | undefined>>): string {
  return `${env.XDG_CACHE_HOME || `${env.HOME ?? ''}/.cache`}/sluice`;
}

export function engineFile(home: string): string {
  return `${home}/engine.json`;
}

export function planFile(home: string, hash: string): string {
  return `${home}/plans/${safeName(hash)}.json`;
}

export function rehearsalsFolder(home: string, planHash: string): string {
  return `${home}/rehearsals/${planHash.slice(0, 12)}`;
}

export function runFolder(home: string, run: string): string {
  return `${home}/runs/${safeName(run)}`;
}

export function recordFile(home: string, run: string): string {
  return `${runFolder(home, run)}/record.jsonl`;
}

/** The keys that a comparison of an item found to differ. `at`: ISO 8601. */
export function differencesFile(home: string, run: string, item: string, at: string): string {
  return `${runFolder(home, run)}/reconciliations/${safeName(item)}.${at.replaceAll(/[:.]/g, '-')}.jsonl`;
}

/** The same of a comparison without a run. */
export function ownDifferencesFile(home: string, item: string, at: string): string {
  return `${home}/reconciliations/${safeName(item)}.${at.replaceAll(/[:.]/g, '-')}.jsonl`;
}

/** The signed head of the record in this file. */
export function headFile(record: string): string {
  return `${record.replace(/\.jsonl$/, '')}.head.json`;
}

/** The keys of this installation: the private one that signs, and the public ones of all that ever did. */
export function keysFolder(home: string): string {
  return `${home}/keys`;
}

export function signingKeyFile(home: string): string {
  return `${keysFolder(home)}/installation.pem`;
}

export function publicKeyFile(home: string, id: string): string {
  return `${keysFolder(home)}/${safeName(id)}${PUBLIC_KEY}`;
}

/** How the names of public keys end. */
export const PUBLIC_KEY = '.pub.pem';

/** All job folders of one step (or rollback level) of a run. */
export function jobsFolder(home: string, run: string, subject: string): string {
  return `${runFolder(home, run)}/jobs/${safeName(subject)}`;
}

/** The folder of one attempt at one command; sorts in the order of time. */
export function jobFolder(
  home: string,
  run: string,
  execution: string,
  key: { subject: string; purpose: Purpose; incarnation: number; index: number; attempt: number },
): string {
  const order = `${key.incarnation}-${key.purpose}-${key.index}-${key.attempt}.${safeName(execution)}`;
  return `${jobsFolder(home, run, key.subject)}/${order}`;
}

/**
 * A name that is one harmless path segment: what is not a letter, digit, dot, dash or underscore is replaced, and a
 * name that had to change, is long, or starts with a dot gets a digest, so that two names never meet in one folder.
 */
export function safeName(name: string): string {
  if (/^[A-Za-z0-9_-][A-Za-z0-9._-]{0,79}$/.test(name)) return name;
  const digest = bytesToHex(sha256(utf8ToBytes(name))).slice(0, 12);
  return `_${name.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 60)}.${digest}`;
}
