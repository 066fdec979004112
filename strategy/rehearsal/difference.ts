/** Compares two fingerprints line by line, without what is masked. */
import { RE2JS } from 're2js';

/** What a masked part becomes. */
const MASKED = '[masked]';

/** The text with everything replaced that one of the expressions matches. The expressions were checked with the bindings. */
export function maskText(text: string, expressions: readonly string[]): string {
  return expressions.reduce(
    (masked, expression) => RE2JS.compile(expression, RE2JS.MULTILINE).matcher(masked).replaceAll(MASKED),
    text,
  );
}

/** Above this many lines between the first and the last difference, the middle is not aligned: that takes lines squared. */
const ALIGNED = 2_000;

/** The lines that are gone (`- `) and new (`+ `), in order; empty when nothing differs. */
export function differenceOf(before: string, after: string): readonly string[] {
  if (before === after) return [];
  const old = before.split('\n');
  const now = after.split('\n');
  let start = 0;
  while (start < old.length && start < now.length && old[start] === now[start]) start += 1;
  let end = 0;
  while (end < old.length - start && end < now.length - start && old.at(-1 - end) === now.at(-1 - end))
    end += 1;
  return aligned(old.slice(start, old.length - end), now.slice(start, now.length - end));
}

/** By the longest common subsequence. */
function aligned(old: readonly string[], now: readonly string[]): readonly string[] {
  if (old.length > ALIGNED || now.length > ALIGNED) {
    return [...old.map((line) => `- ${line}`), ...now.map((line) => `+ ${line}`)];
  }
  // common[i][j]: how many lines the rests from i and from j have in common.
  const common = Array.from({ length: old.length + 1 }, () => new Uint16Array(now.length + 1));
  const at = (i: number, j: number): number => common[i]?.[j] ?? 0;
  for (let i = old.length - 1; i >= 0; i -= 1) {
    const row = common[i];
    if (row === undefined) continue;
    for (let j = now.length - 1; j >= 0; j -= 1) {
      row[j] = old[i] === now[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const lines: string[] = [];
  let [i, j] = [0, 0];
  while (i < old.length || j < now.length) {
    if (i < old.length && j < now.length && old[i] === now[j]) {
      i += 1;
      j += 1;
    } else if (j >= now.length || (i < old.length && at(i + 1, j) >= at(i, j + 1))) {
      lines.push(`- ${old[i]}`);
      i += 1;
    } else {
      lines.push(`+ ${now[j]}`);
      j += 1;
    }
  }
  return lines;
}
