/**
 * Puts the command line, with the packages it needs, into a few files in dist/command-line/, each with its code as V8
 * compiled it. Loading those takes half as long as finding, reading and compiling hundreds of modules. The verbs that
 * host something for hours are loaded from the modules (bin/sluice), so what only they need stays outside.
 */
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { loader } from '../bin/load.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const out = join(root, 'dist/command-line');

/** Programs of other languages, files found beside their module, and what few calls need. */
const OUTSIDE = [
  /^@temporalio\/(worker|core-bridge)/,
  /^@aws-sdk\//,
  /^@opentelemetry\//,
  /libpg-query/,
  /\/dist\/(worker|web|rehearsal)\//,
  /\/dist\/cli\/hosting\.js$/,
];

/** Of Temporal's protocol, what no client of a workflow uses: a third of what is built each time it is loaded. */
const UNUSED = [['coresdk'], ['temporal', 'api', 'cloud']];

rmSync(out, { recursive: true, force: true });
const bundle = await rolldown({
  input: { main: join(root, 'dist/cli/main.js'), program: join(root, 'dist/cli/program.js') },
  platform: 'node',
  external: OUTSIDE,
  plugins: [{ name: 'sluice', transform }],
  onLog: (_level, log, write) => write('error', log),
});
await bundle.write({
  dir: out,
  format: 'cjs',
  dynamicImportInCjs: false,
  entryFileNames: '[name].cjs',
  chunkFileNames: '[name]-[hash].cjs',
});
await keepCompiled();

function transform(code, file) {
  if (file.endsWith('@temporalio/proto/protos/json-module.js')) return withoutUnused(code);
  // In the bundle, `require` is the bundler's to resolve.
  return code.replace(/^const require = createRequire\(import\.meta\.url\);$/m, '');
}

function withoutUnused(code) {
  const start = code.indexOf('.addJSON(') + '.addJSON('.length;
  const end = code.lastIndexOf(')');
  const types = JSON.parse(code.slice(start, end));
  for (const path of UNUSED) {
    const last = path.at(-1);
    const parent = path.slice(0, -1).reduce((space, name) => space[name].nested, types);
    if (parent[last] === undefined) throw new Error(`@temporalio/proto has no ${path.join('.')} any more.`);
    delete parent[last];
  }
  return code.slice(0, start) + JSON.stringify(types) + code.slice(end);
}

/** Runs verbs that need no engine, then keeps what V8 compiled for them. */
async function keepCompiled() {
  const { load, scripts } = loader(out);
  const { runCommandLine } = load('program.cjs');
  const strategy = join(root, 'examples/discount-code/migration-strategy.yaml');
  const nobody = {
    env: {},
    interactive: false,
    paint: (_style, text) => text,
    width: () => 100,
    height: () => 40,
    now: () => new Date(),
    out() {},
    raw() {},
    flush: async () => undefined,
    note() {},
  };
  for (const args of [['--help'], ['check', strategy], ['plan', strategy]])
    await runCommandLine(args, nobody);
  for (const file of readdirSync(out)) load(file);
  for (const [file, script] of scripts) writeFileSync(`${file}.cache`, script.createCachedData());
}
