/** What came of reading a sentence by its grammar. */

/** `partly`: it begins like such a sentence, and `words` are what is not understood. `none`: it is another kind. */
export type Reading<T> =
  | { readonly kind: 'understood'; readonly value: T }
  | { readonly kind: 'partly'; readonly words: string; readonly names: readonly string[] }
  | { readonly kind: 'none' };

/** Sentences longer than this are prose. */
export const LONGEST = 500;
