/** How a command or a script of the workspace becomes a program to execute. */
import { constants } from 'node:fs';
import { access, open } from 'node:fs/promises';
import { extname } from 'node:path';
import type { CommandAction } from '../strategy/plan.js';
import { Refusal } from './refusal.js';
import { checkWorkspace, scriptInWorkspace, unreadable } from './script-file.js';

const INTERPRETERS: Readonly<Record<string, string>> = {
  '.sh': 'sh',
  '.bash': 'bash',
  '.py': 'python3',
  '.js': 'node',
  '.mjs': 'node',
  '.cjs': 'node',
};

/** The program and its arguments. `args` become "$1", "$2" of a command. Throws `Refusal`. */
export async function programOf(
  action: CommandAction,
  workspace: string,
  args: readonly string[] = [],
): Promise<readonly string[]> {
  await checkWorkspace(workspace);
  if (action.kind === 'command') return ['/bin/sh', '-c', action.text, 'sh', ...args];
  const path = await scriptInWorkspace(workspace, action);
  if ((await firstBytes(path, action.path)) === '#!') {
    if (await isExecutable(path)) return [path];
    throw new Refusal(`${action.path} is not executable. Run "chmod +x ${action.path}", and retry.`);
  }
  const interpreter = INTERPRETERS[extname(path)];
  if (interpreter !== undefined) return [interpreter, path];
  if (await isExecutable(path)) return [path];
  throw new Refusal(
    `Cannot tell how to run ${action.path}: it has no "#!" line, and its name does not end in ${Object.keys(INTERPRETERS).join(', ')} or .sql. Add a "#!" line and run "chmod +x ${action.path}".`,
  );
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
    throw unreadable(name, error);
  }
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
