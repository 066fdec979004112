/** From the files on disk to a checked plan: the one way that the command line and other programs share. */
import { type FileHandle, open } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { BindingsDocument } from '../strategy/bindings-document.js';
import type { Unbound } from '../strategy/compile/compilation.js';
import { type Compiled, checkBindings, compile } from '../strategy/compile/compile.js';
import type { Coverage } from '../strategy/coverage.js';
import { decodeUtf8 } from '../strategy/decode.js';
import type { StrategyDocument } from '../strategy/document.js';
import { lint } from '../strategy/lint/lint.js';
import {
  MAX_BYTES,
  type Parsed,
  type ParsedBindings,
  type ParsedStrategy,
  type ParseResult,
  parseBindings,
  parseStrategy,
} from '../strategy/parse.js';
import type { Plan, Reconciliation } from '../strategy/plan.js';
import type { Problem, SourceMap } from '../strategy/problem.js';
import { inOrder } from '../strategy/problems.js';
import type { RehearsalSettings } from '../strategy/rehearsal/settings.js';
import { checkSemantics } from '../strategy/semantics/index.js';
import { strictly } from '../strategy/strict.js';
import { type Validated, validateBindings, validateStrategy } from '../strategy/validate.js';
import { isConsequence, mayComeFromBindings } from '../strategy/validation/consequence.js';
import { workspaceReader } from './workspace-reader.js';

export interface ReadOptions {
  /** The bindings file; by default `migration-bindings.yaml` beside the strategy, when there is one. */
  readonly bindings?: string | undefined;
  /** What happens to a sentence that only a person could answer; by default they are asked. */
  readonly unbound?: Unbound | undefined;
  /** Near misses, and roles that the bindings do not name, are errors; by default warnings or nothing. */
  readonly strict?: boolean | undefined;
}

export interface Checked {
  /** No problem is an error, so that there is a plan. */
  readonly ok: boolean;
  /** Null when a problem is an error. Hashed when it is first asked for: `ok` says sooner whether there is one. */
  readonly plan: Plan | null;
  /** All of them at once, warnings included, in the order of the files. */
  readonly problems: readonly Problem[];
  /** What the strategy lacks of what every strategy must have: warnings, with `strict` errors. They stop no plan. */
  readonly lint: readonly Problem[];
  /** What becomes of each sentence; null when the files are too broken to tell. */
  readonly coverage: Coverage | null;
  /** Absolute path of the folder that holds the strategy. */
  readonly workspace: string;
  /** Where a rehearsal takes place; null when there is no plan. */
  readonly rehearsal: RehearsalSettings | null;
  /** How both sides of a data migration are compared, or why no machine can; null when there is no plan or no such item. */
  readonly reconciliation: (item: string) => Reconciliation | { readonly why: string } | null;
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
  const strict = options.strict ?? false;
  const found = [...strategy.problems, ...bindings.problems];
  const { compiled, problems } = await checkSound(workspace, strategy, bindings, options);
  found.push(...problems);
  const all = inOrder(strict ? strictly(found) : found);
  const ok = compiled !== null && !hasError(all);
  return {
    ok,
    get plan() {
      return ok ? compiled.plan : null;
    },
    problems: all,
    get lint() {
      return lintOf(strategy, strict);
    },
    coverage:
      hasError(strategy.problems) || hasError(bindings.problems) ? null : (compiled?.coverage ?? null),
    workspace,
    rehearsal: ok ? compiled.rehearsal : null,
    reconciliation: (item) => (ok ? compiled.reconciliation(item) : null),
  };
}

/** Only of a strategy that fits the schema: what is broken may also be what seems to be missing. */
function lintOf({ loaded, problems }: LoadedStrategy, strict: boolean): readonly Problem[] {
  if (loaded === null || hasError(problems)) return [];
  const found = lint(loaded.document, loaded.parsed.source);
  return strict ? found.map((problem) => ({ ...problem, severity: 'error' })) : found;
}

type LoadedStrategy = Loading<ParsedStrategy, StrategyDocument>;
type LoadedBindings = Loading<ParsedBindings, BindingsDocument>;

/** What can be checked of the parts that are sound, so that fixing one error does not only uncover the next. */
async function checkSound(
  workspace: string,
  strategy: LoadedStrategy,
  bindings: LoadedBindings,
  { unbound = 'person', strict = false }: ReadOptions,
): Promise<{ readonly compiled: Compiled | null; readonly problems: readonly Problem[] }> {
  const { loaded } = strategy;
  const bound = bindings.loaded && bindingsOf(bindings.loaded);
  // Without a folder there is nothing to look at; the strategy's own problem says that it cannot be opened.
  if (loaded === null && bound === null) return { compiled: null, problems: [] };
  const surroundings = await workspaceReader(workspace);
  const isNews = (problem: Problem): boolean =>
    !isConsequence(
      problem,
      problem.file === loaded?.parsed.source.file ? strategy.repaired : bindings.repaired,
    );
  if (loaded === null) {
    const problems = bound === null ? [] : checkBindings(bound, surroundings).filter(isNews);
    return { compiled: null, problems };
  }
  const { document, parsed } = loaded;
  const compiled = compile({
    document,
    source: parsed.source,
    bindings: bound,
    surroundings,
    unbound,
    strict,
  });
  const broken = hasError(bindings.problems);
  const problems = compiled.problems.filter(
    (problem) => !broken || !mayComeFromBindings(problem, bindings.loaded !== null),
  );
  return { compiled, problems: [...checkSemantics(document, parsed.source), ...problems].filter(isNews) };
}

interface Loaded<P, D> {
  readonly parsed: P;
  readonly document: D;
}

interface Loading<P, D> {
  readonly loaded: Loaded<P, D> | null;
  readonly problems: readonly Problem[];
  /** Pointers to what is not as the file has it, because the schema refused that. */
  readonly repaired: readonly string[];
}

async function load<P extends Parsed, D extends StrategyDocument | BindingsDocument>(
  file: string,
  required: boolean,
  parse: (text: string, file: string) => ParseResult<P>,
  validate: (parsed: P) => Validated<D>,
): Promise<Loading<P, D>> {
  const bytes = await readBytes(file, required);
  if (bytes === null) return { loaded: null, problems: [], repaired: [] };
  if (!(bytes instanceof Uint8Array)) return { loaded: null, problems: [bytes], repaired: [] };
  const decoded = decodeUtf8(bytes, file);
  if (!decoded.ok) return { loaded: null, problems: decoded.problems, repaired: [] };
  const parsed = parse(decoded.text, file);
  if (!parsed.ok) return { loaded: null, problems: parsed.problems, repaired: [] };
  const validated = validate(parsed.value);
  if (!validated.ok) {
    const { problems, rest, repaired } = validated;
    return { loaded: rest === null ? null : { parsed: parsed.value, document: rest }, problems, repaired };
  }
  const { document, warnings } = validated;
  return { loaded: { parsed: parsed.value, document }, problems: warnings, repaired: [] };
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
      return unreadable(file, 'the file does not exist', 'Check the path.');
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
