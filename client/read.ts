/** From the files on disk to a checked plan: the one way that the command line and other programs share. */
import { type FileHandle, open } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { BindingsDocument } from '../strategy/bindings-document.js';
import type { Unbound } from '../strategy/compile/compilation.js';
import { compile } from '../strategy/compile/compile.js';
import type { Coverage } from '../strategy/coverage.js';
import { decodeUtf8 } from '../strategy/decode.js';
import type { StrategyDocument } from '../strategy/document.js';
import { MAX_BYTES, type Parsed, type ParseResult, parseBindings, parseStrategy } from '../strategy/parse.js';
import type { Plan } from '../strategy/plan.js';
import type { Problem, SourceMap } from '../strategy/problem.js';
import { inOrder } from '../strategy/problems.js';
import { checkSemantics } from '../strategy/semantics/index.js';
import { type Validated, validateBindings, validateStrategy } from '../strategy/validate.js';
import { isBelowAny } from '../strategy/validation/salvage.js';
import { workspaceReader } from './workspace-reader.js';

export interface ReadOptions {
  /** The bindings file; by default `migration-bindings.yaml` beside the strategy, when there is one. */
  readonly bindings?: string | undefined;
  /** What happens to a sentence that only a person could answer; by default they are asked. */
  readonly unbound?: Unbound | undefined;
}

export interface Checked {
  /** Null when a problem is an error. */
  readonly plan: Plan | null;
  /** All of them at once, warnings included, in the order of the files. */
  readonly problems: readonly Problem[];
  /** What becomes of each sentence; null when the files are too broken to tell. */
  readonly coverage: Coverage | null;
  /** Absolute path of the folder that holds the strategy. */
  readonly workspace: string;
}

const BINDINGS = 'migration-bindings.yaml';

/** Reads, checks and compiles a strategy with its bindings. What is wrong with the files is data, never an error. */
export async function readStrategy(file: string, options: ReadOptions = {}): Promise<Checked> {
  const workspace = dirname(resolve(file));
  const strategy = await load(file, true, parseStrategy, validateStrategy);
  const bindings = await load(
    options.bindings ?? join(dirname(file), BINDINGS),
    options.bindings !== undefined,
    parseBindings,
    validateBindings,
  );
  const problems = [...strategy.problems, ...bindings.problems];
  const { loaded } = strategy;
  if (loaded === null) return { plan: null, problems: inOrder(problems), coverage: null, workspace };
  // Where the schema was broken, further findings may only be consequences.
  const mended = strategy.problems.map(({ pointer }) => pointer);
  const add = (found: readonly Problem[]) =>
    problems.push(...found.filter(({ pointer }) => !isBelowAny(pointer, mended)));
  add(checkSemantics(loaded.document, loaded.parsed.source));
  // Bindings that cannot be read would make every sentence they bind look unbound.
  if (hasError(bindings.problems))
    return { plan: null, problems: inOrder(problems), coverage: null, workspace };
  const compiled = compile({
    document: loaded.document,
    source: loaded.parsed.source,
    bindings: bindings.loaded && bindingsOf(bindings.loaded),
    surroundings: await workspaceReader(workspace),
    unbound: options.unbound ?? 'person',
  });
  add(compiled.problems);
  return {
    plan: hasError(problems) ? null : compiled.plan,
    problems: inOrder(problems),
    coverage: hasError(strategy.problems) ? null : compiled.coverage,
    workspace,
  };
}

interface Loaded<P, D> {
  readonly parsed: P;
  readonly document: D;
}

interface Loading<P, D> {
  readonly loaded: Loaded<P, D> | null;
  readonly problems: readonly Problem[];
}

async function load<P extends Parsed, D extends StrategyDocument | BindingsDocument>(
  file: string,
  required: boolean,
  parse: (text: string, file: string) => ParseResult<P>,
  validate: (parsed: P) => Validated<D>,
): Promise<Loading<P, D>> {
  const bytes = await readBytes(file, required);
  if (bytes === null) return { loaded: null, problems: [] };
  if (!(bytes instanceof Uint8Array)) return { loaded: null, problems: [bytes] };
  const decoded = decodeUtf8(bytes, file);
  if (!decoded.ok) return { loaded: null, problems: decoded.problems };
  const parsed = parse(decoded.text, file);
  if (!parsed.ok) return { loaded: null, problems: parsed.problems };
  const validated = validate(parsed.value);
  if (!validated.ok) {
    const { problems, rest } = validated;
    return { loaded: rest === null ? null : { parsed: parsed.value, document: rest }, problems };
  }
  return { loaded: { parsed: parsed.value, document: validated.document }, problems: validated.warnings };
}

/** The file's bytes, but not more than tell that it is too large; the problem when it cannot be read; null when it
 * is not there and need not be. */
async function readBytes(file: string, required: boolean): Promise<Uint8Array | Problem | null> {
  let handle: FileHandle;
  try {
    handle = await open(file, 'r');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    if (code === 'ENOENT' && !required) return null;
    if (code === 'ENOENT' || code === 'ENOTDIR')
      return unreadable(file, 'there is no such file', 'Look at its path.');
    return unreadable(
      file,
      `it cannot be opened (${error instanceof Error ? error.message : String(error)})`,
      null,
    );
  }
  try {
    if (!(await handle.stat()).isFile())
      return unreadable(file, 'it is not a file', 'Name the YAML file itself.');
    return await upTo(handle, MAX_BYTES + 1);
  } catch (error) {
    return unreadable(
      file,
      `it cannot be read (${error instanceof Error ? error.message : String(error)})`,
      null,
    );
  } finally {
    await handle.close();
  }
}

async function upTo(handle: FileHandle, most: number): Promise<Uint8Array> {
  const { size } = await handle.stat();
  const bytes = Buffer.alloc(Math.min(size, most));
  let filled = 0;
  while (filled < bytes.length) {
    const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}

function unreadable(file: string, message: string, advice: string | null): Problem {
  const position = { line: 1, column: 1 };
  return { code: 'unreadable-file', severity: 'error', file, position, pointer: '', message, advice };
}

function bindingsOf({ parsed, document }: Loaded<Parsed, BindingsDocument>): {
  readonly document: BindingsDocument;
  readonly source: SourceMap;
} {
  return { document, source: parsed.source };
}

function hasError(problems: readonly Problem[]): boolean {
  return problems.some(({ severity }) => severity === 'error');
}
