/** What is wrong with a file: data first, one wording for people at the end. */

/** 1-based, as editors count. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** `error` stops a plan from being made; `warning` is something its author should know. */
export type Severity = 'error' | 'warning';

export interface Problem {
  /** Stable and short, such as `unknown-key`, for programs. */
  readonly code: string;
  readonly severity: Severity;
  readonly file: string;
  readonly position: Position;
  /** JSON pointer (RFC 6901) into the file; empty for the whole of it. */
  readonly pointer: string;
  /** What was found and why it cannot stand. */
  readonly message: string;
  /** What would be allowed, or what to do; null when the message says it all. */
  readonly advice: string | null;
}

/** Where each value of a parsed file stands. */
export interface SourceMap {
  readonly file: string;
  /** The position of the value at a JSON pointer, or of its nearest ancestor that has one. */
  at(pointer: string): Position;
}

/** `file:line:column: severity: message [code] (pointer)`, then the advice on a line of its own. */
export function formatProblem(problem: Problem): string {
  const { file, position, severity, message, code, pointer, advice } = problem;
  const where = pointer === '' ? '' : ` at ${pointer}`;
  const head = `${file}:${position.line}:${position.column}: ${severity}: ${message} [${code}${where}]`;
  return advice === null ? head : `${head}\n    ${advice}`;
}
