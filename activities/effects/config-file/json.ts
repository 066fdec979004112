/** JSON, with comments and trailing commas as editors allow them. */
import {
  applyEdits,
  findNodeAtLocation,
  type JSONPath,
  modify,
  type Node,
  type ParseError,
  parse,
  parseTree,
  printParseErrorCode,
} from 'jsonc-parser';
import { Refusal } from '../../refusal.js';
import type { Codec } from './codec.js';

export const json: Codec = {
  parse(text) {
    const errors: ParseError[] = [];
    const tree: unknown = parse(text, errors, { allowTrailingComma: true });
    const [first] = errors;
    if (first === undefined) return tree;
    const line = text.slice(0, first.offset).split('\n').length;
    throw new Refusal(`it is not JSON (line ${line}: ${printParseErrorCode(first.error)})`);
  },
  write(text, path, value) {
    const location = locate(text, path);
    // The library lays the neighbours of an added or removed member out anew, so members on lines of their own are done here.
    const byLine = value === undefined ? withoutLine(text, location) : withLine(text, location, value);
    if (byLine !== null) return byLine;
    const formattingOptions = {
      insertSpaces: !/^\t/m.test(text),
      tabSize: /^( +)\S/m.exec(text)?.[1]?.length ?? 2,
      eol: text.includes('\r\n') ? '\r\n' : '\n',
    };
    return applyEdits(text, modify(text, location, value, { formattingOptions }));
  },
};

/** The path with numbers where an array is entered. */
function locate(text: string, path: readonly string[]): JSONPath {
  const root = parseTree(text);
  const found: JSONPath = [];
  for (const key of path) {
    const node = root === undefined ? undefined : findNodeAtLocation(root, found);
    found.push(node?.type === 'array' ? Number(key) : key);
  }
  return found;
}

/** Adds a member on a line below the last one of its object; null when there is no such line. */
function withLine(text: string, location: JSONPath, value: unknown): string | null {
  const members = membersAt(text, location.slice(0, -1));
  const last = members.at(-1);
  const key = location.at(-1);
  if (last === undefined || typeof key !== 'string' || members.some((member) => nameOf(member) === key))
    return null;
  const indent = /\r?\n[ \t]*$/.exec(text.slice(0, last.offset))?.[0];
  if (indent === undefined) return null;
  const end = last.offset + last.length;
  const [rest = '', comma] = AFTER_MEMBER.exec(text.slice(end)) ?? [];
  const member = `${indent}${JSON.stringify(key)}: ${JSON.stringify(value)}`;
  const separator = comma === undefined ? ',' : '';
  return `${text.slice(0, end)}${separator}${rest}${member}${text.slice(end + rest.length)}`;
}

/** Takes out a member that has lines of its own; null when it shares one. */
function withoutLine(text: string, location: JSONPath): string | null {
  const members = membersAt(text, location.slice(0, -1));
  const index = members.findIndex((member) => nameOf(member) === location.at(-1));
  const member = members[index];
  if (member === undefined) return null;
  const indent = /\r?\n[ \t]*$/.exec(text.slice(0, member.offset))?.[0];
  const end = member.offset + member.length;
  const [rest] = AFTER_MEMBER.exec(text.slice(end)) ?? [];
  if (indent === undefined || rest === undefined || !/^\r?\n/.test(text.slice(end + rest.length)))
    return null;
  const head = text.slice(0, member.offset - indent.length);
  const tail = text.slice(end + rest.length);
  const before = members[index - 1];
  if (index < members.length - 1 || before === undefined) return head + tail;
  // The member before becomes the last one and loses its comma.
  const beforeEnd = before.offset + before.length;
  return head.slice(0, beforeEnd) + head.slice(beforeEnd).replace(/^(\s*),/, '$1') + tail;
}

/** What may follow a member on its line: a comma, a comment. */
const AFTER_MEMBER = /^[ \t]*(,)?[ \t]*(?:\/\/[^\r\n]*|\/\*[^\r\n]*?\*\/[ \t]*)?/;

function membersAt(text: string, location: JSONPath): readonly Node[] {
  const root = parseTree(text, [], { allowTrailingComma: true });
  const node = root === undefined ? undefined : findNodeAtLocation(root, location);
  return node?.type === 'object' ? (node.children ?? []) : [];
}

function nameOf(member: Node): unknown {
  return member.children?.[0]?.value;
}
