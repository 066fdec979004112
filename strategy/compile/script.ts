/** Finds the scripts a strategy names and says whether they can be run. */
import type { ScriptFile } from '../plan.js';
import { suggest } from '../suggest.js';
import type { FileFact, WorkspaceReader } from '../workspace-reader.js';
import type { Finding } from './reporter.js';

export type Script =
  | { readonly kind: 'program' | 'sql'; readonly file: ScriptFile }
  | { readonly kind: 'problem'; readonly finding: Finding };

/** What runs a script that does not say so itself with `#!`. */
export const INTERPRETERS: Readonly<Record<string, string>> = {
  '.sh': 'sh',
  '.bash': 'bash',
  '.py': 'python3',
  '.js': 'node',
  '.mjs': 'node',
  '.cjs': 'node',
};

/** Extension with its dot, in lower case; empty when it has none. */
export function extensionOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const dot = name.lastIndexOf('.');
  return dot <= 0 ? '' : name.slice(dot).toLowerCase();
}

export class ScriptFinder {
  readonly #surroundings: WorkspaceReader;
  readonly #folder: string | null;
  readonly #known = new Map<string, Script>();

  /** `folder`: `linkage.automation_scripts_dir`, searched after the workspace itself. */
  constructor(surroundings: WorkspaceReader, folder: string | null) {
    this.#surroundings = surroundings;
    this.#folder = folder;
  }

  find(written: string): Script {
    const known = this.#known.get(written);
    if (known !== undefined) return known;
    const script = this.#find(written);
    this.#known.set(written, script);
    return script;
  }

  #find(written: string): Script {
    const places = placesOf(written, this.#folder);
    for (const path of places) {
      const fact = this.#surroundings.file(path);
      if (fact !== null) return judge(this.#surroundings, path, fact);
    }
    return { kind: 'problem', finding: this.#missing(written, places) };
  }

  #missing(written: string, places: readonly string[]): Finding {
    const [first = ''] = written.trim().split(/\s+/);
    const program = first === written ? null : this.#surroundings.file(first);
    const advice =
      program === null ? this.#neighbour(places) : 'Scripts take no arguments: move the line to "commands".';
    return {
      code: 'missing-script',
      message: `there is no script "${written}" (looked for ${places.join(' and ')} in the workspace)`,
      advice,
    };
  }

  #neighbour(places: readonly string[]): string {
    for (const place of places) {
      const cut = place.lastIndexOf('/');
      const folder = cut === -1 ? '.' : place.slice(0, cut);
      const meant = suggest(place.slice(cut + 1), this.#surroundings.names(folder));
      if (meant !== null) return `Did you mean "${cut === -1 ? meant : `${folder}/${meant}`}"?`;
    }
    return 'Add the script, or correct the path; paths are relative to the folder of the strategy.';
  }
}

/** Where a path may lie, relative to the workspace, in the order in which it is looked for. */
export function placesOf(written: string, folder: string | null): readonly string[] {
  const path = written.replace(/^(?:\.\/+)+/, '');
  if (folder === null || path.startsWith('/')) return [path];
  return [path, `${folder.replace(/^(?:\.\/+)+/, '').replace(/\/+$/, '')}/${path}`];
}

/** Whether what lies at a path can be run as a script. */
export function judge(workspace: WorkspaceReader, path: string, fact: FileFact): Script {
  const problem = (code: string, message: string, advice: string): Script => ({
    kind: 'problem',
    finding: { code, message, advice },
  });
  if (fact.outside || path.startsWith('/')) {
    return problem(
      'outside-workspace',
      `"${path}" lies outside the workspace`,
      'Only files in the folder of the strategy can run: copy it there.',
    );
  }
  if (fact.kind === 'folder') {
    return problem('not-a-script', `"${path}" is a folder`, 'Name the script inside it.');
  }
  const extension = extensionOf(path);
  if (extension === '.sql') return runnable('sql', workspace, path);
  if (fact.shebang && !fact.executable) {
    return problem(
      'not-executable',
      `the script "${path}" has no run bit`,
      `Run: chmod +x ${/^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`}`,
    );
  }
  if (fact.executable || INTERPRETERS[extension] !== undefined) return runnable('program', workspace, path);
  return problem(
    'unknown-script-kind',
    `cannot tell how to run "${path}": it has no "#!" line and its extension is unknown`,
    `Add a "#!" line and run chmod +x, or use one of ${[...Object.keys(INTERPRETERS), '.sql'].join(', ')}.`,
  );
}

function runnable(kind: 'program' | 'sql', workspace: WorkspaceReader, path: string): Script {
  const sha256 = workspace.sha256(path);
  if (sha256 !== null) return { kind, file: { path, sha256 } };
  const finding = {
    code: 'unreadable-script',
    message: `the script "${path}" cannot be read`,
    advice: 'Let your user read it: its content is part of the plan.',
  };
  return { kind: 'problem', finding };
}
