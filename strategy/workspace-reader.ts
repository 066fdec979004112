/**
 * What compiling needs to know of the world, answered by the caller, so that strategy/ itself touches nothing.
 */
export interface WorkspaceReader {
  /** What lies at a path relative to the workspace; null when nothing does. */
  file(path: string): FileFact | null;
  /** SHA-256, in hex, of the bytes of a file relative to the workspace; null when it cannot be read. */
  sha256(path: string): string | null;
  /** The names in a folder relative to the workspace; empty when there is no such folder. */
  names(folder: string): readonly string[];
  /** What Postgres's own parser objects to; null when it accepts the text as at least one statement. */
  sqlError(text: string): string | null;
  /**
   * Whether commands find a program, by its name or its absolute path.
   * @param path the PATH of the bindings as they write it, references included; null: that of this process
   */
  program(name: string, path: string | null): 'found' | 'missing' | 'unknown';
}

export interface FileFact {
  readonly kind: 'file' | 'folder';
  /** May be run by the user of sluice. */
  readonly executable: boolean;
  /** Starts with `#!`. */
  readonly shebang: boolean;
  /** Its real path leaves the workspace, by `..` or by a symbolic link. */
  readonly outside: boolean;
}
