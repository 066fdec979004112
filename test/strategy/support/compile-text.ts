/** Compiles a strategy given as text, in surroundings made up of a list of files. */

import { postgresParser } from '../../../client/postgres-parser.js';
import type { Unbound } from '../../../strategy/compile/compilation.js';
import { type Compiled, compile } from '../../../strategy/compile/compile.js';
import { parseBindings, parseStrategy } from '../../../strategy/parse.js';
import { formatProblem, type Problem } from '../../../strategy/problem.js';
import { validateBindings, validateStrategy } from '../../../strategy/validate.js';
import type { FileFact, WorkspaceReader } from '../../../strategy/workspace-reader.js';

export interface Given {
  readonly strategy: string;
  readonly bindings?: string;
  /** Paths, each as a runnable script unless it says otherwise. */
  readonly files?: Readonly<Record<string, Partial<FileFact> & { readonly sha256?: string | null }>>;
  readonly unbound?: Unbound;
  readonly strict?: boolean;
}

const sqlError = await postgresParser();

/** What is on the PATH of these surroundings. */
const PROGRAMS = new Set(
  'cp date docker find git ip kubectl make mv npm pg_dump rm systemctl truncate uptime'.split(' '),
);

export function surroundingsOf(files: Given['files'] = {}): WorkspaceReader {
  return {
    file(path) {
      if (path.startsWith('../')) return { kind: 'file', executable: false, shebang: false, outside: true };
      const fact = files[path];
      if (fact === undefined) return null;
      return { kind: 'file', executable: true, shebang: true, outside: false, ...fact };
    },
    sha256: (path) => (files[path]?.sha256 === undefined ? `hash of ${path}` : files[path].sha256),
    names(folder) {
      return Object.keys(files)
        .filter((path) => path.startsWith(`${folder}/`))
        .map((path) => path.slice(folder.length + 1))
        .filter((name) => !name.includes('/'));
    },
    sqlError,
    program: (name) => (PROGRAMS.has(name) ? 'found' : 'missing'),
  };
}

export function compileText(given: Given): Compiled {
  const strategy = must(validateStrategy(must(parseStrategy(given.strategy, 'strategy.yaml')).value));
  const source = must(parseStrategy(given.strategy, 'strategy.yaml')).value.source;
  const bindings = given.bindings === undefined ? null : bindingsOf(given.bindings);
  return compile({
    document: strategy.document,
    source,
    bindings,
    surroundings: surroundingsOf(given.files),
    unbound: given.unbound ?? 'person',
    strict: given.strict ?? false,
  });
}

function bindingsOf(text: string): {
  document: ReturnType<typeof documentOf>;
  source: ReturnType<typeof sourceOf>;
} {
  return { document: documentOf(text), source: sourceOf(text) };
}

function documentOf(text: string) {
  return must(validateBindings(must(parseBindings(text, 'bindings.yaml')).value)).document;
}

function sourceOf(text: string) {
  return must(parseBindings(text, 'bindings.yaml')).value.source;
}

/** The plan, when nothing is wrong. */
export function planOf(given: Given): NonNullable<Compiled['plan']> {
  const { plan, problems } = compileText(given);
  if (plan === null) throw new Error(problems.map(formatProblem).join('\n'));
  return plan;
}

/** The codes and pointers of what is wrong. */
export function troubles(problems: readonly Problem[]): string[] {
  return problems.map(({ code, pointer }) => `${code} ${pointer}`);
}

function must<T extends { readonly ok: boolean }>(answer: T): Extract<T, { ok: true }> {
  if (isGood(answer)) return answer;
  throw new Error(`the test's own text is wrong: ${JSON.stringify(answer)}`);
}

function isGood<T extends { readonly ok: boolean }>(answer: T): answer is Extract<T, { ok: true }> {
  return answer.ok;
}

/** A strategy with one phase, from the YAML of its steps and of what stands beside the phases. */
export function strategyOf(steps: string, beside = ''): string {
  return `metadata: { version: "1.0.0", migration_name: trial }
${beside}
migration_phases:
  - phase_id: PHASE-1
    name: One
    order: 1
    steps:
${steps.replace(/^/gm, '      ')}
`;
}

/** A step with the given fields, as YAML. */
export function stepOf(id: string, order: number, fields: string, type = 'data_migration'): string {
  return `- step_id: ${id}
  name: ${id}
  order: ${order}
  type: ${type}
${fields.replace(/^/gm, '  ')}`;
}
