/** What can be told about SQL from its text, without a parser. */
import type { Finding } from './reporter.js';

/** The words that statements begin with. */
export const SQL_VERBS: readonly string[] = (
  'abort alter analyse analyze begin call checkpoint close cluster comment commit copy create deallocate declare ' +
  'delete discard do drop end execute explain fetch grant import insert listen load lock merge move notify prepare ' +
  'reassign refresh reindex release reset revoke rollback savepoint security select set show start table truncate ' +
  'unlisten update vacuum values with'
).split(' ');

const LEADING = new RegExp(`^(?:(?:${SQL_VERBS.join('|')})\\b|\\()`, 'i');

const ONE_WORD_VERB =
  /^(?:abort|begin|checkpoint|close|cluster|commit|deallocate|discard|end|execute|fetch|listen|load|lock|move|notify|prepare|release|reset|rollback|savepoint|show|start|table|unlisten)(?![\w-])/i;

/**
 * True when a text may be SQL by its first word: spares the parser, which costs some 20 microseconds a call, the
 * commands that cannot be.
 */
export function mayBeSql(text: string): boolean {
  return LEADING.test(withoutLeadingComments(text));
}

/**
 * True for text that Postgres's grammar takes and that people write as a shell command or as prose: `fetch origin`,
 * `notify ops`, `release v1`, `rollback to v1`. It is SQL only with the prefix.
 */
export function isShellLookalike(text: string): boolean {
  const statement = withoutLeadingComments(text);
  if (!ONE_WORD_VERB.test(statement)) return false;
  const words = statement.trim().split(/\s+/);
  return words.length <= 3 && !/;\s*\S/.test(statement) && words[1]?.toLowerCase() !== 'table';
}

/** The problem of a text that stands where SQL is expected. */
export function badSql(complaint: string): Finding {
  return {
    code: 'bad-sql',
    message: `Postgres's parser does not accept this SQL: ${complaint}`,
    advice: 'Correct the statement.',
  };
}

const OWN_TRANSACTION: readonly RegExp[] = [
  /^create\s+(?:unique\s+)?index\s+concurrently\b/i,
  /^drop\s+index\s+concurrently\b/i,
  /^reindex\s*(?:\([^)]*\)\s*)?(?:(?:index|table|schema)\s+)?concurrently\b/i,
  /^reindex\s*\([^)]*\bconcurrently\b(?!\s+(?:false|off|0))[^)]*\)/i,
  /^reindex\s*(?:\([^)]*\)\s*)?(?:schema|database|system)\b/i,
  /^vacuum\b/i,
  /^cluster\s*(?:\(\s*verbose\s*\)|verbose)?\s*;?\s*$/i,
  /^(?:create|drop)\s+database\b/i,
  /^alter\s+database\s+\S+\s+set\s+tablespace\b/i,
  /^alter\s+system\b/i,
  /^(?:create|drop)\s+tablespace\b/i,
  /^(?:create|drop|alter)\s+subscription\b/i,
  /^alter\s+table\b[^;]*\bdetach\s+partition\b[^;]*\bconcurrently\b/i,
];

/**
 * True for a statement that Postgres refuses inside a transaction block, so that it cannot commit together with its
 * journal row. Source: "cannot be executed within a transaction block" in the Postgres 17 command reference.
 * `ALTER TYPE ... ADD VALUE` may run in one since Postgres 12.
 */
export function needsOwnTransaction(statement: string): boolean {
  const text = withoutComments(statement).trim();
  return OWN_TRANSACTION.some((pattern) => pattern.test(text));
}

/** True for a statement that may share a transaction, but whose effect can only be used once it is committed: a new enum value. */
export function mustCommitFirst(statement: string): boolean {
  return /^alter\s+type\b.*\badd\s+value\b/is.test(withoutComments(statement).trim());
}

/** BEGIN, COMMIT and the like: they would end the transaction that the journal row belongs to. */
export function controlsTransaction(statement: string): boolean {
  const text = withoutComments(statement).trim();
  return /^(?:begin|commit|rollback(?!\s+to\b)|abort|end|start\s+transaction|prepare\s+transaction)\b/i.test(
    text,
  );
}

/**
 * The statements of a text, split at the semicolons that end them: not those in quotes, dollar quotes, comments or
 * `BEGIN ATOMIC` bodies. Statements keep their text; empty ones are left out.
 */
export function splitStatements(text: string): string[] {
  if (!text.includes(';')) return text.trim() === '' ? [] : [text.trim()];
  if (/\bbegin\s+atomic\b/i.test(text)) return [text.trim()];
  const statements: string[] = [];
  let start = 0;
  let blank = true;
  for (let at = 0; at < text.length; ) {
    const opaque = opaqueAt(text, at);
    if (opaque !== null) {
      blank &&= opaque.comment;
      at = opaque.end;
    } else if (text[at] === ';') {
      if (!blank) statements.push(text.slice(start, at).trim());
      at += 1;
      start = at;
      blank = true;
    } else {
      blank &&= /\s/.test(text[at] ?? '');
      at += 1;
    }
  }
  if (!blank) statements.push(text.slice(start).trim());
  return statements;
}

/** A stretch that begins at `at` and in which a semicolon means nothing; null when none begins there. */
function opaqueAt(text: string, at: number): { readonly end: number; readonly comment: boolean } | null {
  const first = text[at];
  const second = text[at + 1];
  if (first === '-' && second === '-') return { end: endAfter(text, '\n', at), comment: true };
  if (first === '/' && second === '*') return { end: endOfBlockComment(text, at), comment: true };
  if (first === "'") return { end: endOfString(text, at), comment: false };
  if (first === '"') return { end: endAfter(text, '"', at + 1), comment: false };
  if (first === '$' && !/[\w$]/.test(text[at - 1] ?? ' ')) {
    const tag = /^\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/.exec(text.slice(at, at + 70))?.[0];
    if (tag !== undefined) return { end: endAfter(text, tag, at + tag.length), comment: false };
  }
  return null;
}

function endAfter(text: string, mark: string, from: number): number {
  const found = text.indexOf(mark, from);
  return found === -1 ? text.length : found + mark.length;
}

function endOfString(text: string, at: number): number {
  const escapes = /(?<![\w$])e$/i.test(text.slice(Math.max(0, at - 2), at));
  for (let index = at + 1; index < text.length; index += 1) {
    if (escapes && text[index] === '\\') index += 1;
    else if (text[index] === "'") return index + 1;
  }
  return text.length;
}

function endOfBlockComment(text: string, at: number): number {
  let depth = 0;
  for (let index = at; index < text.length; index += 1) {
    const pair = text.slice(index, index + 2);
    if (pair === '/*') depth += 1;
    if (pair === '*/') depth -= 1;
    if (pair === '/*' || pair === '*/') index += 1;
    if (depth === 0) return index + 1;
  }
  return text.length;
}

function withoutLeadingComments(text: string): string {
  let at = 0;
  while (at < text.length) {
    const opaque = opaqueAt(text, at);
    if (opaque?.comment) at = opaque.end;
    else if (/\s/.test(text[at] ?? '')) at += 1;
    else break;
  }
  return text.slice(at, at + 200);
}

function withoutComments(text: string): string {
  if (!text.includes('--') && !text.includes('/*')) return text;
  let out = '';
  for (let at = 0; at < text.length; ) {
    const opaque = opaqueAt(text, at);
    const end = opaque?.end ?? at + 1;
    out += opaque?.comment ? ' ' : text.slice(at, end);
    at = end;
  }
  return out;
}
