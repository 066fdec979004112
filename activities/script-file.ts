/** Scripts of the workspace, which are run and read only while they are what the plan was made with. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, realpath, stat } from 'node:fs/promises';
import { isAbsolute, relative, resolve } from 'node:path';
import type { ScriptFile } from '../strategy/plan.js';
import { codeOf, Refusal } from './refusal.js';

/** The real path of a script with the content that the plan names. Throws `Refusal`. */
export async function scriptInWorkspace(workspace: string, script: ScriptFile): Promise<string> {
  const file = await fileInWorkspace(workspace, script.path);
  const hash = createHash('sha256');
  try {
    for await (const piece of createReadStream(file)) hash.update(piece);
  } catch (error) {
    throw unreadable(script.path, error);
  }
  refuseIfChanged(script, hash.digest('hex'));
  return file;
}

/** The text of a script with the content that the plan names. Throws `Refusal`. */
export async function readScript(workspace: string, script: ScriptFile): Promise<string> {
  const file = await fileInWorkspace(workspace, script.path);
  const bytes = await readFile(file).catch((error: unknown) => {
    throw unreadable(script.path, error);
  });
  refuseIfChanged(script, createHash('sha256').update(bytes).digest('hex'));
  return bytes.toString('utf8');
}

function refuseIfChanged({ path, sha256 }: ScriptFile, found: string): void {
  if (found === sha256) return;
  throw new Refusal(
    `${path} was changed after the run was submitted, and was not run: its SHA-256 is ${found.slice(0, 12)}..., the plan has ${sha256.slice(0, 12)}.... Restore the file and retry, or end this run and submit the strategy again.`,
  );
}

export function unreadable(path: string, error: unknown): Refusal {
  return new Refusal(
    `${path} cannot be read (${codeOf(error)}). Let the user of the worker read it, and retry.`,
  );
}

/** The real path of a file of the workspace. Throws `Refusal` when it does not exist or lies outside. */
async function fileInWorkspace(workspace: string, path: string): Promise<string> {
  await checkWorkspace(workspace);
  let real: string;
  try {
    real = await realpath(resolve(workspace, path));
  } catch (error) {
    throw new Refusal(
      `${path} cannot be opened (${codeOf(error)}). It must be in ${workspace} on the host of the worker.`,
    );
  }
  const inside = relative(await realpath(workspace), real);
  if (inside === '' || inside.startsWith('..') || isAbsolute(inside)) {
    throw new Refusal(`${path} is outside the workspace ${workspace}. Only files of the workspace can run.`);
  }
  if (!(await stat(real)).isFile())
    throw new Refusal(`${path} is not a file. Name a script of the workspace.`);
  return real;
}

/** Throws `Refusal`. */
export async function checkWorkspace(workspace: string): Promise<void> {
  const found = await stat(workspace).catch(codeOf);
  if (typeof found === 'string') {
    throw new Refusal(
      `The workspace ${workspace} cannot be reached on the host of the worker (${found}). Restore the folder, and retry.`,
    );
  }
  if (!found.isDirectory())
    throw new Refusal(`The workspace ${workspace} is not a folder. Restore it, and retry.`);
}
