/** TOML: edited line by line, and read by a parser that knows the whole language; what the two disagree on is refused. */
import { parse, TomlError } from 'smol-toml';
import { lookUp } from '../../../strategy/edit/tree.js';
import { Refusal } from '../../refusal.js';
import type { Codec } from './codec.js';

const PART = String.raw`(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*')`;
const KEY = String.raw`${PART}(?:[ \t]*\.[ \t]*${PART})*`;
const SETTING = new RegExp(String.raw`^([ \t]*(${KEY})[ \t]*=[ \t]*)(.*?)(\r?)$`);
const TABLE = new RegExp(String.raw`^[ \t]*\[[ \t]*(${KEY})[ \t]*\][ \t]*(?:#.*)?\r?$`);
const ARRAY_TABLE = /^[ \t]*\[\[/;

export const toml: Codec = {
  parse(text) {
    try {
      return parse(text);
    } catch (error) {
      if (!(error instanceof TomlError)) throw error;
      throw new Refusal(`it is not TOML (line ${error.line}: ${error.message.split('\n')[0] ?? ''})`);
    }
  },
  write(text, path, value) {
    const lines = text.split('\n');
    const { found, tables } = scan(lines, path);
    if (found !== null) {
      if (value === undefined) return lines.toSpliced(found.index, 1).join('\n');
      return lines.with(found.index, `${found.head}${print(value)}${found.tail}`).join('\n');
    }
    if (lookUp(parse(text), path) !== undefined) {
      throw new Refusal(
        'the setting is inside an inline table or an array of tables, which sluice does not edit',
      );
    }
    if (value === undefined) return text;
    const line = `${printKey(path.at(-1) ?? '')} = ${print(value)}`;
    const table = path.slice(0, -1);
    const end = tables.get(table.join('\n'));
    if (end !== undefined) return lines.toSpliced(end + 1, 0, line).join('\n');
    const gap = text === '' || text.endsWith('\n') ? '' : '\n';
    return `${text}${gap}\n[${table.map(printKey).join('.')}]\n${line}\n`;
  },
};

interface Setting {
  readonly index: number;
  readonly head: string;
  readonly tail: string;
}

function scan(
  lines: readonly string[],
  path: readonly string[],
): { found: Setting | null; tables: Map<string, number> } {
  let found: Setting | null = null;
  /** The index of the last line of a table that says something; null within an array of tables. */
  const tables = new Map<string, number>([['', -1]]);
  let table: readonly string[] | null = [];
  for (const [index, line] of lines.entries()) {
    const header = TABLE.exec(line)?.[1];
    if (header !== undefined) table = partsOf(header);
    else if (ARRAY_TABLE.test(line)) table = null;
    const setting = SETTING.exec(line);
    if (table === null || (header === undefined && setting === null)) continue;
    tables.set(table.join('\n'), index);
    const [, head = '', key = '', rest = '', cr = ''] = setting ?? [];
    if (setting === null || [...table, ...partsOf(key)].join('\n') !== path.join('\n')) continue;
    found = { index, head, tail: `${rest.slice(endOfValue(rest))}${cr}` };
  }
  return { found, tables };
}

function partsOf(key: string): readonly string[] {
  return [...key.matchAll(new RegExp(PART, 'g'))].map(([part]) => {
    if (part.startsWith('"')) return String(JSON.parse(part));
    return part.startsWith("'") ? part.slice(1, -1) : part;
  });
}

/** Where the value ends: at a comment or at the end of the line. @throws Refusal for a value of several lines */
function endOfValue(rest: string): number {
  if (/^(?:"""|''')/.test(rest))
    throw new Refusal('the value spans several lines, which sluice does not edit');
  let depth = 0;
  let at = 0;
  while (at < rest.length) {
    const text = /^(?:"(?:[^"\\]|\\.)*"|'[^']*')/.exec(rest.slice(at))?.[0];
    if (text !== undefined) at += text.length;
    else {
      const mark = rest[at];
      if (mark === '#') break;
      if (mark === '[' || mark === '{') depth += 1;
      if (mark === ']' || mark === '}') depth -= 1;
      at += 1;
    }
  }
  if (depth !== 0) throw new Refusal('the value spans several lines, which sluice does not edit');
  return rest.slice(0, at).trimEnd().length;
}

function printKey(key: string): string {
  return /^[A-Za-z0-9_-]+$/.test(key) ? key : JSON.stringify(key);
}

function print(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(print).join(', ')}]`;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return JSON.stringify(value);
  }
  throw new Refusal('TOML has no such value: use a text, a number, true, false, or a list of them');
}
