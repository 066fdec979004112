/** What a change of a setting leaves in its job folder, beside what every job has: `intent.json`, before the setting is written. */
import { readFile, rename } from 'node:fs/promises';
import { codeOf } from '../../refusal.js';
import { syncFolder } from '../command/job.js';
import { writeSynced } from '../config-file/replace.js';

export interface Previous {
  readonly item: string;
  /** Null: the setting was not set. */
  readonly previous: string | null;
  /** Null: the setting is taken away. */
  readonly wanted: string | null;
}

/** Values may be secrets, so only the worker's user reads the file. */
export async function savePrevious(folder: string, previous: Previous): Promise<void> {
  await writeSynced(`${folder}/intent.tmp`, JSON.stringify(previous));
  await rename(`${folder}/intent.tmp`, `${folder}/intent.json`);
  await syncFolder(folder);
}

/** Null when this job has changed nothing. */
export async function readPrevious(folder: string): Promise<Previous | null> {
  let text: string;
  try {
    text = await readFile(`${folder}/intent.json`, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null) return null;
  const { item, previous, wanted }: Partial<Record<keyof Previous, unknown>> = value;
  // The intent of another kind of effect, such as of a configuration file, has no such members.
  if (typeof item !== 'string' || !isValue(previous) || !isValue(wanted)) return null;
  return { item, previous, wanted };
}

function isValue(value: unknown): value is string | null {
  return value === null || typeof value === 'string';
}
