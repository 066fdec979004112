/** JSON pointers (RFC 6901). */

/** The pointer to a key or an index below another pointer, one or more levels down. */
export function below(pointer: string, ...segments: readonly (string | number)[]): string {
  let path = pointer;
  for (const segment of segments)
    path += `/${typeof segment === 'number' ? segment : escapeSegment(segment)}`;
  return path;
}

function escapeSegment(segment: string): string {
  return /[~/]/.test(segment) ? segment.replaceAll('~', '~0').replaceAll('/', '~1') : segment;
}

/** The keys and indexes that a pointer goes through. */
export function segments(pointer: string): readonly string[] {
  if (pointer === '') return [];
  return pointer
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}
