/** Test datasets by their id: a binding, else a file of that name under `linkage.test_datasets_dir`. */
import type { ScriptFile } from '../plan.js';
import type { WorkspaceReader } from '../workspace-reader.js';
import type { BindingTables } from './bindings.js';
import type { Classified } from './classified.js';
import type { Reporter } from './reporter.js';
import { judge } from './script.js';

const PASSES = { passesWhenWell: 'a test dataset passes when what it tests is correct' } as const;

export class DatasetFinder {
  readonly #surroundings: WorkspaceReader;
  readonly #bindings: BindingTables;
  readonly #folder: string | null;
  /** The names of the folder by the id they stand for: the name itself, or what comes before its extension. */
  #names: ReadonlyMap<string, readonly string[]> | null = null;

  constructor(surroundings: WorkspaceReader, bindings: BindingTables, folder: string | null) {
    this.#surroundings = surroundings;
    this.#bindings = bindings;
    this.#folder = folder === null ? null : folder.replace(/^(?:\.\/+)+/, '').replace(/\/+$/, '');
  }

  /** What runs a dataset; `open` when there is neither a binding nor a file. */
  find(id: string, connection: string | null, pointer: string, reporter: Reporter): Classified {
    const bound = this.#bindings.datasets.get(id);
    if (bound !== undefined) {
      this.#bindings.used.add(`datasets/${id}`);
      const { probe, expect } = bound;
      return { kind: 'probe', probe, how: `dataset binding "${id}"`, ...(expect === null ? PASSES : {}) };
    }
    const names = this.#folder === null ? [] : (this.#index(this.#folder).get(id) ?? []);
    if (names.length === 0) return { kind: 'open' };
    const judged = names.map((name) => this.#judge(`${this.#folder}/${name}`));
    const runnable = judged.filter((script) => script.kind !== 'problem');
    const [script] = runnable.length > 0 ? runnable : judged;
    if (script === undefined) return { kind: 'open' };
    if (script.kind === 'problem') return { kind: 'problem', finding: script.finding };
    if (runnable.length > 1) {
      return {
        kind: 'problem',
        finding: {
          code: 'ambiguous-dataset',
          message: `"${id}" may be any of ${names.join(', ')} in ${this.#folder}`,
          advice: `Keep one executable file, or bind "${id}" under "datasets".`,
        },
      };
    }
    if (script.kind === 'program') {
      return { kind: 'probe', probe: { how: 'script', ...script.file }, how: script.file.path, ...PASSES };
    }
    const chosen = this.#bindings.connections.choose(connection, pointer, reporter);
    if (chosen === null) return { kind: 'open' };
    return {
      kind: 'probe',
      probe: { how: 'sql-script', ...script.file, connection: chosen },
      how: `${script.file.path} on ${chosen}`,
      ...PASSES,
    };
  }

  /** The rows of a dataset that no program has to run: a file `ID.jsonl`, unless a binding or a script has that id. */
  rows(id: string): ScriptFile | null {
    if (this.#folder === null || this.#bindings.datasets.has(id)) return null;
    const [name, ...others] = this.#index(this.#folder).get(id) ?? [];
    if (name === undefined || others.length > 0 || !name.endsWith('.jsonl')) return null;
    const path = `${this.#folder}/${name}`;
    const fact = this.#surroundings.file(path);
    if (fact === null || fact.kind !== 'file' || fact.outside) return null;
    const sha256 = this.#surroundings.sha256(path);
    return sha256 === null ? null : { path, sha256 };
  }

  /** The ids that name something: those of the bindings, and the names of the folder. */
  ids(): readonly string[] {
    const names = this.#folder === null ? [] : this.#index(this.#folder).keys();
    return [...this.#bindings.datasets.keys(), ...names];
  }

  #judge(path: string): ReturnType<typeof judge> {
    const fact = this.#surroundings.file(path);
    const judged = fact === null ? null : judge(this.#surroundings, path, fact);
    if (judged !== null && (judged.kind !== 'problem' || judged.finding.code !== 'unknown-script-kind'))
      return judged;
    return {
      kind: 'problem',
      finding: {
        code: 'dataset-kind',
        message: `this version cannot run a test dataset such as "${path}"`,
        advice:
          'Bind its id under "datasets" to a command that runs it, or make it a script: executable, .sql, .sh, .py or .js. Rows in .jsonl are for the edge cases of data migrations that copy or update rows.',
      },
    };
  }

  #index(folder: string): ReadonlyMap<string, readonly string[]> {
    if (this.#names !== null) return this.#names;
    const names = new Map<string, string[]>();
    const add = (id: string, name: string): void => {
      names.set(id, [...(names.get(id) ?? []), name]);
    };
    for (const name of this.#surroundings.names(folder)) {
      const dot = name.lastIndexOf('.');
      add(name, name);
      if (dot > 0) add(name.slice(0, dot), name);
    }
    this.#names = names;
    return names;
  }
}
