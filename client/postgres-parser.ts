/** Postgres's own grammar. */

/** What the parser objects to in a text; null when it accepts it as at least one statement. Loaded once per process. */
export async function postgresParser(): Promise<(text: string) => string | null> {
  // Importing it compiles megabytes of WebAssembly: only what reads a strategy does.
  const { loadModule, parseSync, SqlError } = await import('libpg-query');
  await loadModule();
  return (text) => {
    if (text.trim() === '') return 'it is empty';
    try {
      return (parseSync(text).stmts?.length ?? 0) > 0 ? null : 'it contains no statement';
    } catch (error) {
      if (error instanceof SqlError) return error.message;
      throw error;
    }
  };
}
