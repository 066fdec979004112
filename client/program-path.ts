/** Finds programs as the shell of a command will: by the PATH of the bindings, else by that of this process. */
import { accessSync, constants, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

export class ProgramPath {
  readonly #workspace: string;
  readonly #env: Readonly<Record<string, string | undefined>>;
  /** The names in each folder: one listing is cheaper than asking for thousands of names. */
  readonly #folders = new Map<string, ReadonlySet<string>>();

  constructor(workspace: string, env: Readonly<Record<string, string | undefined>>) {
    this.#workspace = workspace;
    this.#env = env;
  }

  /** `unknown`: it is in no folder of the PATH that can be read here, and not every one can. */
  find(name: string, path: string | null): 'found' | 'missing' | 'unknown' {
    if (name.startsWith('/')) return isProgram(name) ? 'found' : 'missing';
    // A reference that stands for nothing here may stand for any folder on the host of the worker.
    let complete = true;
    const resolved = (path ?? '${env:PATH}').replace(/\$\{(env|file):([^}]*)\}/g, (_, kind, variable) => {
      const value = kind === 'env' ? this.#env[variable] : undefined;
      if (value === undefined) complete = false;
      return value ?? '';
    });
    for (const entry of resolved.split(':')) {
      const folder = resolve(this.#workspace, entry);
      if (this.#names(folder).has(name) && isProgram(join(folder, name))) return 'found';
    }
    return complete ? 'missing' : 'unknown';
  }

  #names(folder: string): ReadonlySet<string> {
    const known = this.#folders.get(folder);
    if (known !== undefined) return known;
    const names = new Set(namesIn(folder));
    this.#folders.set(folder, names);
    return names;
  }
}

/** A folder that cannot be listed is none that the shell finds a program in by its name. */
function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (error instanceof Error && 'code' in error) return [];
    throw error;
  }
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch (error) {
    if (error instanceof Error && 'code' in error) return false;
    throw error;
  }
}
