/** A place that keeps files by name; a name has slashes between its parts. */
export interface Archive {
  /** Replaces what has this name, as one. Throws an error that says where and why it could not. */
  put(name: string, content: Uint8Array): Promise<void>;
}
