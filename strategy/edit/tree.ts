/** Files as data: values at paths, whatever the format. */
import { canonicalJson } from '../hash.js';

/** The value at a path; undefined when nothing is there. */
export function lookUp(tree: unknown, path: readonly string[]): unknown {
  let at = tree;
  for (const key of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined;
    at = Object.entries(at).find(([name]) => name === key)?.[1];
  }
  return at;
}

/** A copy with the value at a path; undefined removes it. */
export function withValue(tree: unknown, path: readonly string[], value: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  if (Array.isArray(tree)) {
    const index = Number(key);
    if (rest.length === 0 && value === undefined) return tree.toSpliced(index, 1);
    return tree.toSpliced(index, 1, withValue(tree[index], rest, value));
  }
  const members = typeof tree === 'object' && tree !== null ? Object.entries(tree) : [];
  const others = members.filter(([name]) => name !== key);
  if (rest.length === 0 && value === undefined) return Object.fromEntries(others);
  const inner = members.find(([name]) => name === key)?.[1];
  return Object.fromEntries([...others, [key, withValue(inner, rest, value)]]);
}

/** Whether two trees hold the same, in whatever order and class their parser made them. */
export function sameTree(one: unknown, other: unknown): boolean {
  if (one === undefined || other === undefined) return one === other;
  return canonicalJson(plain(one)) === canonicalJson(plain(other));
}

function plain(tree: unknown): unknown {
  return JSON.parse(JSON.stringify(tree));
}
