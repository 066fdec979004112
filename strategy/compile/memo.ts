/** What `read` makes of a text, worked out once: a strategy repeats many of its sentences. */
export function memo<T>(read: (text: string) => T): (text: string) => T {
  const known = new Map<string, { readonly value: T }>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found.value;
    const value = read(text);
    known.set(text, { value });
    return value;
  };
}
