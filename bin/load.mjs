/** Loads what build/command-line.mjs made: CommonJS files, each with its code as V8 compiled it in a `.cache` beside it. */
import { existsSync, readFileSync } from 'node:fs';
import module, { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { Script } from 'node:vm';

/** `load` gives the exports of a file of the folder; `scripts` has what was loaded so far, by path. */
export function loader(folder) {
  // Postgres's parser is WebAssembly. V8 would compile its hot functions a second time, and a process waits for that at
  // its end. What V8 kept is for these flags only.
  setFlagsFromString('--liftoff-only');
  const scripts = new Map();
  const modules = new Map();

  function load(name) {
    const path = join(folder, name);
    const known = modules.get(path);
    if (known !== undefined) return known.exports;
    const cache = `${path}.cache`;
    // What another version of Node compiled, V8 refuses by itself and compiles anew.
    const script = new Script(module.wrap(readFileSync(path, 'utf8')), {
      filename: path,
      cachedData: existsSync(cache) ? readFileSync(cache) : undefined,
    });
    scripts.set(path, script);
    const made = { exports: {} };
    modules.set(path, made);
    const outside = createRequire(path);
    const require = (id) => (id.startsWith('./') ? load(id) : outside(id));
    script.runInThisContext().call(made.exports, made.exports, require, made, path, dirname(path));
    return made.exports;
  }

  return { load, scripts };
}
