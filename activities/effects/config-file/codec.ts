/** What the formats of configuration files have in common. */

/** How one format is read, and written without touching anything else. Both throw `Refusal`. */
export interface Codec {
  readonly parse: (text: string) => unknown;
  /** The text with the value at the path; undefined removes the setting. */
  readonly write: (text: string, path: readonly string[], value: unknown) => string;
}

/** The text read as JSON; undefined when it is none. */
export function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // A word without quotes is a text.
  }
}
