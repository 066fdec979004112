/** The kinds of value that the fields of a document are made of, and safe ways to read them. */

/** What may be left out, or be null. */
export type Maybe<T> = T | null | undefined;

export type Text = Maybe<string>;

export type Texts = Maybe<readonly (string | null)[]>;

export type List<T> = Maybe<readonly T[]>;

/** The items of a list; none when it is absent or null. */
export function list<T>(items: List<T>): readonly T[] {
  return items ?? [];
}

/** The sentences of a list that say something: entries that are null or blank ask for nothing. */
export function sentences(texts: Texts): readonly string[] {
  if (!texts) return [];
  return texts.filter((text): text is string => text !== null && text.trim() !== '');
}

/** The sentences of a list with their place in it, so that each can be pointed at. */
export function numbered(texts: Texts): readonly { readonly index: number; readonly text: string }[] {
  const found: { index: number; text: string }[] = [];
  for (const [index, text] of (texts ?? []).entries()) {
    if (text !== null && text.trim() !== '') found.push({ index, text });
  }
  return found;
}

/** A text that says something, else null. */
export function nonBlank(text: Text): string | null {
  return text !== null && text !== undefined && text.trim() !== '' ? text : null;
}

/** Phases or steps in the order in which they run, which their place in the file need not be. */
export function inOrder<T extends { readonly order: number }>(items: readonly T[]): readonly T[] {
  return [...items].sort((left, right) => left.order - right.order);
}
