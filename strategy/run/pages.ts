/** Lists cut into pages that fit into one payload, whose limit is Temporal's 2 MiB. */

/** Characters of JSON in one page: even in three bytes each they stay below the limit. */
export const PAGE_CHARACTERS = 512 * 1024;

/** As many items from `from` on as fit into a page, at most `most` and at least one (none past the end). */
export function pageOf<T>(items: readonly T[], from: number, most: number): readonly T[] {
  const start = Math.max(0, from);
  let size = 0;
  let end = start;
  for (; end < Math.min(items.length, start + most); end += 1) {
    size += JSON.stringify(items[end]).length;
    if (end > start && size > PAGE_CHARACTERS) break;
  }
  return items.slice(start, end);
}
