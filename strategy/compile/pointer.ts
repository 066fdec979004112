/** A JSON pointer (RFC 6901) one or more steps below another. */
export function below(pointer: string, ...keys: readonly (string | number)[]): string {
  let path = pointer;
  for (const key of keys) path += `/${typeof key === 'number' ? key : escapeKey(key)}`;
  return path;
}

function escapeKey(key: string): string {
  return key.includes('~') || key.includes('/') ? key.replaceAll('~', '~0').replaceAll('/', '~1') : key;
}
