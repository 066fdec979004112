/** Whether the programs that unprefixed commands begin with can be found. */
import { suggest } from '../suggest.js';
import type { WorkspaceReader } from '../workspace-reader.js';
import { firstWordOf, isShellWord } from './shell.js';

/**
 * `found`: the shell can start the line. `missing`: it cannot, and why. `unknown`: only the shell will know.
 */
export type Startable =
  | { readonly kind: 'found' }
  | { readonly kind: 'missing'; readonly word: string; readonly why: string }
  | { readonly kind: 'unknown'; readonly word: string; readonly why: string };

const FOUND: Startable = { kind: 'found' };

export class ProgramFinder {
  readonly #surroundings: WorkspaceReader;
  readonly #path: string | null;
  /** A strategy names few programs and many commands. */
  readonly #known = new Map<string, Startable>();

  /** `path`: the PATH of the bindings as they write it; null when they name none. */
  constructor(surroundings: WorkspaceReader, path: string | null) {
    this.#surroundings = surroundings;
    this.#path = path;
  }

  /** Whether the shell can start this line. */
  start(line: string): Startable {
    const first = firstWordOf(line);
    if (first.kind === 'none') return FOUND;
    const { word } = first;
    if (first.kind === 'computed') {
      return { kind: 'unknown', word, why: 'it is only known when the command runs' };
    }
    if (isShellWord(word)) return FOUND;
    const known = this.#known.get(word);
    if (known !== undefined) return known;
    const startable = this.#lookUp(word);
    this.#known.set(word, startable);
    return startable;
  }

  #lookUp(word: string): Startable {
    if (word.includes('/') && !word.startsWith('/')) return this.#inWorkspace(word);
    switch (this.#surroundings.program(word, this.#path)) {
      case 'found':
        return FOUND;
      case 'unknown':
        return { kind: 'unknown', word, why: 'the PATH of the bindings cannot be resolved here' };
      case 'missing':
        return {
          kind: 'missing',
          word,
          why: word.startsWith('/') ? 'the program does not exist' : `no program "${word}" is on the PATH`,
        };
    }
  }

  #inWorkspace(written: string): Startable {
    const word = written.replace(/^(?:\.\/+)+/, '');
    const fact = this.#surroundings.file(word);
    if (fact === null) return { kind: 'missing', word, why: this.#notThere(word) };
    if (fact.outside) return { kind: 'unknown', word, why: 'it lies outside the workspace' };
    if (fact.kind === 'folder') return { kind: 'missing', word, why: `"${word}" is a folder` };
    if (!fact.executable) return { kind: 'missing', word, why: `"${word}" has no run bit` };
    return FOUND;
  }

  #notThere(word: string): string {
    const cut = word.lastIndexOf('/');
    const folder = cut === -1 ? '.' : word.slice(0, cut);
    const meant = suggest(word.slice(cut + 1), this.#surroundings.names(folder));
    const hint = meant === null ? '' : `; did you mean "${folder}/${meant}"?`;
    return `the workspace has no "${word}"${hint}`;
  }
}
