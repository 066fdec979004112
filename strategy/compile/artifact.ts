/** What an artifact is called: "registry/cart-service:2.0.0", "cart-service@sha256:..." and "cart-service v2.0.0" are of "cart-service". */

export function serviceOf(artifact: string): string {
  const name = artifact
    .trim()
    .replace(/(?:@|\s+v?\d).*$/, '')
    .replace(/:[^/]*$/, '');
  return name.slice(name.lastIndexOf('/') + 1);
}

/** Null when it names none, such as a digest. */
export function versionOf(artifact: string): string | null {
  const text = artifact.trim().replace(/@.*$/, '');
  return (/:([^/:]+)$/.exec(text) ?? /\s+(v?\d\S*)$/.exec(text))?.[1] ?? null;
}

/** "Cart Service" and "cart_service" are one service. */
export function serviceKey(name: string): string {
  return name
    .trim()
    .toLowerCase()
    .replaceAll(/[\s_]+/g, '-');
}
