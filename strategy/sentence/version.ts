/** Versions as Semantic Versioning 2.0.0 orders them; "v2.1" is 2.1.0. */

interface Version {
  readonly numbers: readonly [major: number, minor: number, patch: number];
  /** Identifiers of a pre-release; empty for a release. */
  readonly pre: readonly string[];
}

const PATTERN = /^v?(\d{1,9})(?:\.(\d{1,9}))?(?:\.(\d{1,9}))?(?:-([0-9a-z.-]+))?(?:\+[0-9a-z.-]+)?$/i;

/** Null for a text that is no such version. */
function parseVersion(text: string): Version | null {
  const found = PATTERN.exec(text.trim());
  if (found === null) return null;
  const [, major = '0', minor = '0', patch = '0', pre] = found;
  return { numbers: [Number(major), Number(minor), Number(patch)], pre: pre?.split('.') ?? [] };
}

/** Below 0 when `one` comes first; null when one of them is no version, so that nobody knows. */
export function compareVersions(one: string, other: string): number | null {
  const [a, b] = [parseVersion(one), parseVersion(other)];
  if (a === null || b === null) return null;
  for (const [index, number] of a.numbers.entries()) {
    const difference = number - (b.numbers[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return comparePre(a.pre, b.pre);
}

/** A release comes after its pre-releases. */
function comparePre(one: readonly string[], other: readonly string[]): number {
  if (one.length === 0 || other.length === 0) return other.length - one.length;
  for (const [index, part] of one.entries()) {
    const against = other[index];
    if (against === undefined) return 1;
    const difference = compareIdentifiers(part, against);
    if (difference !== 0) return difference;
  }
  return one.length - other.length;
}

function compareIdentifiers(one: string, other: string): number {
  const [a, b] = [one, other].map((text) => /^\d+$/.test(text));
  if (a && b) return Number(one) - Number(other);
  if (a !== b) return a ? -1 : 1;
  return one < other ? -1 : one > other ? 1 : 0;
}

export function sameVersion(one: string, other: string): boolean {
  return one.trim() === other.trim() || compareVersions(one, other) === 0;
}

/** Whether an interface may break by the rules of Semantic Versioning: another major version, from 1.0.0 on. */
export function mayBreak(from: string, to: string): boolean {
  const [a, b] = [parseVersion(from), parseVersion(to)];
  return a !== null && b !== null && a.numbers[0] > 0 && a.numbers[0] !== b.numbers[0];
}
