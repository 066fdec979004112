/** How a command or a script of the workspace becomes a program to execute. */
import { constants } from 'node:fs';
import { access, open, realpath, stat } from 'node:fs/promises';
import { extname, isAbsolute, relative, resolve } from 'node:path';
import type { CommandAction } from '../strategy/plan.js';

const INTERPRETERS: Readonly<Record<string, string>> = {
  '.sh': 'sh',
  '.bash': 'bash',
  '.py': 'python3',
  '.js': 'node',
  '.mjs': 'node',
  '.cjs': 'node',
};

/** Why something cannot be run or read, and what to do about it. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}

/** The program and its arguments. `args` become "$1", "$2" of a command. Throws `Refusal`. */
export async function programOf(
  action: CommandAction,
  workspace: string,
  args: readonly string[] = [],
): Promise<readonly string[]> {
  await checkWorkspace(workspace);
  if (action.kind === 'command') return ['/bin/sh', '-c', action.text, 'sh', ...args];
  const path = await fileInWorkspace(workspace, action.path);
  if ((await firstBytes(path, action.path)) === '#!') {
    if (await isExecutable(path)) return [path];
    throw new Refusal(
      `${action.path} may not be executed: it lacks its run bit. Do "chmod +x ${action.path}", and retry.`,
    );
  }
  const interpreter = INTERPRETERS[extname(path)];
  if (interpreter !== undefined) return [interpreter, path];
  if (await isExecutable(path)) return [path];
  throw new Refusal(
    `Nothing says how to run ${action.path}: it has no "#!" line, and its name does not end in ${Object.keys(INTERPRETERS).join(', ')} or .sql. Give it a "#!" line and do "chmod +x ${action.path}".`,
  );
}

/** The real path of a file of the workspace. Throws `Refusal` when there is none or it lies outside. */
export async function fileInWorkspace(workspace: string, path: string): Promise<string> {
  await checkWorkspace(workspace);
  let real: string;
  try {
    real = await realpath(resolve(workspace, path));
  } catch (error) {
    throw new Refusal(
      `${path} cannot be opened (${codeOf(error)}). It is looked for in ${workspace} on the host of the worker.`,
    );
  }
  const inside = relative(await realpath(workspace), real);
  if (inside === '' || inside.startsWith('..') || isAbsolute(inside)) {
    throw new Refusal(
      `${path} leads out of the workspace ${workspace}. Only files of the workspace are run.`,
    );
  }
  if (!(await stat(real)).isFile())
    throw new Refusal(`${path} is not a file. Name a script of the workspace.`);
  return real;
}

async function checkWorkspace(workspace: string): Promise<void> {
  const found = await stat(workspace).catch(codeOf);
  if (typeof found === 'string') {
    throw new Refusal(
      `The workspace ${workspace} cannot be reached on the host of the worker (${found}). Restore the folder, and retry.`,
    );
  }
  if (!found.isDirectory())
    throw new Refusal(`The workspace ${workspace} is not a folder. Restore it, and retry.`);
}

async function firstBytes(path: string, name: string): Promise<string> {
  try {
    const file = await open(path, 'r');
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
      return buffer.toString('latin1', 0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw new Refusal(
      `${name} cannot be read (${codeOf(error)}). Let the user of the worker read it, and retry.`,
    );
  }
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** The short code of a system error, such as ENOSPC. */
export function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return error instanceof Error ? error.message : String(error);
}
