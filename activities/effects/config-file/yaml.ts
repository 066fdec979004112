/** YAML: the value is replaced, added or removed in the text itself, so that all the rest stays as it was written. */
import {
  type Document,
  isMap,
  isPair,
  isScalar,
  type Node,
  parseDocument,
  stringify,
  type YAMLMap,
} from 'yaml';
import { Refusal } from '../../refusal.js';
import { type Codec, sameTree, withValue } from './tree.js';

export const yaml: Codec = {
  parse: (text) => documentOf(text).toJS(),
  write(text, path, value) {
    const wanted = withValue(documentOf(text).toJS(), path, value);
    const inPlace = edited(text, documentOf(text), path, value);
    if (inPlace !== null && holds(inPlace, wanted)) return inPlace;
    // Flow collections and block scalars: rewritten from the document, which keeps comments and may move spaces.
    const document = documentOf(text);
    if (value === undefined) document.deleteIn(path.map(asKey));
    else document.setIn(path.map(asKey), value);
    return document.toString({ lineWidth: 0 });
  },
};

function documentOf(text: string): Document.Parsed {
  const document = parseDocument(text, { uniqueKeys: true });
  const [first] = document.errors;
  if (first !== undefined) {
    throw new Refusal(`it is not YAML (${first.message.split('\n')[0] ?? 'it cannot be read'})`);
  }
  return document;
}

function holds(text: string, wanted: unknown): boolean {
  const document = parseDocument(text);
  return document.errors.length === 0 && sameTree(document.toJS(), wanted);
}

function edited(text: string, document: Document, path: readonly string[], value: unknown): string | null {
  const node = document.getIn(path.map(asKey), true);
  if (value === undefined) return removed(text, document, path);
  if (node === undefined) return added(text, document, path, value);
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

/** After the last entry of the nearest map that is there. */
function added(text: string, document: Document, path: readonly string[], value: unknown): string | null {
  for (let depth = path.length - 1; depth >= 0; depth -= 1) {
    if (document.getIn(path.slice(0, depth).map(asKey), true) === undefined) continue;
    const parent = blockMap(document, path.slice(0, depth));
    const first = startOf(parent?.items[0]?.key);
    const last = parent?.items.at(-1);
    if (parent === null || first === null || last === undefined) return null;
    const indent = first - (text.lastIndexOf('\n', first - 1) + 1);
    const tree = withValue({}, path.slice(depth), value);
    const lines = stringify(tree, { lineWidth: 0 }).trimEnd().split('\n');
    const insertion = lines.map((line) => `${' '.repeat(indent)}${line}`).join('\n');
    // The end of a block value is the start of the line after it.
    const valueEnd = endOf(last.value) ?? startOf(last.key) ?? first;
    const trimmed = text.slice(0, valueEnd).trimEnd().length;
    const at = endOfLine(text, trimmed);
    return `${text.slice(0, at)}\n${insertion}${at === text.length ? '\n' : ''}${text.slice(at)}`;
  }
  return null;
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
function asKey(key: string): string | number {
  return /^\d+$/.test(key) ? Number(key) : key;
}
