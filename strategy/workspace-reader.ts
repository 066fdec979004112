/**
 * What compiling needs to know of the world, answered by the caller, so that strategy/ itself touches nothing.
 */
export interface WorkspaceReader {
  /** What lies at a path relative to the workspace; null when nothing does. */
  file(path: string): FileFact | null;
  /** The names in a folder relative to the workspace; empty when there is no such folder. */
  names(folder: string): readonly string[];
  /** True when Postgres's own parser accepts the text. */
  isSql(text: string): boolean;
}

export interface FileFact {
  readonly kind: 'file' | 'folder';
  /** May be run by whoever runs sluice. */
  readonly executable: boolean;
  /** Starts with `#!`. */
  readonly shebang: boolean;
  /** Its real path leaves the workspace, by `..` or by a symbolic link. */
  readonly outside: boolean;
}
