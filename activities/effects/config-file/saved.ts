/**
 * What a change of a configuration file leaves in its job folder (see strategy/layout.ts), in an order that leaves no doubt
 * whenever the worker is killed:
 *
 *   job.json      what this is, for people
 *   before, after the whole file before and after the change; they may hold secrets, so only the worker's user reads them
 *   intent.json   from here on the file may be replaced: the item, and the SHA-256 of both
 *   output.log    what was done
 *   exit.json     it is done
 */
import { readdir, readFile, rename } from 'node:fs/promises';
import { jobsFolder } from '../../../strategy/layout.js';
import { syncFolder } from '../command/job.js';
import { writeSynced } from './replace.js';

export interface Intent {
  readonly item: string;
  /** SHA-256 in hex. */
  readonly before: string;
  readonly after: string;
}

export async function saveIntent(
  folder: string,
  intent: Intent,
  before: Buffer,
  after: Buffer,
): Promise<void> {
  await writeSynced(`${folder}/before`, before);
  await writeSynced(`${folder}/after`, after);
  await writeSynced(`${folder}/intent.tmp`, JSON.stringify(intent));
  await rename(`${folder}/intent.tmp`, `${folder}/intent.json`);
  await syncFolder(folder);
}

/** Null when nothing was changed by this job. */
export async function readIntent(folder: string): Promise<Intent | null> {
  const text = await readIfThere(`${folder}/intent.json`);
  if (text === null) return null;
  const value: unknown = JSON.parse(text);
  if (isIntent(value)) return value;
  throw new Error(`${folder}/intent.json is not an intent.`);
}

function isIntent(value: unknown): value is Intent {
  if (typeof value !== 'object' || value === null) return false;
  const { item, before, after }: Partial<Record<keyof Intent, unknown>> = value;
  return typeof item === 'string' && typeof before === 'string' && typeof after === 'string';
}

export async function saveDone(folder: string, output: string): Promise<void> {
  await writeSynced(`${folder}/output.log`, `${output}\n`);
  const exit = { exitCode: 0, signal: null, notStarted: null, outputLost: null, at: Date.now() };
  await writeSynced(`${folder}/exit.tmp`, JSON.stringify(exit));
  await rename(`${folder}/exit.tmp`, `${folder}/exit.json`);
  await syncFolder(folder);
}

/** What was said when the job was done; null when it is not. */
export async function readDone(folder: string): Promise<string | null> {
  if ((await readIfThere(`${folder}/exit.json`)) === null) return null;
  return ((await readIfThere(`${folder}/output.log`)) ?? '').trimEnd();
}

/** The folders in which a step changed a file for an item, the latest attempt first. */
export async function appliedFolders(
  home: string,
  run: string,
  key: { readonly subject: string; readonly incarnation: number },
  execution: string,
): Promise<readonly string[]> {
  const all = jobsFolder(home, run, key.subject);
  const names = await readdir(all).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  });
  return names
    .filter((name) => name.startsWith(`${key.incarnation}-apply-`) && name.endsWith(`.${execution}`))
    .sort((one, other) => other.localeCompare(one, 'en', { numeric: true }))
    .map((name) => `${all}/${name}`);
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}
