/** Changes the text of a YAML file and leaves every other byte of it as it was written. */
import {
  type Document,
  isMap,
  isPair,
  isScalar,
  isSeq,
  type Node,
  parseDocument,
  stringify,
  type YAMLMap,
} from 'yaml';
import { sameTree, withValue } from './tree.js';

/**
 * The text with the value at the path, undefined to remove it; an index one behind a list's last adds an item. Null when that
 * cannot be done in place. Nothing is trusted to have touched only what it should: the result is read again and compared.
 */
export function editYaml(text: string, path: readonly string[], value: unknown): string | null {
  const document = parseDocument(text);
  if (document.errors.length > 0) return null;
  const after = edited(text, document, path, value);
  return after !== null && holds(after, withValue(document.toJS(), path, value)) ? after : null;
}

function holds(text: string, wanted: unknown): boolean {
  const document = parseDocument(text);
  return document.errors.length === 0 && sameTree(document.toJS(), wanted);
}

function edited(text: string, document: Document, path: readonly string[], value: unknown): string | null {
  const node = document.getIn(path.map(asKey), true);
  if (value === undefined) return removed(text, document, path);
  if (node === undefined) return appended(text, document, path, value) ?? added(text, document, path, value);
  if (!isScalar(node) || !node.range || (typeof value === 'object' && value !== null)) return null;
  const [start, end] = node.range;
  return text.slice(0, start) + scalar(value, node.type) + text.slice(end);
}

/** In the quotes that the value had before. */
function scalar(value: unknown, style: string | null | undefined): string {
  if (typeof value === 'string' && style === 'QUOTE_DOUBLE') return JSON.stringify(value);
  if (typeof value === 'string' && style === 'QUOTE_SINGLE') return `'${value.replaceAll("'", "''")}'`;
  return stringify(value, { lineWidth: 0 }).trimEnd();
}

function removed(text: string, document: Document, path: readonly string[]): string | null {
  const parent = blockMap(document, path.slice(0, -1));
  const pair = parent?.items.find(({ key }) => isScalar(key) && String(key.value) === path.at(-1));
  const from = startOf(pair?.key);
  if (pair === undefined || from === null) return null;
  const lineStart = text.lastIndexOf('\n', from - 1) + 1;
  if (text.slice(lineStart, from).trim() !== '') return null;
  const end = endOfLine(text, endOf(pair.value) ?? from);
  return text.slice(0, lineStart) + text.slice(end + 1);
}

/** One item more at the end of a list. */
function appended(text: string, document: Document, path: readonly string[], value: unknown): string | null {
  const list = document.getIn(path.slice(0, -1).map(asKey), true);
  if (!isSeq(list) || list.items.length !== Number(path.at(-1))) return null;
  const last = list.items.at(-1);
  const [first, end] = [startOf(list.items[0]), endOf(last)];
  if (first === null || end === null) return null;
  if (list.flow === true) return `${text.slice(0, end)}, ${inFlow(value)}${text.slice(end)}`;
  const dash = text.lastIndexOf('-', first - 1);
  const lines = stringify([value], { lineWidth: 0 }).trimEnd().split('\n');
  return inserted(text, end, lines, dash - (text.lastIndexOf('\n', dash) + 1));
}

/** After the last entry of the nearest map that is there. */
function added(text: string, document: Document, path: readonly string[], value: unknown): string | null {
  for (let depth = path.length - 1; depth >= 0; depth -= 1) {
    const parent = depth === 0 ? document.contents : document.getIn(path.slice(0, depth).map(asKey), true);
    if (parent === undefined) continue;
    if (!isMap(parent) || !parent.items.every(isPair)) return null;
    const first = startOf(parent.items[0]?.key);
    const last = parent.items.at(-1);
    if (first === null || last === undefined) return null;
    // The end of a block value is the start of the line after it.
    const end = endOf(last.value) ?? startOf(last.key) ?? first;
    const tree = withValue({}, path.slice(depth), value);
    if (parent.flow === true) {
      return `${text.slice(0, end)}, ${inFlow(tree).slice(1, -1).trim()}${text.slice(end)}`;
    }
    const lines = stringify(tree, { lineWidth: 0 }).trimEnd().split('\n');
    return inserted(text, end, lines, first - (text.lastIndexOf('\n', first - 1) + 1));
  }
  return null;
}

/** On one line, as it stands within brackets. */
function inFlow(value: unknown): string {
  return stringify(value, { collectionStyle: 'flow', lineWidth: 0 }).trim();
}

/** These lines below the one that ends at `end`, comments behind it included. */
function inserted(text: string, end: number, lines: readonly string[], indent: number): string {
  const at = endOfLine(text, text.slice(0, end).trimEnd().length);
  const insertion = lines.map((line) => `${' '.repeat(indent)}${line}`).join('\n');
  return `${text.slice(0, at)}\n${insertion}${at === text.length ? '\n' : ''}${text.slice(at)}`;
}

function blockMap(document: Document, path: readonly string[]): YAMLMap | null {
  const node = path.length === 0 ? document.contents : document.getIn(path.map(asKey), true);
  return isMap(node) && node.flow !== true && node.items.every(isPair) ? node : null;
}

function startOf(node: unknown): number | null {
  return rangeOf(node)?.[0] ?? null;
}

function endOf(node: unknown): number | null {
  return rangeOf(node)?.[1] ?? null;
}

function rangeOf(node: unknown): Node['range'] {
  return typeof node === 'object' && node !== null && isScalarOrCollection(node) ? node.range : null;
}

function isScalarOrCollection(node: object): node is Node {
  return 'range' in node;
}

function endOfLine(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end === -1 ? text.length : end;
}

/** An index of a list is a number to the library; a key of digits is found by it as well. */
export function asKey(key: string): string | number {
  return /^\d+$/.test(key) ? Number(key) : key;
}
