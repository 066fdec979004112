/** JSON pointers (RFC 6901). */

/** The pointer to a key or an index below another pointer. */
export function below(pointer: string, segment: string | number): string {
  if (typeof segment === "number") return `${pointer}/${segment}`;
  return `${pointer}/${/[~/]/.test(segment) ? segment.replaceAll("~", "~0").replaceAll("/", "~1") : segment}`;
}

/** The keys and indexes that a pointer goes through. */
export function segments(pointer: string): readonly string[] {
  if (pointer === "") return [];
  return pointer
    .slice(1)
    .split("/")
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}
